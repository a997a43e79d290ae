import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { Mapping } from '../../src/mapping/model.ts';
import type { ShownLetter } from '../../src/shim/desk.ts';
import { loadMapping } from '../../src/source/mapping-folder.ts';
import type { Sink, TestShim } from './support.ts';
import { agentReady, endpoint, engineOptions, folderFor, post, startSink, startTestShim } from './support.ts';

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

function folder(): string {
  const made = folderFor('letters');
  ends.push(() => made.remove());
  return made.path;
}

/** Runs the command line; gives its exit code and what it printed. */
async function command(...args: readonly string[]): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> {
  let [out, err] = ['', ''];
  const stream = (take: (text: string) => void): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        take(String(chunk));
        done();
      },
    });
  const stdout = stream((text) => {
    out += text;
  });
  const stderr = stream((text) => {
    err += text;
  });
  const exit = await runProgram(args, { stdin: process.stdin, stdout, stderr, env: {} });
  return { exit, out, err };
}

async function letters(state: string, ...args: readonly string[]): Promise<readonly ShownLetter[]> {
  const { out } = await command('dead-letters', 'list', '--state', state, '--json', ...args);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ShownLetter);
}

/** A shim whose endpoint refuses one of three events of an agent, and two records that are none. */
async function withLetters(place: string): Promise<{ readonly shim: TestShim; readonly sink: Sink; readonly state: string }> {
  const sink = await startSink();
  ends.push(() => sink.close());
  sink.answer = ({ text }, response) => void response.writeHead(text.includes('00:00:01') ? 422 : 200).end();
  const shim = await startTestShim(place, [endpoint(sink.url, { name: 'new' })]);
  const events = [0, 1, 2].map((second) => agentReady('same', second));
  await post(shim.url, [...events, '{"EventType":"Nobody","EventTime":"2021-03-01T00:00:00Z"}', '{"broken'].join('\n'));
  await sink.until(5);
  const state = join(place, 'shim.db');
  await expect.poll(() => letters(state), { timeout: 10_000 }).toHaveLength(3);
  return { shim, sink, state };
}

describe('dead letters of a shim', () => {
  it('are listed with their reason and place while it runs, and by file when it does not', async () => {
    const { shim, state } = await withLetters(folder());
    const while_ = await letters(state);
    expect(while_.map(({ stage, code }) => `${stage} ${code}`).sort()).toEqual([
      'deliver refused',
      'parse bad-json',
      'translate unknown-type',
    ]);
    expect(while_.find(({ stage }) => stage === 'deliver')).toMatchObject({
      endpoint: 'new',
      type: 'AgentReady',
      message: 'new answered 422',
    });
    await shim.stop();
    expect(await letters(state)).toEqual(while_);
    const { out } = await command('dead-letters', 'list', '--state', state);
    expect(out).toContain('3 dead letters');
  });

  it('show the record or the event byte for byte, and nothing of it in the list', async () => {
    const { shim, state } = await withLetters(folder());
    const [broken] = await letters(state, '--stage', 'parse');
    expect(broken).not.toHaveProperty('body');
    const { out } = await command('dead-letters', 'show', '--state', state, String(broken?.id));
    expect(JSON.parse(out)).toMatchObject({ body: '{"broken', code: 'bad-json' });
    await shim.stop();
  });

  it('are redriven under the same id, while it runs', async () => {
    const { shim, sink, state } = await withLetters(folder());
    const before = sink.got.find(({ text }) => text.includes('00:00:01'))?.id;
    sink.answer = (_got, response) => void response.writeHead(200).end();
    const count = sink.got.length;
    const { exit, out } = await command('dead-letters', 'redrive', '--state', state, '--stage', 'deliver');
    expect([exit, out]).toEqual([0, '1 sent again, 0 refused as before\n']);
    await sink.until(count + 1);
    expect(sink.got.at(-1)?.id).toBe(before);
    expect(await letters(state, '--stage', 'deliver')).toEqual([]);
    await shim.stop();
  });

  it('are redriven without it, and sent when it runs again', async () => {
    const place = folder();
    const { shim, sink, state } = await withLetters(place);
    await shim.stop();
    sink.answer = (_got, response) => void response.writeHead(200).end();
    expect((await command('dead-letters', 'redrive', '--state', state, '--code', 'refused')).exit).toBe(0);
    const count = sink.got.length;
    const again = await startTestShim(place, [endpoint(sink.url, { name: 'new' })]);
    await sink.until(count + 1);
    expect(sink.got.at(-1)?.text).toContain('00:00:01');
    await again.stop();
  });

  it('stay dead letters when they are refused again, and the exit code says so (3)', async () => {
    const { shim, state } = await withLetters(folder());
    const { exit, out } = await command('dead-letters', 'redrive', '--state', state, '--stage', 'translate');
    expect([exit, out]).toEqual([3, '0 sent again, 1 refused as before\n']);
    expect(await letters(state, '--stage', 'translate')).toMatchObject([{ code: 'unknown-type' }]);
    await shim.stop();
  });

  it('are not removed, nor sent again, all at once by mistake', async () => {
    const { shim, state } = await withLetters(folder());
    for (const what of ['purge', 'redrive']) expect((await command('dead-letters', what, '--state', state)).exit).toBe(2);
    expect((await command('dead-letters', 'purge', '--state', state, '--all')).out).toBe('3 removed\n');
    expect(await letters(state)).toEqual([]);
    await shim.stop();
  });
});

