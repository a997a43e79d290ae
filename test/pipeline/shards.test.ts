import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConvertJob } from '../../src/pipeline/job.ts';
import { runConvert } from '../../src/pipeline/run.ts';
import type { MergeJob } from '../../src/pipeline/shards/merge-shards.ts';
import { mergeShards } from '../../src/pipeline/shards/merge-shards.ts';
import { hardLog, logs, settings } from './hard-log.ts';
import { filesOf, jobIn, put, runInPieces } from './jobs.ts';
import type { Ran } from './ran.ts';
import { differences, told } from './ran.ts';

/** However many machines share a log by contact, what is put together is what one run writes. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-shards-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fresh = (name: string): string => mkdtempSync(join(folder, name));

async function whole(inputs: readonly string[], change: Partial<ConvertJob>): Promise<Ran> {
  const job = await jobIn(fresh('one-'), inputs, change);
  const result = await runConvert(job);
  return { files: filesOf(job), told: told(result) };
}

/** Converts share by share; `stops`: each is stopped wherever it can be. */
async function shares(
  inputs: readonly string[],
  count: number,
  change: Partial<ConvertJob>,
  stops = false,
): Promise<readonly ConvertJob[]> {
  const jobs = await Promise.all(
    Array.from({ length: count }, (_, index) => jobIn(fresh(`shard-${index}-`), inputs, { ...change, shard: { index, count } })),
  );
  for (const job of jobs) {
    const result = stops ? (await runInPieces(job)).result : await runConvert(job);
    expect(result.imbalances).toEqual([]);
  }
  return jobs;
}

async function mergeJobOf(jobs: readonly ConvertJob[]): Promise<MergeJob> {
  const { output, deadLetters, dropped, provenance } = await jobIn(fresh('all-'), []);
  return {
    ...{ output, deadLetters, dropped, keepEmpty: true, force: false, onProgress: undefined },
    // In any order.
    shards: jobs.map((job) => job.output).reverse(),
    provenance: provenance.kind === 'file' ? provenance.path : undefined,
  };
}

async function merged(jobs: readonly ConvertJob[], change: Partial<MergeJob> = {}): Promise<Ran> {
  const job = { ...(await mergeJobOf(jobs)), ...change };
  const result = await mergeShards(job);
  expect(result.imbalances).toEqual([]);
  const provenance = { kind: 'file', path: job.provenance ?? '' } as const;
  const paths = { ...(jobs[0] as ConvertJob), output: job.output, deadLetters: job.deadLetters, dropped: job.dropped, provenance };
  const written = new Set(result.files.map(({ path }) => path));
  return {
    files: Object.fromEntries(
      Object.entries(
        filesOf({
          ...paths,
          dropped: written.has(job.dropped ?? '') ? job.dropped : undefined,
          provenance: written.has(job.provenance ?? '') ? provenance : { kind: 'none' },
        }),
      ),
    ),
    told: told(result),
  };
}

const log = () => hardLog({ seed: 'a', late: [0, 0, 0, 9000, 0, 60_000], without: ['CallReleased'] });
const text = () => `${log().lines.join('\n')}\n`;

