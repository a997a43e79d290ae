import type { Counts } from './progress.ts';
import type { Series } from './series.ts';

/** What a replay did. */
export interface ReplayResult {
  /** `again`: it was finished before, nothing was sent. */
  readonly ending: 'done' | 'stopped' | 'gave-up' | 'again';
  readonly inputs: readonly string[];
  /** Where events went, for a person: without query and password. */
  readonly target: string;
  /** Of all runs, and of those before this one. */
  readonly counts: Counts;
  readonly before: Counts;
  readonly read: ReadCounts;
  /** Event times of what this run sent, Unix milliseconds. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  readonly seconds: number;
  readonly series: Series;
  readonly files: readonly { readonly kind: string; readonly path: string; readonly lines: number }[];
  /** What ended it early. */
  readonly error: unknown;
}

/** What a run found in the inputs. */
export interface ReadCounts {
  /** Events of the first round, and those of them that are not meant. */
  events: number;
  skipped: number;
  /** Records that are no events. */
  noEvents: number;
  /** Events whose id follows from their content. */
  made: number;
  /** Stored bytes. */
  bytes: number;
  /** Events to send, of all rounds. */
  meant: number;
}

/** Nothing was read yet. */
export const NOTHING_READ: ReadCounts = { events: 0, skipped: 0, noEvents: 0, made: 0, bytes: 0, meant: 0 };
