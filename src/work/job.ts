import type { ConvertJob } from '../pipeline/job.ts';
import type { Books } from '../translate/account.ts';

/** How workers translate; the same for all of a stream, or their outputs are not those of one run. Times in milliseconds. */
export interface WorkJob
  extends Pick<
    ConvertJob,
    'mapping' | 'ids' | 'timeZone' | 'lateness' | 'hold' | 'idle' | 'retention' | 'maxJump' | 'maxLine' | 'dupKeys'
  > {
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
