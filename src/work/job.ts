import type { IdTable } from '../event/ids.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Books } from '../translate/account.ts';

/** How workers translate; the same for all of a stream, or their outputs are not those of one run. Times in milliseconds. */
export interface WorkJob {
  readonly mapping: Mapping;
  readonly ids: IdTable;
  readonly timeZone: string;
  readonly lateness: number;
  readonly hold: number;
  readonly idle: number;
  readonly retention: number;
  readonly maxJump: number;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
  /** Name of the stream, for the places of events. */
  readonly input: string;
  /** Messages of a transaction, about. */
  readonly batch: number;
  /** From one snapshot of a partition's state to the next. */
  readonly snapshotEvery: number;
}

/** How far a partition is. */
export interface PartitionProgress {
  readonly partition: number;
  readonly position: number;
  readonly events: number;
  readonly outputs: number;
  readonly deadLetters: number;
  readonly books: Books;
}