describe('events that an endpoint refused', () => {
  /** The mapping, but for one field: what AgentReady brings along is dropped. */
  async function corrected(place: string): Promise<Mapping> {
    const dir = join(place, 'corrected');
    mkdirSync(join(dir, 'events'), { recursive: true });
    writeFileSync(join(dir, 'mapping.yaml'), 'name: corrected\nversion: "1"\nextends: ccc-2.0\n');
    const steps = 'steps:\n  - drop: [oddField]\n';
    writeFileSync(
      join(dir, 'events', 'AgentReady.yaml'),
      `event: AgentReady\nto: AgentReady\nuse: [event, agent]\nextra: [oddField]\n${steps}`,
    );
    return loadMapping(dir);
  }

  interface Refusing {
    readonly place: string;
    readonly sink: Sink;
    readonly shim: TestShim;
    readonly state: string;
    readonly refused: string;
  }

  /** An endpoint takes no event with an odd field; the second of three of an agent has one. */
  async function refusing(): Promise<Refusing> {
    const place = folder();
    const sink = await startSink();
    ends.push(() => sink.close());
    sink.answer = ({ text }, response) => void response.writeHead(text.includes('odd') ? 422 : 200).end();
    const shim = await startTestShim(place, [endpoint(sink.url, { name: 'new' })]);
    const events = [0, 1, 2].map((second) => agentReady('same', second));
    events[1] = (events[1] ?? '').replace('{', '{"oddField":"odd",');
    await post(shim.url, events.join('\n'));
    const state = join(place, 'shim.db');
    await expect.poll(() => letters(state), { timeout: 15_000 }).toHaveLength(1);
    return { place, sink, shim, state, refused: sink.got.find(({ text }) => text.includes('odd'))?.id ?? '' };
  }

  it('are written anew by a corrected mapping, and go out under their ids', { timeout: 30_000 }, async () => {
    const { place, sink, shim, state, refused } = await refusing();
    ends.push(() => shim.stop());
    const redrive = ['dead-letters', 'redrive', '--state', state, '--all', '--rewrite'];
    // As long as nothing is corrected it is refused again.
    expect((await command(...redrive)).exit).toBe(0);
    await expect.poll(() => sink.got.filter(({ id }) => id === refused).length, { timeout: 15_000 }).toBe(6);
    await expect.poll(() => letters(state), { timeout: 5_000 }).toHaveLength(1);
    shim.resume({ engine: { ...(await engineOptions()), mapping: await corrected(place) } });
    const count = sink.got.length;
    expect((await command(...redrive)).out).toBe('1 sent again, 0 refused as before\n');
    await sink.until(count + 1);
    expect(sink.got.at(-1)?.id).toBe(refused);
    expect(JSON.parse(sink.got.at(-1)?.text ?? '')).toMatchObject({ eventType: 'AgentReady', eventTime: '2021-03-01T00:00:01.000Z' });
    expect(sink.got.at(-1)?.text).not.toContain('odd');
    await expect.poll(() => letters(state)).toEqual([]);
  });

  it('are written anew without a shim, too, and still when it has been stopped and its journal forgotten', {
    timeout: 30_000,
  }, async () => {
    const { place, sink, shim, state, refused } = await refusing();
    await shim.stop();
    await corrected(place);
    const redrive = ['dead-letters', 'redrive', '--state', state, '--all', '--rewrite', '--mapping', join(place, 'corrected')];
    expect((await command(...redrive)).out).toBe('1 sent again, 0 refused as before\n');
    const count = sink.got.length;
    const again = await startTestShim(place, [endpoint(sink.url, { name: 'new' })]);
    ends.push(() => again.stop());
    await sink.until(count + 1);
    expect(sink.got.at(-1)?.id).toBe(refused);
    expect(sink.got.at(-1)?.text).not.toContain('odd');
  });

  it('can be written anew also when they were redriven as they were before, and refused again', { timeout: 30_000 }, async () => {
    const { place, sink, shim, state, refused } = await refusing();
    ends.push(() => shim.stop());
    await command('dead-letters', 'redrive', '--state', state, '--all');
    await expect.poll(() => sink.got.filter(({ id }) => id === refused).length, { timeout: 15_000 }).toBe(6);
    await expect.poll(() => letters(state), { timeout: 5_000 }).toHaveLength(1);
    shim.resume({ engine: { ...(await engineOptions()), mapping: await corrected(place) } });
    const { out } = await command('dead-letters', 'redrive', '--state', state, '--all', '--rewrite');
    expect(out).toBe('1 sent again, 0 refused as before\n');
    await sink.until(9);
    expect(sink.got.at(-1)?.id).toBe(refused);
  });

  it('go out before later events of their agent that wait when they are written anew without a shim', { timeout: 30_000 }, async () => {
    const { place, sink, shim, state } = await refusing();
    await shim.stop();
    const away = await startTestShim(place, [endpoint('http://127.0.0.1:9/in', { name: 'new' })]);
    await post(away.url, agentReady('same', 3));
    await away.stop();
    await corrected(place);
    await command('dead-letters', 'redrive', '--state', state, '--all', '--rewrite', '--mapping', join(place, 'corrected'));
    const count = sink.got.length;
    const again = await startTestShim(place, [endpoint(sink.url, { name: 'new' })]);
    ends.push(() => again.stop());
    await sink.until(count + 2);
    expect(sink.got.slice(count).map(({ text }) => (JSON.parse(text) as { readonly eventTime: string }).eventTime.slice(17, 19))).toEqual([
      '01',
      '03',
    ]);
  });

  it('can be written anew also when they were held while the shim was stopped', { timeout: 30_000 }, async () => {
    const [place, sink] = [folder(), await startSink()];
    ends.push(() => sink.close());
    sink.answer = (_got, response) => void response.writeHead(422).end();
    const start = async (): Promise<TestShim> =>
      startTestShim(place, [endpoint(sink.url, { name: 'new' })], { engine: { ...(await engineOptions()), hold: 1_500 } });
    const first = await start();
    await post(first.url, agentReady('same', 1).replace('AgentReady', 'AgentRinging').replace('{', '{"contactId":"7","connectId":"8",'));
    await first.stop();
    expect(sink.got).toHaveLength(0);
    const shim = await start();
    ends.push(() => shim.stop());
    const state = join(place, 'shim.db');
    await expect.poll(() => letters(state), { timeout: 15_000 }).toMatchObject([{ type: 'AgentRinging' }]);
    sink.answer = (_got, response) => void response.writeHead(200).end();
    const { out } = await command('dead-letters', 'redrive', '--state', state, '--all', '--rewrite');
    expect(out).toBe('1 sent again, 0 refused as before\n');
    await sink.until(4);
    expect(new Set(sink.got.map(({ id, text }) => `${id} ${text}`)).size).toBe(1);
  });

  it('stay dead letters where the mapping drops them now, and it is said of each (3)', { timeout: 30_000 }, async () => {
    const { shim, state } = await refusing();
    ends.push(() => shim.stop());
    const { mapping, ...others } = await engineOptions();
    const ready = mapping.events.get('AgentReady');
    if (ready === undefined) throw new Error('the mapping has no AgentReady');
    const events = new Map([...mapping.events, ['AgentReady', { ...ready, to: null }]]);
    shim.resume({ engine: { ...others, mapping: { ...mapping, events } } });
    const { exit, out, err } = await command('dead-letters', 'redrive', '--state', state, '--all', '--rewrite');
    expect([exit, out, err]).toEqual([
      3,
      '0 sent again, 0 refused as before, 1 left as they are\n',
      'letter 1 is left: the mapping drops AgentReady\n',
    ]);
    expect(await letters(state)).toHaveLength(1);
  });
});
