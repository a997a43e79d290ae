import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createRandom } from '../../bench/generate/random.ts';
import { EXIT, UpcastError } from '../../src/errors.ts';
import { decompress } from '../../src/parse/decompress.ts';
import type { Outcome } from '../parse/read.ts';
import { chunked, readAll } from '../parse/read.ts';
import type { Sample } from './cuts/samples.ts';
import { gzipSample, zstdSample } from './cuts/samples.ts';
import type { Data } from './support/job.ts';
import { createJob, differences, goldenOf, isDone, prepareData, runJob } from './support/job.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

const CALLS = 22;
const LINES = 12;
/** One cut in so many is also read byte by byte, which takes long. */
const IN_BYTES_EVERY = 16;

/** Cuts compressed files at every byte: what is before the cut comes, then a named error; a file that has grown whole is resumed. */
export async function cuts(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const seed = options.seed ?? SEED;
  const data = await prepareData(join(options.folder, 'data'), CALLS, seed);
  const lines = readFileSync(data.ndjson, 'utf8')
    .split(/(?<=\n)/)
    .filter((line) => line.trim() !== '')
    .slice(0, LINES);
  const [gz, zst] = [gzipSample(lines), await zstdSample(lines)];
  const samples = zst === undefined ? [gz] : [gz, zst];
  const bad: string[] = [];
  let ran = 0;
  for (const sample of samples) {
    bad.push(...(await cutEverywhere(sample)));
    ran += sample.bytes.length + 1;
  }
  const grown = options.full ? 60 : 6;
  bad.push(...(await growFiles(options, data, grown, `${seed}/cuts`)));
  ran += grown;
  return {
    name: 'cuts',
    ran,
    wanted: zst === undefined ? ran + gz.bytes.length : ran,
    bad,
    seconds: (performance.now() - started) / 1000,
    notes: zst === undefined ? ['zst was NOT RUN: the package zstd-napi is not installed'] : [],
  };
}

async function cutEverywhere(sample: Sample): Promise<string[]> {
  const whole = await read(sample, sample.bytes.length, false, false);
  const bad: string[] = [];
  for (let length = 0; length <= sample.bytes.length; length++) {
    for (const inBytes of length % IN_BYTES_EVERY === 0 ? [false, true] : [false]) {
      const found =
        wrongCut(sample, length, whole, await read(sample, length, inBytes, false)) ??
        wrongAllowed(sample, length, whole, await read(sample, length, inBytes, true));
      if (found !== undefined)
        bad.push(`${sample.name} cut at ${length} of ${sample.bytes.length}${inBytes ? ', byte by byte' : ''}: ${found}`);
    }
  }
  return bad;
}

/** Reads what a cut leaves, in one piece or byte by byte. */
async function read(sample: Sample, length: number, inBytes: boolean, allowTruncated: boolean): Promise<Outcome> {
  const bytes = sample.bytes.subarray(0, length);
  const pieces = chunked(bytes, inBytes ? Array.from(bytes.keys()) : []);
  return readAll(named(decompress(pieces, { name: sample.name, allowTruncated })), { allowTruncated });
}

/** Lets only errors through that tell the program how to end. */
async function* named(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (error instanceof UpcastError && error.exit === EXIT.damaged) throw error;
    throw new Error('the error of a cut is not one of damaged input', { cause: error });
  }
}

/** Complete lines that a cut leaves. */
function linesIn(sample: Sample, length: number): number {
  return sample.text.subarray(0, sample.textIn(length)).toString('latin1').split('\n').length - 1;
}

function wrongCut(sample: Sample, length: number, whole: Outcome, got: Outcome): string | undefined {
  const lines = linesIn(sample, length);
  const code = sample.isWhole(length) ? undefined : 'truncated-input';
  if (got.error?.code !== code) return `expected ${code ?? 'no error'}, got ${got.error?.code ?? 'none'}`;
  if (isDeepStrictEqual(got.items, whole.items.slice(0, lines))) return undefined;
  return `expected the first ${lines} lines, got ${got.items.length} items`;
}

/** With --allow-truncated there is no error, and of the line that is cut at most what is there of it, as a bad record. */
function wrongAllowed(sample: Sample, length: number, whole: Outcome, got: Outcome): string | undefined {
  const lines = linesIn(sample, length);
  if (got.error !== undefined) return `--allow-truncated: expected no error, got ${got.error.code}`;
  if (!isDeepStrictEqual(got.items.slice(0, lines), whole.items.slice(0, lines))) return `--allow-truncated: lost some of ${lines} lines`;
  const [rest, ...more] = got.items.slice(lines);
  const isRight = rest === undefined || 'code' in rest || isDeepStrictEqual(rest, whole.items[lines]);
  return isRight && more.length === 0 ? undefined : `--allow-truncated: ${got.items.length - lines} items after the last whole line`;
}

/** A run meets a file that breaks off, keeps what was there, and goes on when the file is whole. */
async function growFiles(options: TierOptions, data: Data, count: number, seed: string): Promise<string[]> {
  const random = createRandom(seed);
  const whole = readFileSync(data.gz);
  const path = join(options.folder, 'grows.ndjson.gz');
  const job = createJob({ ...data, gz: path }, join(options.folder, 'grows'), { input: 'gz', checkpointEvery: '16KiB' });
  writeFileSync(path, whole);
  const golden = await goldenOf(job, options);
  const bad: string[] = [];
  for (let number = 0; number < count; number++) {
    const length = random.int(1, whole.length - 1);
    const here = job.in(join(options.folder, `grows-${number}`));
    writeFileSync(path, whole.subarray(0, length));
    const first = await runJob(here, options);
    if (first.exit !== EXIT.damaged) bad.push(`cut at ${length}: expected exit 65, got ${first.exit ?? first.signal}: ${first.stderr}`);
    writeFileSync(path, whole);
    const second = await runJob(here, options);
    const wrong = isDone(second.exit) ? differences(golden, here) : [`exit ${second.exit ?? second.signal}: ${second.stderr}`];
    bad.push(...wrong.map((what) => `cut at ${length} of seed ${seed}, grown whole: ${what}`));
  }
  return bad;
}

await runAlone(cuts, import.meta.url);
