import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stopped } from '../flips/stopped.ts';
import { stopAt } from '../flips/stopped.ts';
import type { Data, Job, JobOptions, Ran } from '../support/job.ts';
import { createJob, differences, goldenOf, isDone, runJob } from '../support/job.ts';

/** What the tests of one worker share. */
export interface Bench {
  readonly data: Data;
  readonly program: string;
  readonly golden: ReadonlyMap<string, Buffer>;
  /** Folder of the worker. */
  readonly folder: string;
  /** A job that was told to stop midway; its checkpoint covers all that it wrote. */
  readonly stopped: Stopped;
}

/** One test; returns what is wrong. */
export interface Case {
  readonly name: string;
  /** True if it mounts a file system. */
  readonly needsRoot: boolean;
  run(bench: Bench): Promise<string | undefined>;
}

/** Prepares a worker's folder, with inputs of its own, since some tests alter them. */
export async function createBench(data: Data, folder: string, program: string, options: JobOptions = {}): Promise<Bench> {
  const own = { ...data, ndjson: join(folder, 'legacy.ndjson'), ids: join(folder, 'ids.csv') };
  const job = createJob(own, join(folder, 'job'), options);
  cpSync(data.ndjson, own.ndjson);
  cpSync(data.ids, own.ids);
  const golden = await goldenOf(job, { program });
  const size = golden.get(job.files[0] ?? '')?.length ?? 0;
  const stopped = await stopAt(job, size / 2, { program, signal: 'SIGTERM' });
  return { data: own, program, golden, folder, stopped };
}

/** Runs a job that must now come to its end with the right bytes; returns what is wrong. */
export async function finish(job: Job, bench: Bench, extra: readonly string[] = []): Promise<string | undefined> {
  return judge(await runJob(job, { program: bench.program, extra }), job, bench);
}

/** What is wrong with a run that should have come to its end. */
export function judge(ran: Ran, job: Job, { golden }: Pick<Bench, 'golden'>): string | undefined {
  if (!isDone(ran.exit)) return `exit ${ran.exit ?? ran.signal}, not done: ${ran.stderr}`;
  const wrong = differences(golden, job);
  return wrong.length > 0 ? `done, but ${wrong.join('; ')}` : undefined;
}

/** What is wrong with how a run ended that should have been one of these. */
export function wrongExit(ran: Ran, exits: readonly number[]): string | undefined {
  return exits.includes(ran.exit ?? -1) ? undefined : `exit ${ran.exit ?? ran.signal}, not ${exits.join(' or ')}: ${ran.stderr}`;
}

/** All files of a folder with their bytes. */
export function contents(folder: string): Map<string, Buffer> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Files that came, went or changed, in words. */
export function changes(before: ReadonlyMap<string, Buffer>, folder: string): string | undefined {
  const after = contents(folder);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    return was === undefined || is === undefined || !was.equals(is);
  });
  return changed.length > 0 ? `touched: ${changed.join(', ')}` : undefined;
}
