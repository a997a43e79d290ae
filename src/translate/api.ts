import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Books } from './account.ts';
import type { ContextStore } from './contexts.ts';
import type { Profile } from './forms.ts';
import type { Outcome } from './outcome.ts';
import type { RecordReader, SavedSlot, TranslatorState } from './snapshot.ts';
import type { SurveyState } from './survey.ts';
import type { Tally } from './tally.ts';
import type { Frontier } from './turns.ts';
import type { Watcher } from './watch.ts';

/** Settings of a translator; those left out come from the mapping or the documented defaults. Times in milliseconds. */
export interface TranslatorOptions {
  readonly mapping: Mapping;
  readonly ids?: IdTable | undefined;
  /** Zone of times that name none; default Asia/Shanghai. */
  readonly timeZone?: string | undefined;
  readonly lateness?: number | undefined;
  readonly hold?: number | undefined;
  readonly idle?: number | undefined;
  readonly retention?: number | undefined;
  /** Default one hour. */
  readonly maxJump?: number | undefined;
  /** `time` (files): output in event-time order, waits in event time. `arrival` (live): arrival order, waits by the times given to `push` and `advance`. */
  readonly order?: 'time' | 'arrival' | undefined;
  /** Where calls rest that are not hot; without one they stay in memory until they expire. */
  readonly store?: ContextStore | undefined;
  /** Calls kept in memory; default 6,000. */
  readonly hotCalls?: number | undefined;
  /** Somebody calls `takeSeen` now and then, so what is new is kept for it; default no. */
  readonly resumable?: boolean | undefined;
  /** Mappings in which each output is written once more (`Output.forms`); they must decide like `mapping`, see `differenceInDecisions`. */
  readonly profiles?: readonly Profile[] | undefined;
  /** Which records belong to the part of the work that this translator does; default all. It is given all records in any case. */
  readonly isHome?: ((record: RecordView) => boolean) | undefined;
  /** Is told of every decision. */
  readonly watcher?: Watcher | undefined;
  /** Outcomes name the fields that were left out; default no (they are counted in any case). */
  readonly listLeftOut?: boolean | undefined;
}

/**
 * Translates 1.0 events to 2.0, one at a time. It never waits, reads or writes: the same records in the same order give the same
 * outcomes, in whatever portions they come.
 */
export interface Translator {
  /** Takes the next record; returns what is decided by now, in output order. `now`: arrival time, only for order `arrival`. */
  push(record: RecordView, now?: number): readonly Outcome[];
  /** Tells that time has passed (order `arrival`): waits that ended are decided. */
  advance(now: number): readonly Outcome[];
  /** The end of the input: decides all that still waits. */
  finish(): readonly Outcome[];
  readonly books: Books;
  readonly tally: Tally;
  /** How much came when, and a few calls of each kind, so far. */
  survey(): SurveyState;
  /** Calls that began and have not ended. */
  unfinished(): number;
  /** Writes the hot calls to the store. */
  flush(): void;
  /**
   * What is in progress, as plain data (JSON holds it): with the flushed store, all that another translator needs to go on. The events on
   * their way are made one by one, since they are many, and must be taken before anything else is done with the translator.
   */
  save(): { readonly state: TranslatorState; readonly slots: Iterable<SavedSlot> };
  /** Puts a fresh translator over the same store where another was; `readRecord` makes records of saved events again. */
  restore(state: TranslatorState, slots: Iterable<SavedSlot>, readRecord: RecordReader): void;
  /** New entries of the memory of duplicates outside of calls, which is too large to be saved as a whole each time. */
  takeSeen(): { readonly body: Uint8Array; readonly expires: number } | undefined;
  restoreSeen(body: Uint8Array): void;
  /** Earliest and latest event time seen, Unix milliseconds. */
  span(): { readonly from: number; readonly to: number } | undefined;
  /** Highest believed event time. */
  clock(): number;
  /** Order `time`: every outcome before this place of the output order has been told. */
  frontier(): Frontier;
  /** Late events so far, of all parts, and where the frontier stood when the last of them came. */
  lateEvents(): number;
  lateFrontier(): Frontier;
}
