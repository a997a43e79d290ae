import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { runConvert } from '../../src/pipeline/run.ts';
import { callDesk, controlPath } from '../../src/shim/control.ts';
import type { EndpointOptions, ShimOptions } from '../../src/shim/options.ts';
import { jobIn } from '../pipeline/jobs.ts';
import { mappingNamed } from '../support/stream.ts';
import type { Sink } from './support.ts';
import { agentReady, endpoint, engineOptions, folderFor, post, startSink, startTestShim } from './support.ts';

let ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

const [OLD, CURRENT] = [await mappingNamed('ccc-2.0'), await mappingNamed('ccc-2.0-current')];

/** A 1.0 event that today's 2.0 names otherwise than the page of 2021. */
const ringingTimeout = (minute: number): string =>
  JSON.stringify({
    EventTime: new Date(Date.UTC(2021, 2, 11, 2, minute)).toISOString(),
    EventType: 'RingingTimeout',
    contactId: '7001',
    connectId: '8002',
    callType: 'Inbound',
    caller: '13900000001',
    callee: '4008001000',
    agentId: '1001@old',
  });

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/in';

function folder(): string {
  const { path, remove } = folderFor('profiles');
  ends.push(remove);
  return path;
}

async function sink(): Promise<Sink> {
  const made = await startSink();
  ends.push(() => made.close());
  return made;
}

/** Settings of an engine that knows a mapping by some names. */
async function knowing(...names: readonly string[]): Promise<ShimOptions['engine']> {
  return { ...(await engineOptions()), profiles: names.map((name) => ({ name, mapping: CURRENT })) };
}

const typesOf = ({ got }: Sink): readonly string[] => got.map(({ text }) => (JSON.parse(text) as { readonly eventType: string }).eventType);

