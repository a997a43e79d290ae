import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../bench/generate/random.ts';
import { createRandom } from '../../bench/generate/random.ts';
import type { Data, Job, JobOptions, Ran } from './support/job.ts';
import { createJob, differences, goldenOf, isDone, prepareData, runJob } from './support/job.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { inParallel, runAlone, SEED } from './support/tier.ts';

/** Jobs of one kind, killed again and again. */
interface Series {
  readonly name: string;
  readonly options: JobOptions;
  readonly signals: readonly ('SIGKILL' | 'SIGTERM' | 'SIGINT')[];
  /** Kills when all is run; a tenth of it otherwise. */
  readonly kills: number;
}

const ALL: readonly Series[] = [
  { name: 'ndjson', options: { checkpointEvery: '32KiB' }, signals: ['SIGKILL'], kills: 800 },
  { name: 'gz', options: { input: 'gz' }, signals: ['SIGKILL'], kills: 600 },
  { name: 'array', options: { input: 'array', checkpointEvery: '16KiB' }, signals: ['SIGKILL'], kills: 600 },
  { name: 'gz output', options: { gzOutput: true, checkpointEvery: '32KiB' }, signals: ['SIGKILL'], kills: 400 },
  { name: 'signals', options: { checkpointEvery: '16KiB' }, signals: ['SIGTERM', 'SIGINT'], kills: 300 },
  { name: 'merge', options: { input: 'merge', checkpointEvery: '32KiB' }, signals: ['SIGKILL'], kills: 300 },
  { name: 'lanes', options: { lanes: 3, checkpointEvery: '32KiB' }, signals: ['SIGKILL'], kills: 500 },
  { name: 'lanes, gz', options: { lanes: 2, input: 'gz', checkpointEvery: '64KiB' }, signals: ['SIGKILL', 'SIGTERM'], kills: 200 },
];

const CALLS = 40;
/** One run in so many is left alone, so that every job ends. */
const CALM_EVERY = 10;
/** A signal that can be answered is answered by then. */
const LONGEST_ANSWER_MS = 5000;
const EXIT_OF = { SIGKILL: undefined, SIGTERM: 143, SIGINT: 130 } as const;
/** A program that is as broken as that has been shown to be. */
const ENOUGH_BAD = 20;

/** Kills at random moments, resumes with the same command line until the job is done, compares every byte; then begins anew. */
export async function kills(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const data = await prepareData(join(options.folder, 'data'), CALLS, options.seed ?? SEED);
  const wanted = (series: Series): number => (options.full ? series.kills : series.kills / 10);
  const tally: Tally = { kills: 0, jobs: 0, bad: [] };
  await inParallel(ALL, async (series) => {
    const kills = await runSeries(series, wanted(series), data, options, tally).catch((error: Error) => {
      tally.bad.push(`${series.name}: ${error.message}`);
      return 0;
    });
    tally.kills += Math.min(wanted(series), kills);
  });
  return {
    name: 'kills',
    ran: tally.kills,
    wanted: ALL.reduce((sum, series) => sum + wanted(series), 0),
    bad: tally.bad,
    seconds: (performance.now() - started) / 1000,
    notes: [`${tally.jobs} jobs came to their end`],
  };
}

interface Tally {
  kills: number;
  jobs: number;
  readonly bad: string[];
}

/** Returns how many runs were ended by a signal. */
async function runSeries(series: Series, wanted: number, data: Data, options: TierOptions, tally: Tally): Promise<number> {
  const seed = `${options.seed ?? SEED}/kills/${series.name}`;
  const random = createRandom(seed);
  const folder = join(options.folder, series.name.replaceAll(' ', '-'));
  // In one lane: what many write is to be the same.
  const golden = await goldenOf(createJob(data, join(folder, 'golden'), { ...series.options, lanes: 1 }), options);
  const calm: Calm = { ms: undefined };
  let kills = 0;
  for (let number = 1; kills < wanted && tally.bad.length < ENOUGH_BAD; number++) {
    const job = createJob(data, join(folder, `job-${number}`), series.options);
    const story = await killUntilDone(job, series, { random, calm, program: options.program });
    const bad = story.bad ?? (await whatIsWrong(job, golden, options.program));
    kills += story.moments.length;
    tally.jobs += 1;
    if (bad === undefined) rmSync(job.folder, { recursive: true });
    else tally.bad.push(`${series.name}, job ${number} of seed ${seed}, signals at ms ${story.moments.join(' ')}: ${bad}`);
  }
  return kills;
}

