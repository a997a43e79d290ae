import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConvertJob } from '../../src/pipeline/job.ts';
import { runConvert } from '../../src/pipeline/run.ts';
import type { EndpointOptions } from '../../src/shim/options.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { jobIn } from '../pipeline/jobs.ts';
import { mappingNamed } from '../support/stream.ts';
import type { TestShim } from './support.ts';
import { endpoint, engineOptions, folderFor, post, startTestShim } from './support.ts';

let ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

const LOG = readFileSync(join(import.meta.dirname, '../../examples/legacy.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
/** Nobody listens there: everything stays in the outbox. */
const NOWHERE = endpoint('http://127.0.0.1:9/in');

/** Everything in the outbox of a shim that has stopped, for one of its endpoints, in its order. */
function outboxOf(state: string, { name }: EndpointOptions = NOWHERE): readonly string[] {
  const store = openSqlite(state);
  try {
    const rows = store.outbox.pending(store.outbox.endpoint(name), 0, 100_000);
    return rows.map(({ body }) => Buffer.from(body).toString('utf8'));
  } finally {
    store.close();
  }
}

/** Posts a log in pieces of uneven size, some of them after a pause in which waits run out. */
async function postAll(shim: TestShim, lines: readonly string[]): Promise<void> {
  for (let at = 0, size = 1; at < lines.length; at += size, size = 1 + ((size * 7) % 13)) {
    expect((await post(shim.url, lines.slice(at, at + size).join('\n'))).status).toBe(202);
    if (size === 8) await sleep(180);
  }
}

describe('what a shim captured', () => {
  it('gives, converted as received, the 2.0 events that the shim sent, byte for byte', { timeout: 60_000 }, async () => {
    const { path: folder, remove } = folderFor('capture');
    ends.push(remove);
    const capture = join(folder, 'capture');
    const shim = await startTestShim(folder, [NOWHERE], { capture });
    await postAll(shim, LOG.slice(0, 400));
    await post(shim.url, `${LOG[10]}\nnonsense\n{"EventType":"AgentTalk"}`);
    await post(shim.url, '{\n  "EventTime": "2021-03-01T09:00:00Z",\n  "EventType": "AgentReady",\n  "agentId": "9@old"\n}', {
      'content-type': 'application/json',
    });
    // Until all waits have run out: what a shim has not decided yet, a conversion decides at its end.
    await sleep(600);
    await shim.stop();
    const files = readdirSync(capture).map((name) => join(capture, name));
    const job = await jobIn(folder, files, { asReceived: true, hold: 300, checkpointEvery: 10_000 });
    await runConvert(job);
    const converted = readFileSync(job.output, 'utf8').trimEnd().split('\n');
    expect(converted).toEqual(outboxOf(join(folder, 'shim.db')));
    expect(converted.length).toBeGreaterThan(400);
    // It holds personal data.
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('gives each endpoint the 2.0 events of its profile, also over a restart', { timeout: 60_000 }, async () => {
    const { path: folder, remove } = folderFor('profiles');
    ends.push(remove);
    const mapping = await mappingNamed('ccc-2.0-current');
    const profile = 'ccc-2.0-current';
    const current = endpoint('http://127.0.0.1:9/current', { profile });
    const few = endpoint('http://127.0.0.1:9/few', { profile, types: ['AgentRingingTimeout', 'CDRReady'] });
    const old = endpoint('http://127.0.0.1:9/old', { types: ['RingingTimeout'] });
    const capture = join(folder, 'capture');
    const base = await engineOptions();
    const start = () =>
      startTestShim(folder, [NOWHERE, current, few, old], { capture, engine: { ...base, profiles: [{ name: profile, mapping }] } });
    const first = await start();
    await postAll(first, LOG.slice(0, 250));
    await first.stop();
    const second = await start();
    await postAll(second, LOG.slice(250));
    await sleep(600);
    await second.stop();
    const files = readdirSync(capture).map((name) => join(capture, name));
    const convertedBy = async (change: Partial<ConvertJob>): Promise<readonly string[]> => {
      const name = change.mapping?.name ?? 'own';
      const job = await jobIn(join(folder, name), files, { asReceived: true, hold: 300, ...change });
      await runConvert(job);
      return readFileSync(job.output, 'utf8').trimEnd().split('\n');
    };
    const state = join(folder, 'shim.db');
    for (const name of ['own', mapping.name]) mkdirSync(join(folder, name));
    const [own, other] = [await convertedBy({}), await convertedBy({ mapping })];
    const typeOf = (line: string): string => (JSON.parse(line) as { readonly eventType: string }).eventType;
    expect(outboxOf(state)).toEqual(own);
    expect(outboxOf(state, current)).toEqual(other);
    expect(outboxOf(state, few)).toEqual(other.filter((line) => few.types?.includes(typeOf(line))));
    expect(outboxOf(state, old)).toEqual(own.filter((line) => typeOf(line) === 'RingingTimeout'));
    expect(other).not.toEqual(own);
    for (const type of few.types ?? []) expect(other.map(typeOf)).toContain(type);
  });
});
