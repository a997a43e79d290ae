import { EXIT, UpcastError } from '../errors.ts';
import { RUN_KEYS } from '../pipeline/saved-run.ts';
import type { SavedFile } from '../sink/file.ts';
import type { InputSource } from '../source/inputs.ts';
import type { ReplayStore } from '../store/store.ts';
import type { ReplayJob, Selection } from './job.ts';
import type { SavedProgress } from './progress.ts';
import type { ReadCounts } from './result.ts';

/** Files that a replay writes, by what they are. */
export const REPLAY_FILES = ['events', 'receipts', 'deadLetters'] as const;

/** Name of a file that a replay writes. */
export type ReplayFile = (typeof REPLAY_FILES)[number];

/** A checkpoint of a replay. `complete`: only the renaming of the files may be left. */
export interface SavedReplay {
  readonly phase: 'running' | 'complete' | 'done';
  readonly progress: SavedProgress;
  readonly files: { readonly [file in ReplayFile]?: SavedFile };
  /** By how much event times were moved, milliseconds. */
  readonly shift: number | undefined;
  /** The selection with its relative times worked out, so that it means the same tomorrow. */
  readonly selection: Selection;
  readonly read: Readonly<ReadCounts>;
  /** Events that were read and given to the sender, or had ended, and the CRC-32 of what they are. */
  readonly fed: Fed;
  /** Unix time of the checkpoint. */
  readonly at: number;
}

/** How far a stream was read, and what it was up to there. */
export interface Fed {
  readonly events: number;
  readonly crc32: number;
}

const FORMAT = 1;
const { job: JOB, run: RUN } = RUN_KEYS;

/** What decides which events are sent where, and under which ids; how fast does not. */
function identityOf(job: ReplayJob, inputs: readonly InputSource[]): Readonly<Record<string, unknown>> {
  const { target } = job;
  return {
    replay: FORMAT,
    inputs: inputs.map(({ name, size }) => `${name} ${size ?? '?'}`).join(', '),
    from: job.from,
    to: target.kind === 'http' ? target.client.url.href : target.kind === 'file' ? target.path : '-',
    selection: job.selectionText,
    provenance: job.provenance ?? null,
    // Infinity has no JSON.
    rounds: String(job.rounds),
    restamp: job.restamp,
    receipts: job.receipts ?? null,
    'dead-letters': job.deadLetters ?? null,
    'event-at': job.eventAt ?? null,
    'max-line': job.maxLine,
    'dup-keys': job.dupKeys,
    rs: job.rs,
    'time-zone': job.timeZone,
    ...(job.from === '2.0'
      ? {}
      : {
          mapping: job.mapping.hash,
          ids: job.ids.fingerprint,
          lateness: job.lateness,
          hold: job.hold,
          idle: job.idle,
          retention: job.retention,
          'max-jump': job.maxJump,
        }),
  };
}

/** Enters whose state it is; belongs to the next commit. */
export function saveReplayJob(store: ReplayStore, job: ReplayJob, inputs: readonly InputSource[]): void {
  store.setMeta(JOB, JSON.stringify(identityOf(job, inputs)));
}

/** Belongs to the next commit. */
export function saveReplay(store: ReplayStore, saved: SavedReplay): void {
  store.setMeta(RUN, JSON.stringify(saved));
}

/** The checkpoint of an earlier run of the same job; undefined where there is none. Errors (76): `state-other-job`. */
export function loadReplay(store: ReplayStore, job: ReplayJob, inputs: readonly InputSource[]): SavedReplay | undefined {
  const entered = store.meta(JOB);
  if (entered === undefined) return undefined;
  const saved = JSON.parse(entered) as Readonly<Record<string, unknown>> & { readonly replay?: number };
  const wanted = identityOf(job, inputs);
  const different = Object.keys(wanted).filter((key) => saved[key] !== wanted[key]);
  if (different.length > 0) {
    throw new UpcastError({
      code: 'state-other-job',
      exit: EXIT.stateMismatch,
      message:
        saved.replay === undefined
          ? 'the state belongs to a conversion'
          : `the state belongs to another replay: ${different.join(', ')} differ`,
      place: store.path,
      hint: 'give the options of that run to go on with it, --restart to begin anew, or --state FILE for another state',
    });
  }
  const run = store.meta(RUN);
  return run === undefined ? undefined : (JSON.parse(run) as SavedReplay);
}
