import { cpSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../bench/generate/random.ts';
import type { Expected } from './strace/judge.ts';
import { judgeDone, judgeFaulted } from './strace/judge.ts';
import type { Point } from './strace/points.ts';
import { choosePoints, pointsOf } from './strace/points.ts';
import type { Call } from './strace/trace.ts';
import { ENV, readTrace, tracing, whyNoStrace } from './strace/trace.ts';
import type { Data, Job, JobOptions, Ran } from './support/job.ts';
import { createJob, goldenOf, isDone, prepareData, runJob } from './support/job.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { inParallel, runAlone, SEED } from './support/tier.ts';

/** Where the run that is faulted begins: with nothing, or with what a run left that was killed midway or while it gave its files their names. */
type Begin = 'anew' | 'midway' | 'at the end';

/** Points of one kind of job. */
interface Plan {
  readonly name: string;
  readonly options: JobOptions;
  readonly begin: Begin;
  /** Further arguments of the run that is faulted. */
  readonly extra?: readonly string[];
  /** Points when all is run; a tenth of it otherwise. */
  readonly points: number;
}

const NDJSON: JobOptions = {};
const GZ: JobOptions = { input: 'gz', gzOutput: true };

const PLANS: readonly Plan[] = [
  { name: 'ndjson', options: NDJSON, begin: 'anew', points: 450 },
  { name: 'ndjson, resumed', options: NDJSON, begin: 'midway', points: 200 },
  { name: 'ndjson, begun anew midway', options: NDJSON, begin: 'midway', extra: ['--restart'], points: 50 },
  { name: 'ndjson, resumed at the end', options: NDJSON, begin: 'at the end', points: 100 },
  { name: 'gz to gz', options: GZ, begin: 'anew', points: 120 },
  { name: 'gz to gz, resumed', options: GZ, begin: 'midway', points: 80 },
];

const CALLS = 60;
/** One point in so many of a new job gets a second fault while it recovers from the first. */
const TWICE_EVERY = 4;
/** A program that is as broken as that has been shown to be. */
const ENOUGH_BAD = 20;

/** Lets single system calls fail, on one file or on the whole disk; then resumes with the same command line and compares every byte. */
export async function strace(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const wanted = PLANS.map(({ points }) => (options.full ? points : points / 10));
  const result = { name: 'strace', wanted: wanted.reduce((sum, count) => sum + count, 0) };
  const missing = whyNoStrace();
  if (missing !== undefined) return { ...result, ran: 0, bad: [], seconds: 0, notes: [`NOT RUN: ${missing}`] };
  mkdirSync(options.folder, { recursive: true });
  const data = await prepareData(join(realpathSync(options.folder), 'data'), CALLS, options.seed ?? SEED);
  const tally: Tally = { ran: 0, reached: 0, twice: 0, bad: [], notes: [] };
  const grounds = new Map<JobOptions, readonly Ground[]>();
  for (const [index, plan] of PLANS.entries()) {
    const ground = grounds.get(plan.options) ?? (await groundOf(data, plan.options, options));
    grounds.set(plan.options, ground);
    await runPlan(plan, wanted[index] ?? 0, ground, options, tally);
  }
  const notes = [`${tally.reached} points were reached, ${tally.twice} had a second fault while they recovered`, ...tally.notes];
  return { ...result, ran: tally.ran, bad: tally.bad, seconds: (performance.now() - started) / 1000, notes };
}

interface Tally {
  ran: number;
  reached: number;
  twice: number;
  readonly bad: string[];
  readonly notes: string[];
}

/** One of the workers of a plan. */
interface Bench {
  readonly job: Job;
  /** Copy of the job's folder as the faulted run finds it; undefined = empty. */
  readonly begin: string | undefined;
  /** Further arguments of the run that is faulted. */
  readonly extra: readonly string[];
  readonly program: string;
  readonly expected: Expected;
}

/** Both workers' grounds for one kind of job. */
async function groundOf(data: Data, kind: JobOptions, { folder, program }: TierOptions): Promise<readonly Ground[]> {
  const at = (worker: number): Job => createJob(data, join(realpathSync(folder), `${kind.input ?? 'ndjson'}-${worker}`), kind);
  const first = await Ground.of(at(0), program);
  return [first, await Ground.of(at(1), program, first.expected)];
}

/** What the plans of one kind of job share: making it takes longer than most points. */
class Ground {
  private readonly halves = new Map<string, Promise<string>>();
  readonly job: Job;
  readonly program: string;
  readonly expected: Expected;

  private constructor(job: Job, program: string, expected: Expected) {
    this.job = job;
    this.program = program;
    this.expected = expected;
  }

  /** `expected`: what a run leaves that nothing disturbs, and how it ends; found out if it is not known yet. */
  static async of(job: Job, program: string, expected?: Expected): Promise<Ground> {
    if (expected !== undefined) return new Ground(job, program, expected);
    const files = await goldenOf(job, { program });
    const { exit, stderr } = await runAnew({ job, begin: undefined, extra: [], program, expected: { exit: 0, files } });
    if (exit === null || !isDone(exit)) throw new Error(`the undisturbed run ended with ${exit}: ${stderr}`);
    return new Ground(job, program, { exit, files });
  }

  async bench(begin: Begin, extra: readonly string[] = []): Promise<Bench> {
    const { job, program, expected } = this;
    return { job, program, expected, extra, begin: begin === 'anew' ? undefined : await this.half(begin) };
  }

  /** A copy of what a killed run leaves. */
  private half(begin: Exclude<Begin, 'anew'>): Promise<string> {
    const found = this.halves.get(begin) ?? this.bench('anew').then((bench) => makeHalf(begin, bench));
    this.halves.set(begin, found);
    return found;
  }
}

async function runPlan(plan: Plan, wanted: number, grounds: readonly Ground[], options: TierOptions, tally: Tally): Promise<void> {
  const random = createRandom(`${options.seed ?? SEED}/strace/${plan.name}`);
  const benches = await Promise.all(grounds.map((ground) => ground.bench(plan.begin, plan.extra)));
  const [first] = benches;
  const [ground] = grounds;
  if (first === undefined || ground === undefined) return;
  const points = pointsOf(await callsOf(first), first.job);
  const recovery = plan.begin === 'anew' ? pointsOf(await callsOf(await ground.bench('midway')), first.job) : [];
  const tasks = choosePoints(points, wanted, random).map((point, index): Point[] =>
    recovery.length > 0 && index % TWICE_EVERY === 0 ? [point, random.pick(recovery)] : [point],
  );
  tally.notes.push(
    `${plan.name}: ${tasks.length} of ${points.length} points in ${new Set(points.map(({ group }) => group)).size} kinds of places`,
  );
  await inParallel(tasks, async (task, worker) => {
    const bench = benches[worker];
    if (bench === undefined || tally.bad.length >= ENOUGH_BAD) return;
    const bad = await runPoints(task, bench, tally).catch((error: Error) => error.message);
    if (bad !== undefined)
      tally.bad.push(`${plan.name}, seed ${options.seed ?? SEED}: ${task.map(({ name }) => name).join(', then ')}: ${bad}`);
    tally.ran += 1;
  });
}

async function makeHalf(begin: Exclude<Begin, 'anew'>, bench: Bench): Promise<string> {
  const calls = await callsOf(bench);
  const outputs = bench.job.files.map((name) => join(bench.job.folder, `${name}.partial`));
  const moments = calls.filter(({ syscall, file }) => outputs.includes(file) && syscall.includes(begin === 'midway' ? 'write' : 'rename'));
  const moment = moments[Math.floor(moments.length / 2)];
  if (moment === undefined) throw new Error(`the run has no call at which it could be killed ${begin}`);
  const when = 1 + calls.filter((call) => call.syscall === moment.syscall && call.file === moment.file).indexOf(moment);
  const injection = { files: [moment.file], expressions: [`${moment.syscall}:signal=SIGKILL:when=${when}`] };
  const ran = await runAnew(bench, tracing(`${bench.job.folder}.trace`, injection));
  if (ran.signal !== 'SIGKILL') throw new Error(`the run could not be killed ${begin}: exit ${ran.exit}`);
  const copy = `${bench.job.folder}-${begin.replaceAll(' ', '-')}`;
  cpSync(bench.job.folder, copy, { recursive: true });
  return copy;
}

/** The calls of a run that nothing disturbs. */
async function callsOf(bench: Bench): Promise<Call[]> {
  const trace = `${bench.job.folder}.trace`;
  const ran = await runAnew(bench, tracing(trace));
  if (!isDone(ran.exit)) throw new Error(`the undisturbed run ended with ${ran.exit}: ${ran.stderr}`);
  return readTrace(trace, bench.job);
}

/** One fault after another, each in a run of its own; then a run without. Returns what was wrong. */
async function runPoints(points: readonly Point[], bench: Bench, tally: Tally): Promise<string | undefined> {
  const { job, program, extra, expected } = bench;
  const trace = `${job.folder}.trace`;
  empty(bench);
  for (const [index, point] of points.entries()) {
    const ran = await runJob(job, { program, extra, env: ENV, wrapper: tracing(trace, point.injection(job)) });
    const calls = readTrace(trace, job);
    const isReached = ran.signal === 'SIGKILL' || calls.some((call) => call.injected);
    if (isReached) tally[index === 0 ? 'reached' : 'twice'] += 1;
    // The second is a call of another recovery, so here it may be one that need not show; recoveries have plans of their own.
    const met = index === 0 ? point : { ...point, isForgiven: true };
    const wrong = judgeFaulted(met, ran, calls, job, expected);
    if (wrong !== undefined) return wrong;
  }
  const wrong = judgeDone(await runJob(job, { program }), job, expected);
  return wrong === undefined ? undefined : `after the resume: ${wrong}`;
}

function runAnew(bench: Bench, wrapper: readonly string[] = []): Promise<Ran> {
  empty(bench);
  return runJob(bench.job, { program: bench.program, extra: bench.extra, env: ENV, wrapper });
}

function empty({ job, begin }: Bench): void {
  rmSync(job.folder, { recursive: true, force: true });
  if (begin === undefined) mkdirSync(job.folder);
  else cpSync(begin, job.folder, { recursive: true });
}

await runAlone(strace, import.meta.url);
