import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { EXIT, UpcastError } from '../../errors.ts';
import { compressionOf } from '../../sink/compressed.ts';
import type { InputSource } from '../../source/inputs.ts';
import { openSqlite, removeSqlite } from '../../store/sqlite.ts';
import type { StateStore } from '../../store/store.ts';
import type { Translator } from '../../translate/api.ts';
import type { CheckpointParts } from '../checkpoint.ts';
import type { ConvertJob } from '../job.ts';
import { MOST_LANES } from '../job.ts';
import type { InputProgress, SavedRun } from '../saved-run.ts';
import type { LaneStart, StartLane } from './messages.ts';
import { convertInLanes } from './run-lanes.ts';
import { sumOf } from './sum.ts';

/** Less than this is converted before a second thread would be warm. */
const WORTH_IT = 48 * 2 ** 20;
/** Compressed logs of events swell about so much. */
const SWELLS = 10;
/** With more, putting the lines together would be what the lanes wait for. */
const MOST_BY_ITSELF = 4;
/**
 * A lane keeps more than one processor busy: what collects its garbage and compiles it, and its share of putting lines together. On two
 * processors two lanes bring a sixth, for half as much work again and twice the memory: that is for the user to ask for.
 */
const PROCESSORS_A_LANE = 2;

/**
 * How many lanes a run takes; one that goes on, as many as it had. Errors: `begun-in-lanes` (76) if it is to go on in a way that lanes
 * cannot (`--strict`, `--keep-open`): ignoring that would be worse than to stop.
 */
export function lanesOf(job: ConvertJob, inputs: readonly InputSource[], saved: SavedRun | undefined): number {
  if (saved !== undefined) {
    if (saved.lanes !== undefined && !canDivide(job, inputs)) throw begunInLanes(job);
    return saved.lanes?.count ?? 1;
  }
  if (!canDivide(job, inputs)) return 1;
  if (job.lanes !== undefined) return job.lanes;
  const bytes = inputs.reduce((sum, { name, size = 0 }) => sum + size * (compressionOf(name) === undefined ? 1 : SWELLS), 0);
  const most = Math.min(Math.floor(availableParallelism() / PROCESSORS_A_LANE), MOST_BY_ITSELF);
  return bytes < WORTH_IT ? 1 : Math.max(1, most);
}

function begunInLanes(job: ConvertJob): UpcastError {
  return new UpcastError({
    code: 'begun-in-lanes',
    exit: EXIT.stateMismatch,
    message: 'the run was begun in lanes, which cannot end at the first bad record or stay open',
    place: job.state,
    hint: 'go on without --strict and --keep-open, or begin anew with --restart',
  });
}

/** Every lane reads all inputs; a run that ends at the first bad event, or after so many, ends at a place that only one thread knows. */
function canDivide(job: ConvertJob, inputs: readonly InputSource[]): boolean {
  if (job.shard !== undefined) return false;
  const endsEarly = job.strict || job.limit !== undefined || job.keepOpen || job.mapping.policies.unknownId === 'fail';
  return !endsEarly && !job.asReceived && inputs.every(({ size }) => size !== undefined);
}

/** What a run in lanes works with besides. */
export interface DividedRun extends CheckpointParts {
  readonly inputs: readonly InputSource[];
  readonly saved: SavedRun | undefined;
  readonly count: number;
  readonly resumable: boolean;
  readonly startLane: StartLane;
}

/** What lanes came to. */
export interface DividedEnd {
  readonly progress: readonly InputProgress[];
  /** Contacts whose call has not ended, the first ten. */
  readonly unfinished: readonly string[];
}

/** Converts in lanes. At the end translator, notes and state are as if there had been none. */
export async function convertDivided(run: DividedRun, stopIfAsked: () => void): Promise<DividedEnd> {
  const { job, store, translator, notes, resumable, count } = run;
  const saved = run.saved?.lanes ?? { run: randomUUID(), count, checkpoint: 0 };
  const starts = startsOf(run, saved);
  const { ends, counted } = await convertInLanes(run, { saved, starts, start: run.startLane, resumable }, stopIfAsked);
  adoptState(
    translator,
    ends.map((end) => end.translator),
  );
  notes.adopt(counted);
  for (const { warnings } of ends) notes.warn(warnings);
  if (resumable && job.state !== undefined) {
    for (const { state } of starts) if (state !== undefined) absorb(store, state);
  }
  const unfinished = ends.flatMap((end) => end.unfinished.first).sort();
  return { progress: ends[0]?.inputs ?? [], unfinished: unfinished.slice(0, 10) };
}

function startsOf(
  { job, inputs, count, resumable }: DividedRun,
  saved: { readonly run: string; readonly checkpoint: number },
): LaneStart[] {
  const { onProgress, onDisk, signal, ids, ...rest } = job;
  const plain = { ...rest, inputs: inputs.map(({ name }) => name), ids: ids.rows() };
  return Array.from({ length: count }, (_, index) => ({
    ...{ job: plain, index, count, resumable, run: saved.run, checkpoint: saved.checkpoint },
    state: job.state === undefined ? undefined : laneState(job.state, index),
  }));
}

function adoptState(translator: Translator, states: Parameters<typeof sumOf>[0]): void {
  translator.restore(sumOf(states), [], () => {
    throw new Error('lanes that have ended hold nothing');
  });
}

function absorb(store: StateStore, path: string): void {
  const lane = openSqlite(path);
  try {
    store.absorb(lane);
  } finally {
    lane.close();
  }
}

function laneState(state: string, index: number): string {
  return `${state}.lane-${index}`;
}

/** Takes the states of lanes away that a finished or forgotten run has left. Only who holds the lock of `state` may. */
export function removeLaneStates(state: string | undefined): void {
  if (state === undefined) return;
  for (let index = 0; index < MOST_LANES; index += 1) {
    removeSqlite(laneState(state, index));
  }
}
