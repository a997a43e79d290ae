import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UpcastError } from '../../src/errors.ts';
import { runReplay } from '../../src/replay/replayer.ts';
import type { Sink } from '../shim/support.ts';
import { folderFor, startSink } from '../shim/support.ts';
import type { TestEvent } from './support.ts';
import { EVERYTHING, httpTarget, jobOf, linesOf, orderBreaks, streamOf } from './support.ts';

let ends: (() => Promise<void> | void)[] = [];
let folder = '';
let sink: Sink;

beforeEach(async () => {
  const made = folderFor('replay');
  folder = made.path;
  sink = await startSink();
  ends.push(made.remove, () => sink.close());
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

interface ReceiptLine {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly attempts: number;
  readonly latencyMs: number;
  readonly code?: string;
}

function read<T>(name: string): readonly T[] {
  const text = readFileSync(join(folder, name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

const texts = (): readonly string[] => sink.got.map(({ text }) => text);

describe('a replay', () => {
  it('delivers every event once, byte for byte, in order for each contact and each agent', async () => {
    const events = streamOf(500, 20);
    const result = await runReplay(await jobOf(folder, linesOf(events), httpTarget(sink.url)));
    expect(result.ending).toBe('done');
    expect(result.counts).toMatchObject({ delivered: 500, failed: 0, attempts: 500, retries: 0 });
    expect([...texts()].sort()).toEqual(events.map((event) => JSON.stringify(event)).sort());
    expect(orderBreaks(texts())).toBe(0);
    expect(new Set(sink.got.map(({ id }) => id)).size).toBe(500);
  });

  it('sends what it read, however far it has read on meanwhile', async () => {
    sink.answer = (_got, response) => void setTimeout(() => response.writeHead(200).end(), 2);
    const input = linesOf(streamOf(6_000, 500));
    await runReplay(await jobOf(folder, input, httpTarget(sink.url, { concurrency: 32 })));
    expect([...texts()].sort().join('\n')).toBe(input.trim().split('\n').sort().join('\n'));
  });

  it('has a receipt for each event, under the id that was sent', async () => {
    const events = streamOf(50, 5);
    await runReplay(await jobOf(folder, linesOf(events), httpTarget(sink.url)));
    const receipts = read<ReceiptLine>('receipts.ndjson');
    expect(receipts.map(({ id }) => id).sort()).toEqual(sink.got.map(({ id }) => id).sort());
    expect(receipts.every(({ status, attempts, latencyMs }) => status === 'delivered' && attempts === 1 && latencyMs > 0)).toBe(true);
    expect(existsSync(join(folder, 'dead.ndjson'))).toBe(false);
  });

  it('gives an event the same id each time, and takes that of its provenance', async () => {
    const id = 'ab'.repeat(32);
    const known = `{"_upcast":{"id":"${id}","kind":"translated"},"eventType":"AgentReady","agentId":"a","eventTime":"2026-03-01T08:00:00.000Z"}\n`;
    const made = linesOf(streamOf(2, 1));
    await runReplay(await jobOf(folder, known + made, httpTarget(sink.url)));
    await runReplay(await jobOf(folder, known + made, httpTarget(sink.url), { restart: true, force: true }));
    expect(sink.got).toHaveLength(6);
    expect(sink.got.map(({ id: each }) => each).filter((each) => each === id)).toHaveLength(2);
    expect(new Set(sink.got.map(({ id: each }) => each)).size).toBe(3);
    const sent = sink.got.find(({ id: each }) => each === id);
    expect(sent?.text).toBe('{"eventType":"AgentReady","agentId":"a","eventTime":"2026-03-01T08:00:00.000Z"}');
  });

  it('tells equal events apart by their number, so that neither is lost to the other', async () => {
    const [event] = streamOf(1, 1);
    await runReplay(await jobOf(folder, linesOf([event, event, event] as object[]), httpTarget(sink.url)));
    expect(new Set(sink.got.map(({ id }) => id)).size).toBe(3);
  });

  it('takes ids from a provenance file, line by line, and refuses one of another stream', async () => {
    const events = streamOf(3, 1);
    const provenance = join(folder, 'provenance.ndjson');
    const ids = ['01', '23', '45'].map((each) => each.repeat(32));
    writeFileSync(provenance, ids.map((id) => `{"id":"${id}","kind":"translated"}\n`).join(''));
    await runReplay(await jobOf(folder, linesOf(events), httpTarget(sink.url), { provenance }));
    expect(sink.got.map(({ id }) => id)).toEqual(ids);
    writeFileSync(provenance, `{"id":"${ids[0]}"}\n`);
    const short = await runReplay(await jobOf(folder, linesOf(events), httpTarget(sink.url), { provenance, restart: true, force: true }));
    expect((short.error as UpcastError).code).toBe('bad-provenance');
  });

  it('sends again what was answered 503, under the same id, and nothing of that contact meanwhile', async () => {
    let refused = 0;
    sink.answer = ({ text }, response) => {
      const isBad = text.includes('"n":7,') || text.endsWith('"n":7}');
      if (isBad && refused < 2) {
        refused += 1;
        response.writeHead(503, { 'retry-after': '0' }).end();
      } else response.writeHead(200).end();
    };
    const result = await runReplay(await jobOf(folder, linesOf(streamOf(60, 4)), httpTarget(sink.url)));
    expect(result.counts).toMatchObject({ delivered: 60, failed: 0, attempts: 62, retries: 2 });
    const sevens = sink.got.filter(({ text }) => text.endsWith('"n":7}'));
    expect(sevens).toHaveLength(3);
    expect(new Set(sevens.map(({ id }) => id)).size).toBe(1);
    expect(orderBreaks(texts().filter((text, at, all) => all.lastIndexOf(text) === at))).toBe(0);
  });

  it('lists what is refused for good: as a receipt, and as a dead letter that can be replayed under its id', async () => {
    sink.answer = ({ text }, response) => void response.writeHead(text.endsWith('"n":3}') ? 422 : 200).end();
    const job = await jobOf(folder, linesOf(streamOf(10, 10)), httpTarget(sink.url));
    const result = await runReplay(job);
    expect(result).toMatchObject({ ending: 'done', counts: { delivered: 9, failed: 1 }, read: { meant: 10 } });
    const failed = read<ReceiptLine>('receipts.ndjson').filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ code: 'refused', attempts: 3 }]);
    const [dead] = read<TestEvent & { readonly _upcast: { readonly id: string; readonly code: string } }>('dead.ndjson');
    expect(dead).toMatchObject({ n: 3, _upcast: { id: failed[0]?.id, code: 'refused' } });
    // What was wrong is mended: the file of dead letters is replayed.
    sink.answer = (_got, response) => void response.writeHead(200).end();
    const again = { ...job, inputs: [join(folder, 'dead.ndjson')], state: undefined, receipts: undefined, deadLetters: undefined };
    expect(await runReplay(again)).toMatchObject({ ending: 'done', counts: { delivered: 1 } });
    expect(sink.got.at(-1)).toMatchObject({ id: failed[0]?.id, text: JSON.stringify(streamOf(10, 10)[3]) });
  }, 20_000);

  it('lists records that are no events, and sends the others', async () => {
    const good = linesOf(streamOf(3, 1));
    const result = await runReplay(await jobOf(folder, `nonsense\n${good}{"a":1}\n`, httpTarget(sink.url)));
    expect(result).toMatchObject({ ending: 'done', counts: { delivered: 3 }, read: { noEvents: 2 } });
    expect(read<{ readonly code: string }>('dead.ndjson').map(({ code }) => code)).toEqual(['bad-json', 'no-type']);
  });

  it('sends batches as arrays, each event with its id', async () => {
    await runReplay(await jobOf(folder, linesOf(streamOf(200, 200)), httpTarget(sink.url, { batch: 50, concurrency: 1 })));
    const events = texts().flatMap((text) => JSON.parse(text) as readonly { readonly _upcast: { readonly id: string } }[]);
    expect(events).toHaveLength(200);
    expect(sink.got.length).toBeLessThan(20);
    expect(new Set(events.map(({ _upcast }) => _upcast.id)).size).toBe(200);
  });

  it('writes a file in the order of the stream', async () => {
    const input = linesOf(streamOf(300, 7));
    const to = join(folder, 'copy.ndjson');
    const result = await runReplay(await jobOf(folder, input, { kind: 'file', path: to }));
    expect(result).toMatchObject({ ending: 'done', counts: { delivered: 300 } });
    expect(readFileSync(to, 'utf8')).toBe(input);
  });

  it('of nothing sends nothing and ends', async () => {
    expect(await runReplay(await jobOf(folder, '', httpTarget(sink.url)))).toMatchObject({ ending: 'done', counts: { delivered: 0 } });
    expect(sink.got).toHaveLength(0);
  });

  it('that is finished does nothing when it is run again', async () => {
    const job = await jobOf(folder, linesOf(streamOf(10, 2)), httpTarget(sink.url));
    await runReplay(job);
    expect(await runReplay(job)).toMatchObject({ ending: 'again', counts: { delivered: 10 } });
    expect(sink.got).toHaveLength(10);
  });
});

describe('a replay that is stopped', () => {
  /** Stops after some requests. */
  async function stopAfter(count: number): Promise<void> {
    const stopper = new AbortController();
    sink.answer = (_got, response) => {
      if (sink.got.length === count) stopper.abort('SIGTERM');
      response.writeHead(200).end();
    };
    const job = await jobOf(folder, linesOf(streamOf(400, 20)), httpTarget(sink.url), { signal: stopper.signal });
    const result = await runReplay(job);
    expect(result.ending).toBe('stopped');
    expect((result.error as UpcastError).exit).toBe(143);
    sink.answer = (_got, response) => void response.writeHead(200).end();
  }

  it('goes on where it was: nothing is missing, nothing was sent twice that was answered', async () => {
    await stopAfter(150);
    const before = sink.got.length;
    expect(before).toBeLessThan(180);
    const result = await runReplay(await jobOf(folder, linesOf(streamOf(400, 20)), httpTarget(sink.url)));
    expect(result).toMatchObject({ ending: 'done', counts: { delivered: 400 }, read: { meant: 400 } });
    expect(result.before.delivered).toBe(before);
    expect(sink.got).toHaveLength(400);
    expect(orderBreaks(texts())).toBe(0);
    expect(read<ReceiptLine>('receipts.ndjson')).toHaveLength(400);
  });

  it('refuses to go on with an input that is another one, before it sends anything', async () => {
    await stopAfter(100);
    const before = sink.got.length;
    const changed = linesOf(streamOf(400, 20)).replace('"n":3}', '"n":4}');
    const result = await runReplay(await jobOf(folder, changed, httpTarget(sink.url)));
    expect((result.error as UpcastError).code).toBe('input-changed');
    expect(sink.got).toHaveLength(before);
    const longer = await jobOf(folder, linesOf(streamOf(401, 20)), httpTarget(sink.url));
    await expect(runReplay(longer)).rejects.toMatchObject({ code: 'state-other-job', exit: 76 });
  });

  it('refuses to go on as another replay, and begins anew when it is told to', async () => {
    await stopAfter(100);
    const before = sink.got.length;
    const selection = { ...EVERYTHING, types: ['AgentTalk'] };
    const other = await jobOf(folder, linesOf(streamOf(400, 20)), httpTarget(sink.url), { selection });
    await expect(runReplay(other)).rejects.toMatchObject({ code: 'state-other-job', exit: 76 });
    expect(await runReplay({ ...other, restart: true })).toMatchObject({ ending: 'done', counts: { delivered: 200 } });
    expect(sink.got).toHaveLength(before + 200);
  });
});

describe('a target that does not take events', () => {
  it('is given up after --give-up without any success', async () => {
    const job = await jobOf(folder, linesOf(streamOf(10, 2)), httpTarget('http://127.0.0.1:9/in'), { giveUp: 1_500 });
    const result = await runReplay(job);
    expect(result).toMatchObject({ ending: 'gave-up', counts: { delivered: 0, failed: 0 } });
    expect(result.error).toMatchObject({ code: 'target-unreachable', exit: 69 });
    expect(result.seconds).toBeLessThan(10);
  }, 20_000);

  it.each([401, 403, 410])('because it answers %i is given up at once, and what was not sent is sent when it is mended', async (status) => {
    sink.answer = (_got, response) => void response.writeHead(sink.got.length > 5 ? status : 200).end();
    const job = await jobOf(folder, linesOf(streamOf(50, 10)), httpTarget(sink.url, { concurrency: 1 }));
    const result = await runReplay(job);
    expect(result).toMatchObject({ ending: 'gave-up', error: { code: 'target-refused', exit: 69 } });
    sink.answer = (_got, response) => void response.writeHead(200).end();
    expect(await runReplay(job)).toMatchObject({ ending: 'done', counts: { delivered: 50, failed: 0 } });
  });

  it('for a while is waited for', async () => {
    sink.answer = (_got, response) => void response.writeHead(sink.got.length < 12 ? 500 : 200).end();
    const result = await runReplay(await jobOf(folder, linesOf(streamOf(40, 20)), httpTarget(sink.url)));
    expect(result).toMatchObject({ ending: 'done', counts: { delivered: 40, failed: 0 } });
    expect(orderBreaks(texts().filter((text, at, all) => all.lastIndexOf(text) === at))).toBe(0);
  }, 30_000);
});
