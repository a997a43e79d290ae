import type { ExitCode } from '../../errors.ts';
import type { IdRow } from '../../event/ids.ts';
import type { TranslatorState } from '../../translate/snapshot.ts';
import type { ConvertJob } from '../job.ts';
import type { NotesState } from '../notes.ts';
import type { InputProgress } from '../saved-run.ts';
import type { Piece } from './piece.ts';

/** A job as a lane gets it: plain data, the inputs by their names. */
export type LaneJob = Omit<ConvertJob, 'ids' | 'onProgress' | 'onDisk' | 'signal'> & { readonly ids: readonly IdRow[] };

/** What a lane begins with. */
export interface LaneStart {
  readonly job: LaneJob;
  readonly index: number;
  readonly count: number;
  /** State file of the lane; undefined = its calls stay in memory. */
  readonly state: string | undefined;
  /** Which run the lane belongs to: a state of another one is not gone on with. */
  readonly run: string;
  /** Number of the run's last checkpoint; a lane that is one behind catches up without telling anything. 0 = none yet. */
  readonly checkpoint: number;
  /** The run waits for every lane at each checkpoint; if not, each lane only keeps its memory bounded. */
  readonly resumable: boolean;
}

/** A place where the run may be gone on with. */
export interface Border {
  readonly number: number;
  readonly inputs: readonly InputProgress[];
  /** All is decided. */
  readonly last: boolean;
}

/** What lanes count for the whole run: all of them read all inputs. */
export interface Counted {
  readonly records: number;
  readonly blanks: number;
  readonly bytesRead: number;
}

/** What came of a lane. */
export interface LaneEnd {
  readonly translator: TranslatorState;
  readonly unfinished: { readonly count: number; readonly first: readonly string[] };
  readonly warnings: readonly string[];
  readonly inputs: readonly InputProgress[];
}

/** An error, as it goes from thread to thread. */
export interface ErrorNews {
  readonly code: string | undefined;
  readonly message: string;
  readonly exit: ExitCode;
  readonly place: string | undefined;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

/** What a lane tells the run. */
export type LaneNews =
  | { readonly kind: 'piece'; readonly piece: Piece; readonly border: Border | undefined; readonly counted: Counted }
  | { readonly kind: 'ended'; readonly end: LaneEnd; readonly counted: Counted }
  | { readonly kind: 'failed'; readonly error: ErrorNews };

/** What the run tells a lane: a piece was taken, here is memory again; all that was told so far is durable. */
export type LaneOrder = { readonly kind: 'taken'; readonly reuse: readonly ArrayBuffer[] } | { readonly kind: 'commit' };

/** The run, as a lane sees it. */
export interface LaneLink {
  tell(news: LaneNews, transfer?: readonly ArrayBuffer[]): void;
  next(): Promise<LaneOrder>;
}

/** A lane, as the run sees it. */
export interface LaneHandle {
  order(order: LaneOrder): void;
  /** Ends it, whatever it does. */
  stop(): Promise<void>;
}

/** Starts a lane; `hear` is told its news. */
export type StartLane = (start: LaneStart, hear: (news: LaneNews) => void) => LaneHandle;

/** What a lane keeps in its state. */
export interface SavedLane {
  readonly run: string;
  readonly checkpoint: number;
  readonly last: boolean;
  readonly inputs: readonly InputProgress[];
  readonly translator: TranslatorState;
  readonly notes: NotesState;
}
