import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../bench/generate/random.ts';
import { stopAt } from '../flips/stopped.ts';
import type { Data, Job } from '../support/job.ts';
import { createJob, differences, goldenOf, isDone, runJob } from '../support/job.ts';

/** How two runs of one job at once ended: one was refused, one came after the other, or something is wrong. */
export type RaceEnd = 'refused' | 'after' | { readonly bad: string };

/** Two runs of one job at once. */
export type Race = (random: Random) => Promise<RaceEnd>;

const BUSY = 75;
const CANNOT_CREATE = 73;
/** Checkpoints so close that a run lasts longer than another waits for its state, half a second. */
const CLOSE = '2KiB';
/** The second starts up to so much later. */
const LATEST_MS = 40;

/** Races by what the two runs find when they start. */
export async function createRaces(data: Data, folder: string, program: string): Promise<ReadonlyMap<string, Race>> {
  const job = createJob(data, join(folder, 'job'), { checkpointEvery: CLOSE });
  const golden = await goldenOf(job, { program });
  const half = (golden.get(job.files[0] ?? '')?.length ?? 0) / 2;
  const midway = await stopAt(job.in(join(folder, 'midway')), half, { program });
  // No checkpoint before the end: what is left is a state that holds nothing yet.
  const early = await stopAt(createJob(data, join(folder, 'early'), { checkpointEvery: '64MiB' }), 1, { program });
  const race = (one: Job, begin: () => void, extra: readonly string[] = []): Race => {
    return async (random) => {
      begin();
      return raceOnce(one, golden, random.int(0, LATEST_MS), program, extra);
    };
  };
  const empty = (): void => {
    rmSync(job.folder, { recursive: true, force: true });
    mkdirSync(job.folder);
  };
  return new Map([
    ['with nothing', race(job, empty)],
    ['resumed', race(midway.job, midway.restore)],
    ['before the first checkpoint', race(early.job, early.restore)],
    ['--restart', race(midway.job, midway.restore, ['--restart'])],
  ]);
}

async function raceOnce(
  job: Job,
  golden: ReadonlyMap<string, Buffer>,
  laterMs: number,
  program: string,
  extra: readonly string[],
): Promise<RaceEnd> {
  const later = sleep(laterMs).then(() => runJob(job, { program, extra }));
  const both = await Promise.all([runJob(job, { program, extra }), later]);
  const done = both.filter(({ exit }) => isDone(exit)).length;
  const refused = both.filter(({ exit }) => exit === BUSY).length;
  // One that begins anew when the other is done finds its output.
  const found = extra.length > 0 ? both.filter(({ exit }) => exit === CANNOT_CREATE).length : 0;
  const wrong = differences(golden, job);
  if (wrong.length === 0 && done === 1 && refused === 1) return 'refused';
  if (wrong.length === 0 && done >= 1 && done + found === 2) return 'after';
  const ended = both.map(({ exit, signal, stderr }) => `exit ${exit ?? signal} ${stderr.trim()}`).join(' and ');
  return { bad: `the second ${laterMs} ms later: ${[ended, ...wrong].join('; ')}` };
}