describe('an endpoint with a profile', () => {
  it('gets the types that its own mapping calls so, under the ids that all have', async () => {
    const [plain, today, byOldName] = [await sink(), await sink(), await sink()];
    const types = ['RingingTimeout'];
    const endpoints = [
      endpoint(plain.url, { types }),
      endpoint(today.url, { types: ['AgentRingingTimeout'], profile: 'p' }),
      endpoint(byOldName.url, { types, profile: 'p' }),
    ];
    const shim = await startTestShim(folder(), endpoints, { engine: await knowing('p') });
    ends.push(() => shim.stop());
    await post(shim.url, `${agentReady('one', 1)}\n${ringingTimeout(1)}`);
    await Promise.all([plain.until(1), today.until(1)]);
    expect([plain, today, byOldName].map(typesOf)).toEqual([['RingingTimeout'], ['AgentRingingTimeout'], []]);
    expect(today.got[0]?.id).toBe(plain.got[0]?.id);
  });

  it('gets events by the profile that it has after a reload, whatever that is called', async () => {
    const to = await sink();
    const shim = await startTestShim(folder(), [endpoint(to.url, { profile: 'p' })], { engine: await knowing('p') });
    ends.push(() => shim.stop());
    const told = async (minute: number): Promise<void> => {
      await post(shim.url, ringingTimeout(minute));
      await to.until(minute);
    };
    await told(1);
    shim.resume({ endpoints: [endpoint(to.url, { profile: 'q' })], engine: await knowing('q') });
    await told(2);
    shim.resume({ endpoints: [endpoint(to.url)], engine: await knowing() });
    await told(3);
    expect(typesOf(to)).toEqual(['AgentRingingTimeout', 'AgentRingingTimeout', 'RingingTimeout']);
  });

  it.each([
    ['another one', 'q'],
    ['none', undefined],
  ])('gets what came before a restart as it was written then, also if it has %s since', async (_, profile) => {
    const [place, to] = [folder(), await sink()];
    const named = (url: string, change: Partial<EndpointOptions>): EndpointOptions => endpoint(url, { name: 'new', ...change });
    const shim = await startTestShim(place, [named(NOWHERE, { profile: 'p' })], { engine: await knowing('p') });
    await post(shim.url, `${agentReady('one', 1)}\n${ringingTimeout(1)}`);
    await shim.stop();
    const again = await startTestShim(place, [named(to.url, { profile })], { engine: await knowing('q') });
    ends.push(() => again.stop());
    await to.until(2);
    expect(typesOf(to)).toEqual(['AgentReady', 'AgentRingingTimeout']);
  });

  it('costs nothing for events that it does not get', async () => {
    const place = folder();
    const few = endpoint(`${NOWHERE}/few`, { profile: 'p', types: ['AgentRingingTimeout'] });
    const shim = await startTestShim(place, [endpoint(NOWHERE), few], { engine: await knowing('p') });
    const dialing = ringingTimeout(1).replace('RingingTimeout', 'Dialing');
    await post(shim.url, `${dialing}\n${ringingTimeout(2)}`);
    await shim.stop();
    const db = new Database(join(place, 'shim.db'), { readonly: true });
    ends.push(() => db.close());
    expect(db.prepare('SELECT type FROM forms').pluck().all()).toEqual(['AgentRingingTimeout']);
  });

  it('has what it refused in the dead letters as it was, and gets that again', async () => {
    const [place, to] = [folder(), await sink()];
    to.answer = (_got, response) => void response.writeHead(422).end();
    const shim = await startTestShim(place, [endpoint(to.url, { name: 'new', profile: 'p' })], { engine: await knowing('p') });
    ends.push(() => shim.stop());
    await post(shim.url, ringingTimeout(1));
    const desk = await callDesk(controlPath(join(place, 'shim.db')) ?? '');
    await expect
      .poll(async () => (await desk?.list({}, 10))?.letters, { timeout: 10_000 })
      .toMatchObject([{ type: 'AgentRingingTimeout' }]);
    to.answer = (_got, response) => void response.writeHead(200).end();
    await desk?.redrive({}, false);
    await to.until(4);
    expect(new Set(to.got.map(({ id, text }) => `${id} ${text}`)).size).toBe(1);
  });

  it('never gets an event whose form is damaged in the state', async () => {
    const [place, to] = [folder(), await sink()];
    const named = (url: string): EndpointOptions => endpoint(url, { name: 'new', profile: 'p' });
    const shim = await startTestShim(place, [named(NOWHERE)], { engine: await knowing('p') });
    await post(shim.url, `${ringingTimeout(1)}\n${agentReady('one', 1)}`);
    await shim.stop();
    const db = new Database(join(place, 'shim.db'));
    db.exec("UPDATE forms SET body = CAST(replace(CAST(body AS TEXT), 'AUDIO', 'VIDEO') AS BLOB)");
    db.close();
    const again = await startTestShim(place, [named(to.url)], { engine: await knowing('p') });
    ends.push(() => again.stop());
    await expect.poll(() => again.log.join('')).toContain('"code":"damaged"');
    await to.until(1);
    expect(typesOf(to)).toEqual(['AgentReady']);
  });

  it('gets what a conversion had not decided at the cut-over in its own words, and only the types that it wants', async () => {
    const [place, all, few] = [folder(), await sink(), await sink()];
    const input = join(place, 'before.ndjson');
    const rings = ringingTimeout(1).replace('RingingTimeout', 'AgentRinging');
    writeFileSync(input, `${rings}\n${ringingTimeout(1)}\n`);
    const job = await jobIn(place, [input], { mapping: OLD, keepOpen: true });
    await runConvert(job);
    const endpoints = [endpoint(all.url), endpoint(few.url, { profile: 'p', types: ['AgentRingingTimeout'] })];
    const shim = await startTestShim(place, endpoints, { warmFrom: job.state, engine: await knowing('p') });
    ends.push(() => shim.stop());
    await all.until(2);
    await few.until(1);
    expect([all, few].map(typesOf)).toEqual([['AgentRinging', 'RingingTimeout'], ['AgentRingingTimeout']]);
  });
});
