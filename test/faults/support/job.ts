import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Data } from './data.ts';
import type { RunOptions } from './process.ts';
import { runProgram } from './process.ts';

export type { Data } from './data.ts';
export { prepareData } from './data.ts';
export type { Ran, RunOptions } from './process.ts';

/** How the command line of a job is varied. */
export interface JobOptions {
  readonly input?: 'ndjson' | 'gz' | 'array' | 'merge';
  /** Decompressed input between two checkpoints. */
  readonly checkpointEvery?: string;
  readonly gzOutput?: boolean;
  /** Threads that share the work. */
  readonly lanes?: number;
}

/** One conversion: its command line, and what it is to leave behind in its folder. */
export interface Job {
  readonly folder: string;
  readonly inputs: readonly string[];
  /** Names of the files whose bytes are promised. */
  readonly files: readonly string[];
  /** Name of the state file. */
  readonly state: string;
  /** Arguments after the program's name. */
  args(extra?: readonly string[]): string[];
  /** The same job with its outputs in another folder. */
  in(folder: string): Job;
}

const STATE = 'state';

/** A job over prepared data; the folder is made if it is not there. */
export function createJob(data: Data, folder: string, options: JobOptions = {}): Job {
  const { input = 'ndjson', checkpointEvery = '64KiB', gzOutput = false, lanes } = options;
  mkdirSync(folder, { recursive: true });
  const inputs = input === 'merge' ? data.halves : [data[input]];
  const output = gzOutput ? 'out.ndjson.gz' : 'out.ndjson';
  const at = (name: string): string => resolve(folder, name);
  return {
    folder,
    inputs,
    files: [output, 'provenance.ndjson', 'dead-letters.ndjson', 'dropped.ndjson'],
    state: STATE,
    args: (extra = []) => [
      ...['convert', ...inputs, '--ids', data.ids, '-o', at(output), '--state', at(STATE), '-q'],
      ...['--provenance', at('provenance.ndjson'), '--dead-letters', at('dead-letters.ndjson'), '--dropped', at('dropped.ndjson')],
      ...['--checkpoint-every', checkpointEvery],
      ...(input === 'merge' ? ['--merge'] : []),
      ...(lanes === undefined ? [] : ['--lanes', String(lanes)]),
      ...extra,
    ],
    in: (other) => createJob(data, other, options),
  };
}

/** Runs a job once, with its folder as working directory. Errors: it does not end. */
export function runJob(job: Job, options: RunOptions & { readonly extra?: readonly string[] } = {}): ReturnType<typeof runProgram> {
  return runProgram(job.args(options.extra), job.folder, options);
}

/** True if a run came to its end: 3 = with dead letters. */
export function isDone(exit: number | null): boolean {
  return exit === 0 || exit === 3;
}

/** What a job writes when nothing disturbs it, by file name. */
export async function goldenOf(job: Job, options: { readonly program?: string } = {}): Promise<Map<string, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'ccc-golden-'));
  try {
    const calm = job.in(folder);
    const { exit, stderr } = await runJob(calm, options);
    if (!isDone(exit)) throw new Error(`the undisturbed run ended with ${exit}: ${stderr}`);
    const golden = new Map(calm.files.map((name) => [name, readFileSync(join(folder, name))]));
    for (const [name, bytes] of golden)
      if (bytes.length === 0) throw new Error(`the undisturbed run left ${name} empty: nothing to compare`);
    return golden;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files that are not as they should be, one line each. */
export function differences(golden: ReadonlyMap<string, Buffer>, job: Job): string[] {
  return [...golden].flatMap(([name, expected]) => {
    const path = join(job.folder, name);
    if (!existsSync(path)) return [`${name}: missing`];
    const got = readFileSync(path);
    return got.equals(expected)
      ? []
      : [`${name}: differs at byte ${firstDifference(expected, got)} (${expected.length} expected, ${got.length} got)`];
  });
}

function firstDifference(expected: Buffer, got: Buffer): number {
  const shorter = Math.min(expected.length, got.length);
  for (let at = 0; at < shorter; at++) if (expected[at] !== got[at]) return at;
  return shorter;
}