describe('shards put together are one run', () => {
  it('whatever the log, the number of shards, the waits and the stops', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(logs, settings, fc.boolean(), async (hard, { lanes: count, ...change }, stops) => {
        const { lines, ids } = hardLog(hard);
        const input = put(fresh('in-'), 'in', `${lines.join('\n')}\n`);
        const one = await whole([input], { ids, ...change });
        expect(differences(folder, await merged(await shares([input], count, { ids, ...change }, stops)), one)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('with several inputs merged by time, compressed shards, provenance in the events', async () => {
    const { lines, ids } = log();
    const halves = [0, 1].map((part) => put(folder, `in${part}`, `${lines.filter((_, index) => index % 2 === part).join('\n')}\n`));
    const change = { ids, merge: true, provenance: { kind: 'field' } } as const;
    const one = await whole(halves, change);
    const count = 3;
    const jobs = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const at = fresh('gz-');
        return jobIn(at, halves, { ...change, shard: { index, count }, output: join(at, `out-${index}.ndjson.gz`) });
      }),
    );
    for (const job of jobs) await runConvert(job);
    expect(gunzipSync(readFileSync((jobs[0] as ConvertJob).output)).length).toBeGreaterThan(1000);
    expect(differences(folder, await merged(jobs), one)).toEqual([]);
  });

  it('also where nothing but the output is kept', async () => {
    const change = { ids: log().ids, provenance: { kind: 'none' }, dropped: undefined, deadLetters: undefined } as const;
    const input = put(folder, 'in', text());
    const one = await jobIn(fresh('one-'), [input], change);
    await runConvert(one);
    const jobs = await shares([input], 2, change);
    const job = await mergeJobOf(jobs);
    const { files, deadLetters } = await mergeShards(job);
    expect(files.map(({ kind }) => kind)).toEqual(['output']);
    expect(deadLetters.count).toBeGreaterThan(0);
    expect(readFileSync(job.output).equals(readFileSync(one.output))).toBe(true);
  });

  it('each has events of its own, and all of them are needed', async () => {
    const jobs = await shares([put(folder, 'in', text())], 3, { ids: log().ids });
    const sizes = jobs.map((job) => readFileSync(job.output).length);
    for (const size of sizes) expect(size).toBeGreaterThan(5000);
    const job = await mergeJobOf(jobs.slice(1));
    await expect(mergeShards(job)).rejects.toMatchObject({ code: 'shards-missing', message: 'of 3 shards there is one missing: 1/3' });
    const [first] = jobs as [ConvertJob];
    await expect(mergeShards(await mergeJobOf([...jobs, first]))).rejects.toMatchObject({ code: 'shard-twice' });
  });
});

describe('a shard that is not what it should be is refused, with what to do', () => {
  const twoShards = (change: Partial<ConvertJob> = {}) => shares([put(folder, 'in', text())], 2, { ids: log().ids, ...change });

  it('because it is of another job', async () => {
    const [a] = await twoShards();
    const [, b] = await twoShards({ lateness: 77 });
    const job = await mergeJobOf([a as ConvertJob, b as ConvertJob]);
    await expect(mergeShards(job)).rejects.toMatchObject({
      code: 'shards-differ',
      exit: 76,
      message: expect.stringMatching(/lateness is 5000 .* and 77 here/),
    });
  });

  it('because a byte of it was changed, or the last are missing', async () => {
    const jobs = await twoShards();
    const [first] = jobs as [ConvertJob];
    const bytes = readFileSync(first.output);
    const damaged = Buffer.from(bytes);
    damaged[5000] = (damaged[5000] ?? 0) ^ 1;
    writeFileSync(first.output, damaged);
    await expect(merged(jobs)).rejects.toMatchObject({ code: 'shard-damaged', exit: 65, place: expect.stringContaining(first.output) });
    writeFileSync(first.output, bytes.subarray(0, -10));
    await expect(merged(jobs)).rejects.toMatchObject({ code: 'shard-damaged', message: expect.stringContaining('shorter') });
    writeFileSync(first.output, bytes);
    await merged(jobs);
  });

  it('because it did not come to its end', async () => {
    const jobs = await twoShards();
    const places = `${jobs[1]?.output}.places`;
    writeFileSync(places, readFileSync(places, 'utf8').split('\n').slice(0, -2).join('\n'));
    await expect(merged(jobs)).rejects.toMatchObject({ code: 'shard-damaged', message: expect.stringContaining('not finished') });
  });

  it('because it has no places, or is none', async () => {
    const one = await jobIn(fresh('one-'), [put(folder, 'in', text())]);
    await runConvert(one);
    await expect(mergeShards(await mergeJobOf([one]))).rejects.toMatchObject({ code: 'no-shard', exit: 66 });
    writeFileSync(`${one.output}.places`, '{"some":"json"}\n');
    await expect(mergeShards(await mergeJobOf([one]))).rejects.toMatchObject({ code: 'shard-damaged' });
  });

  it('because it kept what was dropped, and that has nowhere to go', async () => {
    const job = await mergeJobOf(await twoShards());
    await expect(mergeShards({ ...job, dropped: undefined })).rejects.toMatchObject({ code: 'shard-files', exit: 2 });
  });
});
