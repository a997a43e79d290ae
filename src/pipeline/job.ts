import type { IdTable } from '../event/ids.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Books } from '../translate/account.ts';
import type { SurveyState } from '../translate/survey.ts';
import type { Tally } from '../translate/tally.ts';

/** Where provenance goes: a file beside the output, an `_upcast` field in each event, or nowhere. */
export type ProvenanceTarget = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'field' } | { readonly kind: 'none' };

/** No machine that converts logs has more processors to spare. */
export const MOST_LANES = 64;

/** One of several runs that share a log by contact; `index` counts from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** A conversion as the user asked for it, everything decided. Times in milliseconds, sizes in bytes, `-` = stdin or stdout. */
export interface ConvertJob {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly mapping: Mapping;
  readonly ids: IdTable;
  readonly timeZone: string;
  readonly lateness: number;
  readonly hold: number;
  readonly idle: number;
  readonly retention: number;
  readonly maxJump: number;
  /** Dead letters; undefined = counted only. */
  readonly deadLetters: string | undefined;
  /** The dead-letter file was asked for: it is left even if it is empty. */
  readonly keepEmpty: boolean;
  /** Dropped and set-aside events and dropped fields; undefined = counted only. */
  readonly dropped: string | undefined;
  readonly provenance: ProvenanceTarget;
  /** State file (SQLite); undefined = one in the system's temporary folder, removed at the end. */
  readonly state: string | undefined;
  readonly force: boolean;
  /** Begin anew, whatever the state says. */
  readonly restart: boolean;
  /** Take the events of all inputs by their times, instead of one input after the other. */
  readonly merge: boolean;
  /** The inputs are what a shim captured: events count in the order in which they came, and waits end by the times that the capture tells. */
  readonly asReceived: boolean;
  /** Threads that share the work, where it can be shared; undefined = as many as are worth it. The output is the same. */
  readonly lanes?: number | undefined;
  /** Only this share of the contacts; beside the output a file tells where its lines belong, for `merge`. */
  readonly shard?: Shard | undefined;
  /** Bytes of (decompressed) input from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** End without deciding what still waits, so that the run can go on when the last input has grown. */
  readonly keepOpen: boolean;
  /** Ends the run early, after a checkpoint; its reason is the name of the signal. */
  readonly signal: AbortSignal | undefined;
  readonly strict: boolean;
  /** Stop after this many records. */
  readonly limit: number | undefined;
  readonly eventAt: string | undefined;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
  readonly allowTruncated: boolean;
  readonly rs: boolean;
  /** Called now and then while the job runs. */
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Told once, before anything is written. */
  readonly onDisk: ((disk: DiskNeed) => void) | undefined;
}

/** What a job will probably write, and the room that there is, in bytes. */
export interface DiskNeed {
  readonly need: number;
  /** Undefined where the system does not say. */
  readonly free: number | undefined;
  /** The folder of the output. */
  readonly folder: string;
}

/** How far a job is. */
export interface Progress {
  readonly records: number;
  /** Bytes read of the inputs as they lie on disk, and their sum where it is known. */
  readonly bytesRead: number;
  readonly bytesTotal: number | undefined;
  readonly outputs: number;
  readonly deadLetters: number;
  readonly seconds: number;
  /** Room left where the output is written, in bytes; undefined where the system does not say. */
  readonly free: number | undefined;
}

/** One file that a job wrote. */
export interface WrittenFile {
  readonly kind: 'output' | 'dead letters' | 'dropped' | 'provenance' | 'places';
  readonly path: string;
  readonly lines: number;
  readonly bytes: number;
}

/** A dead letter, as the report cites it. */
export interface DeadLetterSample {
  readonly place: string;
  readonly code: string;
  readonly message: string;
}

/** What a finished job did. */
export interface RunResult {
  readonly books: Books;
  readonly tally: Tally;
  readonly survey: SurveyState;
  readonly mapping: { readonly name: string; readonly version: string; readonly hash: string };
  /** Names of the inputs, by the number that places carry. */
  readonly inputs: readonly string[];
  readonly files: readonly WrittenFile[];
  readonly records: number;
  readonly blanks: number;
  readonly bytesRead: number;
  /** Earliest and latest event time, Unix milliseconds. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  readonly unfinished: { readonly count: number; readonly first: readonly string[] };
  readonly deadLetters: {
    readonly count: number;
    readonly byCode: ReadonlyMap<string, number>;
    readonly first: readonly DeadLetterSample[];
  };
  /** What the user should know, one line each (inputs in the wrong order, times that jump). */
  readonly warnings: readonly string[];
  /** Lines that do not add up; empty if the books balance. */
  readonly imbalances: readonly string[];
  readonly seconds: number;
  /** `again`: the job was finished before, nothing was done. `open`: it goes on when the input has grown. */
  readonly ending: 'done' | 'again' | 'open';
}
