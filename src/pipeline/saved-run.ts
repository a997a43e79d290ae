import { EXIT, UpcastError } from '../errors.ts';
import type { RecordFormat } from '../parse/options.ts';
import type { SavedFile } from '../sink/file.ts';
import type { InputSource } from '../source/inputs.ts';
import type { ShimStore, StateStore } from '../store/store.ts';
import type { TranslatorState } from '../translate/snapshot.ts';
import type { ConvertJob } from './job.ts';
import type { NotesState } from './notes.ts';

/** How far one input was read. */
export interface InputProgress {
  readonly name: string;
  readonly state: 'waiting' | 'reading' | 'done';
  /** Stored bytes of an input that is done: it must not change any more. */
  readonly size: number;
  /** Decompressed offset at which reading goes on, the lines before it, and the CRC-32 of all bytes before it. */
  readonly offset: number;
  readonly line: number;
  readonly crc32: number;
  readonly format: RecordFormat | undefined;
  /** Records behind that offset that were taken already (a merge stops anywhere). */
  readonly skip?: number;
}

/** The files of a job by what they are. */
export type SavedFiles = { readonly [kind in 'output' | 'deadLetters' | 'dropped' | 'provenance' | 'places']?: SavedFile | undefined };

/**
 * A checkpoint: all of a run that is not in the store's rows. `complete`: everything is translated and durable, only the renaming of the
 * files may be left.
 */
export interface SavedRun {
  readonly phase: 'running' | 'open' | 'complete' | 'done';
  readonly inputs: readonly InputProgress[];
  readonly files: SavedFiles;
  readonly translator: TranslatorState;
  readonly notes: NotesState;
  /** Where arrival time stands in a capture. */
  readonly received: number | undefined;
  /** Of a run in lanes, while they work: what is decided and what is held is in their states. */
  readonly lanes?: SavedLanes | undefined;
}

/** Lanes of a run. */
export interface SavedLanes {
  /** Stands for the run: the states of its lanes name it. */
  readonly run: string;
  readonly count: number;
  /** Number of the last checkpoint, 0 before the first. */
  readonly checkpoint: number;
}

/** Under which names a state holds a conversion. */
export const RUN_KEYS = { run: 'run', job: 'job' } as const;
const { run: RUN, job: JOB } = RUN_KEYS;
/** Of the shape of {@link SavedRun} and of what the translator saves. */
const FORMAT = 2;

/** What a run's bytes depend on; a state goes on only with the same. */
function identityOf(job: ConvertJob): Readonly<Record<string, unknown>> {
  return {
    ...meaningOf(job),
    'checkpoint-every': job.checkpointEvery,
    shard: job.shard === undefined ? null : `${job.shard.index + 1}/${job.shard.count}`,
    output: job.output,
    'dead-letters': job.deadLetters ?? null,
    dropped: job.dropped ?? null,
    provenance: job.provenance.kind === 'file' ? job.provenance.path : job.provenance.kind,
  };
}

/** What becomes of an event depends on this, wherever it is written. */
export function meaningOf(job: ConvertJob): Readonly<Record<string, unknown>> {
  return {
    format: FORMAT,
    mapping: job.mapping.hash,
    ids: job.ids.fingerprint,
    'time-zone': job.timeZone,
    lateness: job.lateness,
    hold: job.hold,
    idle: job.idle,
    retention: job.retention,
    'max-jump': job.maxJump,
    'event-at': job.eventAt ?? null,
    'max-line': job.maxLine,
    'dup-keys': job.dupKeys,
    rs: job.rs,
    limit: job.limit ?? null,
    merge: job.merge,
    'as-received': job.asReceived,
  };
}

/** Enters whose state it is, before anything else is done. */
export function saveJob(store: StateStore, job: ConvertJob): void {
  store.setMeta(JOB, JSON.stringify(identityOf(job)));
  store.commit();
}

/** True for a state that no job has been entered in. */
export function isUntouched(store: StateStore): boolean {
  return store.meta(JOB) === undefined;
}

/** True for the state of a live shim: nothing of it may be thrown away or written over by a conversion. */
export function isOfShim(store: ShimStore): boolean {
  return store.outbox.endpoints().length > 0;
}

/** The error for a state that is of the other kind. */
export function otherKind(path: string, what: string, hint: string): UpcastError {
  return new UpcastError({ code: 'state-other-job', exit: EXIT.stateMismatch, message: `the state belongs to ${what}`, place: path, hint });
}

/** Saves a checkpoint; it becomes durable with the store's next commit. */
export function saveRun(store: StateStore, run: SavedRun): void {
  store.setMeta(RUN, JSON.stringify(run));
}

/**
 * The checkpoint of an earlier run of the same job, undefined where there is none. Errors (76): `state-other-job`, `input-changed`,
 * `state-damaged`.
 */
export function loadRun(store: StateStore, job: ConvertJob, inputs: readonly InputSource[]): SavedRun | undefined {
  const saved = store.meta(JOB);
  if (saved === undefined) return undefined;
  refuseOtherJob(store.path, JSON.parse(saved) as Readonly<Record<string, unknown>>, job);
  const run = store.meta(RUN);
  if (run === undefined) return undefined;
  store.verify();
  const found = JSON.parse(run) as SavedRun;
  refuseOtherInputs(found, inputs);
  return found;
}

function refuseOtherJob(path: string, saved: Readonly<Record<string, unknown>>, job: ConvertJob): void {
  const wanted = identityOf(job);
  const different = Object.keys(wanted).filter((key) => (saved[key] ?? null) !== wanted[key]);
  const [first] = different;
  if (first === undefined) return;
  const values = first === 'mapping' || first === 'ids' ? '' : ` (${JSON.stringify(saved[first])}, now ${JSON.stringify(wanted[first])})`;
  throw new UpcastError({
    code: 'state-other-job',
    exit: EXIT.stateMismatch,
    message: `the state belongs to another job: ${different.join(', ')} differ${different.length === 1 ? 's' : ''}${values}`,
    place: path,
    hint: 'give the options of that run to go on with it, --restart to begin anew, or --state FILE for another state',
  });
}

function refuseOtherInputs(run: SavedRun, inputs: readonly InputSource[]): void {
  run.inputs.forEach((saved, index) => {
    const input = inputs[index];
    if (input?.name !== saved.name) {
      throw inputChanged(saved.name, `input ${index + 1} was ${saved.name}, now it is ${input?.name ?? 'missing'}`);
    }
    if (saved.state === 'done' && input.size !== undefined && input.size !== saved.size) {
      throw inputChanged(saved.name, `it had ${saved.size} bytes when it was converted, now it has ${input.size}`);
    }
  });
  const isOver = run.phase === 'complete' || run.phase === 'done';
  const added = inputs[run.inputs.length];
  if (isOver && added !== undefined) throw inputChanged(added.name, `the finished run had ${run.inputs.length} inputs, this one is new`);
}

/** The error for an input that is not what it was when the run began. */
export function inputChanged(name: string, what: string): UpcastError {
  return new UpcastError({
    code: 'input-changed',
    exit: EXIT.stateMismatch,
    message: `the input changed since the run began: ${what}`,
    place: name,
    hint: 'bring the old input back, or begin anew with --restart',
  });
}
