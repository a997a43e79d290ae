import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConvertJob } from '../../src/pipeline/job.ts';
import { runConvert } from '../../src/pipeline/run.ts';
import { heldOf } from '../../src/translate/account.ts';
import { streamOf } from '../property/streams.ts';
import { filesOf, jobIn, put, runInPieces } from './jobs.ts';

/** A run that is stopped and goes on gives the bytes of one that was not, whatever the form of its input (promises, 3.1). */
let folder: string;
let ids: ConvertJob['ids'];
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-resume-'));
  const stream = streamOf({ seed: '11', calls: 12, open: 6, agents: 12, jitter: 3000, duplicates: 0.1 });
  ({ ids } = stream);
  // Every kind of side file gets something.
  lines = stream.lines.flatMap((line, index) =>
    index % 20 === 7 ? [line, '{"broken', '', '{"EventType":"Nonsense","EventTime":"2021-03-01T01:00:00Z","x":1}'] : [line],
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const fresh = (name: string): string => mkdtempSync(join(folder, name));
const ndjson = (): string => `${lines.join('\n')}\n`;
const array = (): string => `[${lines.filter((line) => line.startsWith('{"') && line.endsWith('}')).join(',\n')}]`;

async function whole(inputs: readonly string[], change: Partial<ConvertJob> = {}): Promise<Readonly<Record<string, string>>> {
  const job = await jobIn(fresh('whole-'), inputs, { ids, ...change });
  await runConvert(job);
  return filesOf(job);
}

describe('stopped at every place where it can be, a run ends with the same bytes', () => {
  it.each([
    ['lines', () => [put(folder, 'in', ndjson())]],
    [
      'gzip in two members',
      () => [put(folder, 'in.gz', Buffer.concat([gzipSync(ndjson().slice(0, 9000)), gzipSync(ndjson().slice(9000))]))],
    ],
    ['one array', () => [put(folder, 'in.json', array())]],
    ['values over several lines', () => [put(folder, 'in', lines.map((line) => line.replaceAll(',"', ',\n"')).join('\n'))]],
    [
      'several inputs',
      () =>
        [0, 1, 2].map((part) =>
          put(folder, `in${part}`, `${lines.slice(part * 80, part === 2 ? undefined : (part + 1) * 80).join('\n')}\n`),
        ),
    ],
    ['a byte order mark, and no last newline', () => [put(folder, 'in', `\uFEFF${ndjson().trimEnd()}`)]],
  ])('of %s', async (_, inputsOf) => {
    const inputs = inputsOf();
    const expected = await whole(inputs);
    const job = await jobIn(fresh('run-'), inputs, { ids });
    const { stops, result } = await runInPieces(job);
    expect(stops).toBeGreaterThan(5);
    expect(filesOf(job)).toEqual(expected);
    expect([result.ending, result.imbalances]).toEqual(['done', []]);
    const { dead = '' } = expected;
    expect(dead.length).toBeGreaterThan(100);
  });

  it('into compressed files, member by member', async () => {
    const inputs = [put(folder, 'in', ndjson())];
    const at = fresh('run-');
    const change = (root: string) => ({ output: join(root, 'out.gz'), provenance: { kind: 'file', path: join(root, 'why.gz') } as const });
    const wholeFolder = fresh('whole-');
    const one = await jobIn(wholeFolder, inputs, { ids, ...change(wholeFolder) });
    await runConvert(one);
    const job = await jobIn(at, inputs, { ids, ...change(at) });
    expect((await runInPieces(job)).stops).toBeGreaterThan(5);
    expect(filesOf(job)).toEqual(filesOf(one));
    const plain = await whole(inputs);
    expect(gunzipSync(readFileSync(job.output)).toString('latin1')).toBe(plain['out.ndjson']);
  });

  it('with few calls in memory and the others in the state', async () => {
    const inputs = [put(folder, 'in', ndjson())];
    const expected = await whole(inputs, { lateness: 20_000, hold: 60_000 });
    const job = await jobIn(fresh('run-'), inputs, { ids, lateness: 20_000, hold: 60_000 });
    await runInPieces(job);
    expect(filesOf(job)).toEqual(expected);
  });

  it('with provenance in the events, and a limit', async () => {
    const inputs = [put(folder, 'in', ndjson())];
    const change = { limit: 150, provenance: { kind: 'field' } } as const;
    const expected = await whole(inputs, change);
    const job = await jobIn(fresh('run-'), inputs, { ids, ...change });
    await runInPieces(job);
    expect(filesOf(job)).toEqual(expected);
  });
});

describe('--merge', () => {
  it('takes overlapping inputs by their times: the same events as of one input, stopped or not', async () => {
    const sorted = streamOf({ seed: '11', calls: 12, open: 6, agents: 12 }).lines;
    const parts = [0, 1, 2].map((part) => put(folder, `part${part}`, `${sorted.filter((_, index) => index % 3 === part).join('\n\n')}\n`));
    const one = await whole([put(folder, 'one', `${sorted.join('\n')}\n`)]);
    const merged = await whole(parts, { merge: true });
    const linesOf = (text: string | undefined) => text?.split('\n').sort();
    expect(linesOf(merged['out.ndjson'])).toEqual(linesOf(one['out.ndjson']));
    const job = await jobIn(fresh('run-'), parts, { ids, merge: true });
    const { stops, result } = await runInPieces(job);
    expect(stops).toBeGreaterThan(5);
    expect(filesOf(job)).toEqual(merged);
    expect([result.blanks, result.records]).toEqual([sorted.length - 3, sorted.length]);
  });
});

describe('going on is refused', () => {
  async function stopped(change: Partial<ConvertJob> = {}): Promise<ConvertJob> {
    const job = await jobIn(fresh('run-'), [put(folder, 'in', ndjson())], { ids, ...change });
    await expect(runConvert({ ...job, signal: AbortSignal.abort('SIGINT') })).rejects.toMatchObject({ code: 'stopped', exit: 130 });
    return job;
  }

  it('if the part of the input that was converted is another (76)', async () => {
    const job = await stopped();
    writeFileSync(join(folder, 'in'), ndjson().replace('0', '1'));
    await expect(runConvert(job)).rejects.toMatchObject({ code: 'input-changed', exit: 76 });
    await expect(runConvert({ ...job, restart: true })).resolves.toMatchObject({ ending: 'done' });
  });

  it('if the unfinished output is shorter than the checkpoint says, or altered (65)', async () => {
    const job = await stopped();
    const partial = `${job.output}.partial`;
    const bytes = readFileSync(partial);
    truncateSync(partial, bytes.length - 1);
    await expect(runConvert(job)).rejects.toMatchObject({ code: 'output-altered', exit: 65 });
    writeFileSync(partial, bytes.toString('latin1').replace('e', 'E'), 'latin1');
    await expect(runConvert(job)).rejects.toMatchObject({ code: 'output-altered', exit: 65 });
    writeFileSync(partial, bytes);
    await expect(runConvert(job)).resolves.toMatchObject({ ending: 'done' });
  });

  it('but not if it is longer: what came after the checkpoint is cut off', async () => {
    const expected = await whole([put(folder, 'in', ndjson())]);
    const job = await stopped();
    appendFileSync(`${job.output}.partial`, '{"torn');
    await runConvert(job);
    expect(filesOf(job)).toEqual(expected);
  });
});

describe('a run with --keep-open', () => {
  it('goes on when the last input has grown, with the bytes of one run over the whole', async () => {
    const growing = put(folder, 'growing', ndjson());
    const expected = await whole([growing]);
    const job = await jobIn(fresh('run-'), [growing], { ids });
    for (const part of [0.3, 0.31, 0.6, 0.6]) {
      // Cut anywhere: a line that is not complete yet waits for the rest.
      writeFileSync(growing, ndjson().slice(0, Math.floor(ndjson().length * part)));
      const result = await runConvert({ ...job, keepOpen: true });
      expect([result.ending, result.imbalances, existsSync(job.output)]).toEqual(['open', [], false]);
      const held = [...result.books.input.values()].reduce((sum, row) => sum + heldOf(row), 0);
      expect(held).toBeGreaterThan(0);
    }
    writeFileSync(growing, ndjson());
    const result = await runConvert(job);
    expect([result.ending, result.imbalances]).toEqual(['done', []]);
    expect(filesOf(job)).toEqual(expected);
  });

  it('takes up inputs that are added behind the last', async () => {
    const parts = [lines.slice(0, 150), lines.slice(150)].map((part, index) => put(folder, `day${index}`, `${part.join('\n')}\n`));
    const expected = await whole(parts);
    const job = await jobIn(fresh('run-'), parts.slice(0, 1), { ids });
    await runConvert({ ...job, keepOpen: true });
    await runConvert({ ...job, inputs: parts });
    expect(filesOf(job)).toEqual(expected);
  });

  it('refuses an input that was not the last and has grown (76)', async () => {
    const parts = [lines.slice(0, 150), lines.slice(150)].map((part, index) => put(folder, `day${index}`, `${part.join('\n')}\n`));
    const job = await jobIn(fresh('run-'), parts, { ids });
    await runConvert({ ...job, keepOpen: true });
    appendFileSync(parts[0] as string, '\n');
    await expect(runConvert(job)).rejects.toMatchObject({ code: 'input-changed', exit: 76 });
  });
});

describe('a finished job', () => {
  it('does nothing when it is run again, and refuses new inputs (76)', async () => {
    const input = put(folder, 'in', ndjson());
    const job = await jobIn(fresh('run-'), [input], { ids });
    const first = await runConvert(job);
    const before = filesOf(job);
    const again = await runConvert(job);
    expect([again.ending, again.records, again.files, again.imbalances]).toEqual(['again', first.records, first.files, []]);
    expect(filesOf(job)).toEqual(before);
    await expect(runConvert({ ...job, inputs: [input, put(folder, 'more', '')] })).rejects.toMatchObject({
      code: 'input-changed',
      exit: 76,
    });
  });
});
