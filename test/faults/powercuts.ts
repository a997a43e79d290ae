import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/generate/random.ts';
import { createRandom } from '../../bench/generate/random.ts';
import type { Data, Job, JobOptions, Ran } from './support/job.ts';
import { createJob, differences, goldenOf, isDone, prepareData, runJob } from './support/job.ts';
import type { LOOPS, Mounted } from './support/mount.ts';
import { cutPower, mountLoop, whyNoMount } from './support/mount.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { inParallel, runAlone, SEED } from './support/tier.ts';

const KINDS: readonly (keyof typeof LOOPS)[] = ['ext4', 'xfs'];
const TOOLS = ['mkfs.ext4', 'mkfs.xfs', 'xfs_io', 'mount', 'umount'];
const JOBS: readonly JobOptions[] = [{}, { gzOutput: true }, { input: 'array' }, { input: 'merge' }];

/** Cuts on each file system when all is run, and otherwise. */
const CUTS = { full: 150, small: 10 } as const;
const CALLS = 60;
/** One cut in so many leaves the program alive on the dead disk: what it then says must be true. */
const ALIVE_EVERY = 5;
const IO_ERRORS = [73, 74];
/** A program that is as broken as that has been shown to be. */
const ENOUGH_BAD = 10;

/**
 * Cuts the power of the file system that holds state and outputs, at random moments and right after the end; resumes until the job is done,
 * compares every byte after one more cut.
 */
export async function powercuts(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const wanted = options.full ? CUTS.full : CUTS.small;
  const result = { name: 'powercuts', wanted: wanted * KINDS.length };
  const missing = whyNoMount(TOOLS);
  if (missing !== undefined) return { ...result, ran: 0, bad: [], seconds: 0, notes: [`NOT RUN: ${missing}`] };
  const data = await prepareData(join(options.folder, 'data'), CALLS, options.seed ?? SEED);
  const tally: Tally = { cuts: 0, alive: 0, jobs: 0, bad: [] };
  await inParallel(KINDS, (kind) =>
    runDisk(kind, wanted, data, options, tally).catch((error: Error) => void tally.bad.push(`${kind}: ${error.message}`)),
  );
  return {
    ...result,
    ran: tally.cuts,
    bad: tally.bad,
    seconds: (performance.now() - started) / 1000,
    notes: [`${tally.jobs} jobs came to their end; ${tally.alive} times the program lived on`],
  };
}

interface Tally {
  cuts: number;
  alive: number;
  jobs: number;
  readonly bad: string[];
}

async function runDisk(kind: keyof typeof LOOPS, wanted: number, data: Data, options: TierOptions, tally: Tally): Promise<void> {
  const random = createRandom(`${options.seed ?? SEED}/powercuts/${kind}`);
  const disk = mountLoop(kind, join(realpathSync(options.folder), kind));
  try {
    const calms = new Map<JobOptions, Calm>();
    for (let cuts = 0, number = 1; cuts < wanted && tally.bad.length < ENOUGH_BAD; number++) {
      const jobOptions = JOBS[number % JOBS.length] ?? {};
      const job = createJob(data, join(disk.folder, `job-${number}`), jobOptions);
      const calm = calms.get(jobOptions) ?? (await runCalm(job, options.program));
      calms.set(jobOptions, calm);
      // The folder that a job is started in is there before the job: a cut does not take it away.
      execFileSync('sync', ['-f', job.folder]);
      const story = await cutUntilDone(job, calm, { disk, random, program: options.program });
      cuts += story.moments.length;
      tally.cuts += story.moments.length;
      tally.alive += story.alive;
      tally.jobs += 1;
      const cutsAt = `cuts at ms ${story.moments.join(' ')}`;
      if (story.bad !== undefined) tally.bad.push(`${kind}, job ${number}, seed ${options.seed ?? SEED}, ${cutsAt}: ${story.bad}`);
      rmSync(job.folder, { recursive: true, force: true });
    }
  } finally {
    disk.remove();
  }
}

/** A run that is left alone. */
interface Calm {
  readonly golden: ReadonlyMap<string, Buffer>;
  readonly ms: number;
}

async function runCalm(job: Job, program: string): Promise<Calm> {
  const golden = await goldenOf(job, { program });
  const { ms } = await runJob(job, { program });
  rmSync(job.folder, { recursive: true });
  mkdirSync(job.folder);
  return { golden, ms };
}

interface Hand {
  readonly disk: Mounted;
  readonly random: Random;
  readonly program: string;
}

interface Story {
  /** Milliseconds after the start of each run at which the power was cut; the last one after its end. */
  readonly moments: readonly string[];
  readonly alive: number;
  readonly bad: string | undefined;
}

async function cutUntilDone(job: Job, calm: Calm, hand: Hand): Promise<Story> {
  const moments: string[] = [];
  let alive = 0;
  const told = (bad: string | undefined): Story => ({ moments, alive, bad });
  for (;;) {
    // The first fifth is the start of Node.
    const ms = Math.round(calm.ms * (0.2 + 0.85 * hand.random.next()));
    const livesOn = hand.random.int(1, ALIVE_EVERY) === 1;
    const { ran, wasEnded } = await cutRun(job, ms, livesOn, hand);
    moments.push(wasEnded ? `end (${Math.round(ran.ms)})` : `${ms}${livesOn ? ' alive' : ''}`);
    if (livesOn && !wasEnded) alive += 1;
    if (isDone(ran.exit)) return told(await whatIsWrong(job, calm.golden, hand.program));
    const isAsExpected = ran.signal === 'SIGKILL' || (livesOn && !wasEnded && IO_ERRORS.includes(ran.exit ?? 0));
    if (!isAsExpected) return told(`exit ${ran.exit ?? ran.signal}: ${ran.stderr}`);
  }
}

/** Runs the job, cuts the power at a moment or after the end, and brings the disk back with what had reached it. */
async function cutRun(job: Job, ms: number, livesOn: boolean, hand: Hand): Promise<{ ran: Ran; wasEnded: boolean }> {
  let pid = 0;
  let wasEnded = false;
  const running = runJob(job, { program: hand.program, onStart: (started) => (pid = started) }).then((ran) => {
    wasEnded = true;
    return ran;
  });
  await Promise.race([running, sleep(ms)]);
  const endedBefore = wasEnded;
  // Stopped first: what it said during the cut would be held against it.
  if (!wasEnded && !livesOn) process.kill(pid, 'SIGSTOP');
  cutPower(hand.disk.folder);
  if (!wasEnded && !livesOn) process.kill(pid, 'SIGKILL');
  const ran = await running;
  hand.disk.unmount();
  hand.disk.mount();
  return { ran, wasEnded: endedBefore };
}

/** Compares a job that said it was done before the power was cut, and sees whether one more run agrees. */
async function whatIsWrong(job: Job, golden: ReadonlyMap<string, Buffer>, program: string): Promise<string | undefined> {
  const wrong = differences(golden, job);
  if (wrong.length > 0) return `done, but after the cut: ${wrong.join('; ')}`;
  const again = await runJob(job, { program });
  if (!isDone(again.exit)) return `one more run of the finished job: exit ${again.exit}: ${again.stderr}`;
  const changed = differences(golden, job);
  return changed.length > 0 ? `one more run of the finished job: ${changed.join('; ')}` : undefined;
}

await runAlone(powercuts, import.meta.url);