/** How long a whole run takes, judged anew by each that came to its end: the machine has more and less to do. */
interface Calm {
  ms: number | undefined;
}

interface Hand {
  readonly random: Random;
  readonly calm: Calm;
  readonly program: string;
}

interface Story {
  /** Milliseconds after which each run that was ended by a signal got it. */
  readonly moments: readonly number[];
  readonly bad: string | undefined;
}

async function killUntilDone(job: Job, series: Series, hand: Hand): Promise<Story> {
  const moments: number[] = [];
  for (let number = 1; ; number++) {
    const isCalm = hand.calm.ms === undefined || number % CALM_EVERY === 0;
    const signalAfterMs = isCalm ? undefined : momentIn(hand.random, hand.calm.ms as number);
    const signal = hand.random.pick(series.signals);
    const ran = await runJob(job, { program: hand.program, signal, ...(signalAfterMs === undefined ? {} : { signalAfterMs }) });
    if (isDone(ran.exit)) {
      hand.calm.ms = number === 1 ? ran.ms : Math.max(ran.ms, hand.calm.ms ?? 0);
      return { moments, bad: undefined };
    }
    if (signalAfterMs !== undefined && ran.msAfterSignal !== undefined) moments.push(signalAfterMs);
    const bad = wrongEnd(ran, signal);
    if (bad !== undefined) return { moments, bad };
  }
}

/** Any moment, or, as often, one after the start of Node, which takes the first half of so short a run. */
function momentIn(random: Random, ms: number): number {
  const from = random.chance(0.5) ? 0 : 0.5;
  return Math.round((from + (1 - from) * random.next()) * ms);
}

function wrongEnd(ran: Ran, signal: Series['signals'][number]): string | undefined {
  const { exit, msAfterSignal } = ran;
  if (msAfterSignal === undefined) return `exit ${exit} without a signal: ${ran.stderr}`;
  if (ran.signal !== signal && (exit === null || exit !== EXIT_OF[signal]))
    return `exit ${exit ?? ran.signal} after ${signal}: ${ran.stderr}`;
  return msAfterSignal > LONGEST_ANSWER_MS ? `${signal} was answered after ${Math.round(msAfterSignal)} ms` : undefined;
}

/** Compares a job that came to its end, and sees whether one more run leaves it alone. */
async function whatIsWrong(job: Job, golden: ReadonlyMap<string, Buffer>, program: string): Promise<string | undefined> {
  const wrong = differences(golden, job);
  if (wrong.length > 0) return wrong.join('; ');
  const left = readdirSync(job.folder).filter((name) => name.includes('.partial') || name.includes('.lane-'));
  if (left.length > 0) return `left behind: ${left.join(', ')}`;
  const before = stamps(job);
  const { exit, stderr } = await runJob(job, { program });
  if (!isDone(exit)) return `one more run of the finished job: exit ${exit}: ${stderr}`;
  const changed = differences(golden, job);
  if (changed.length > 0) return `one more run of the finished job: ${changed.join('; ')}`;
  return before === stamps(job) ? undefined : 'one more run of the finished job wrote its files again';
}

function stamps(job: Job): string {
  return job.files
    .map((name) => statSync(join(job.folder, name)))
    .map(({ ino, mtimeMs }) => `${ino} ${mtimeMs}`)
    .join();
}

await runAlone(kills, import.meta.url);
