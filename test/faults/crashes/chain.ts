import type { Random } from '../../../bench/generate/random.ts';
import { isDone } from '../support/job.ts';
import type { Judge } from './check.ts';
import { checkFinished, checkResume } from './check.ts';
import type { Disk } from './disk.ts';
import { writeDisk } from './disk.ts';
import type { Model } from './models.ts';
import { crash } from './models.ts';
import type { CrashState } from './sample.ts';
import { sampleStates } from './sample.ts';
import type { Trace } from './trace.ts';
import { traceRun } from './trace.ts';

/** Exit of a run whose state does not fit. */
const REFUSED = 76;

/** A job whose crashes are explored, and who is told of it. */
export interface Exploration {
  readonly judge: Judge;
  readonly library: string;
  readonly perTrace: number;
  readonly models: readonly Model[];
  readonly random: Random;
  /** Hashes of all states so far. */
  readonly seen: Set<string>;
  /** States that are still to be checked. */
  left(): number;
  trace(): void;
  state(state: CrashState): void;
  bad(state: CrashState, wrong: string): void;
}

/** Traced runs that go on from each other: a fresh one, then each from a crash of the one before. */
const LINKS = 3;
const SIGTERM = 15;
/** Exit of a run that was asked to stop and did. */
const STOPPED = 143;

/** Explores the crashes of a run, of a run that goes on after such a crash, and so forth. */
export async function exploreChain(exploration: Exploration): Promise<void> {
  const { random } = exploration;
  let base: Disk = new Map();
  for (let link = 1; link <= LINKS && exploration.left() > 0; link++) {
    const trace = await traceFrom(exploration, base);
    const name = `.${link} ${trace.note}`;
    exploration.trace();
    for (const [state, wrong] of faultsOfRun(exploration, trace)) exploration.bad({ ...state, what: name + state.what }, wrong);
    const disks = await exploreTrace(exploration, trace, name);
    await removeState(exploration, disks, name);
    base = disks.length > 0 ? random.pick(disks) : new Map();
  }
}

/** Resumes from states of one traced run; returns them. */
async function exploreTrace(exploration: Exploration, trace: Trace, name: string): Promise<Disk[]> {
  const { judge, perTrace } = exploration;
  const disks: Disk[] = [];
  for (const { disk, what } of sampleStates(trace, { ...exploration, count: Math.min(perTrace, exploration.left()) })) {
    const state = { disk, what: name + what };
    exploration.state(state);
    const wrong = await checkResume(judge, disk);
    if (wrong !== undefined) exploration.bad(state, wrong);
    disks.push(disk);
    if (exploration.left() === 0) break;
  }
  return disks;
}

/** Somebody removes the state by hand to begin anew, and leaves what SQLite keeps beside it: refused, and --restart begins anew. */
async function removeState(exploration: Exploration, disks: readonly Disk[], name: string): Promise<void> {
  const { judge } = exploration;
  const { state } = judge.job;
  const begun = disks.filter((disk) => disk.has(`${state}-wal`) && !hasOutputs(judge, disk));
  const disk = new Map(begun.at(-1));
  if (!disk.delete(state)) return;
  writeDisk(judge.job.folder, disk);
  const { exit, stderr } = await judge.run(judge.job.args());
  const wrong =
    exit === REFUSED ? await checkResume(judge, disk, ['--restart']) : `expected exit ${REFUSED}, got ${exit}: ${stderr.trim()}`;
  if (wrong !== undefined) exploration.bad({ disk, what: `${name}the state removed by hand` }, wrong);
}

/** Where outputs have their names already, no new run overwrites them. */
function hasOutputs({ golden }: Judge, disk: Disk): boolean {
  return [...golden.keys()].some((name) => disk.has(name));
}

type NotedTrace = Trace & { readonly note: string };

/** Runs the job from a disk and logs it; now and then the run is asked to stop, or told to begin anew. */
async function traceFrom({ judge, library, random }: Exploration, base: Disk): Promise<NotedTrace> {
  const { job, program } = judge;
  writeDisk(job.folder, base);
  if (random.chance(0.25)) {
    const after = random.int(1, 200);
    const trace = await traceRun(job, { program, library, signal: { after, number: SIGTERM } });
    return { ...trace, note: `(SIGTERM at operation ${after}) ` };
  }
  const isRestarted = base.size > 0 && !hasOutputs(judge, base) && random.chance(0.3);
  const trace = await traceRun(job, { program, library, extra: isRestarted ? ['--restart'] : [] });
  return { ...trace, note: isRestarted ? '(--restart) ' : '' };
}

/** What is wrong with a traced run itself: it ended badly, or it said that it was done and a crash then takes what it wrote. */
function* faultsOfRun({ judge, models, random }: Exploration, trace: Trace): Generator<readonly [CrashState, string]> {
  const { ran, changes, base, isShared } = trace;
  const whole = { disk: base, what: 'the run itself' };
  if (isShared) yield [whole, 'the state is open to other processes (-shm)'];
  if (!isDone(ran.exit) && ran.exit !== STOPPED) yield [whole, `exit ${ran.exit ?? ran.signal}: ${ran.stderr.trim()}`];
  if (!isDone(ran.exit)) return;
  for (const model of models) {
    const disk = crash(trace, changes.length, model, random);
    const wrong = checkFinished(judge, disk);
    if (wrong !== undefined) yield [{ disk, what: `after the end, ${model}` }, wrong];
  }
}
