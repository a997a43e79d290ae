import type { Frontier } from '../../translate/turns.ts';

/** Numbers of one entry in {@link Batch.index}. */
export const FIELDS = 7;
/** Where each stands. Lengths in bytes. */
export const AT = { time: 0, seq: 1, output: 2, lines: 3, provenance: 4, dropped: 5, droppedLines: 6 } as const;

/** Bytes in some of a lane's files. */
export interface Span {
  readonly output: number;
  readonly lines: number;
  readonly provenance: number;
}

/** Outputs of an entry in another call than its event's own: they stand at the beginning of its bytes. */
export interface Ahead extends Span {
  readonly contact: string;
}

/** A dead letter. */
export interface DeadLetter {
  /** Which item of the inputs it was, counted by its lane. */
  readonly item: number;
  /** Its line in the side file. */
  readonly text: string;
  readonly code: string;
  readonly message: string;
  readonly source: number;
  readonly line: number;
  readonly offset: number;
}

/** Lines, and an index that tells which belong to which event. */
export interface Batch {
  /** {@link FIELDS} numbers an entry, in output order. */
  readonly index: Float64Array;
  readonly output: Uint8Array;
  readonly provenance: Uint8Array;
  readonly dropped: Uint8Array;
  /** By number of the entry. */
  readonly ahead: ReadonlyMap<number, readonly Ahead[]>;
}

/**
 * What a lane made of some items of the inputs. Every lane reads all items and translates those of its part; put together in the order of
 * the index, their lines are those of a run without lanes.
 */
export interface Piece {
  /** By place in the output order: event time, input order. */
  readonly entries: Batch;
  /**
   * Of late events, all that came, of whatever part: each stands behind what was written when it came. Its place is up to where this lane
   * had told everything by then.
   */
  readonly late: Batch;
  readonly dead: readonly DeadLetter[];
  /** Every entry before this place has been told. */
  readonly frontier: Frontier;
  /** Items of the inputs taken so far. */
  readonly items: number;
}

/** The memory of a piece, to be handed on with it and back. */
export function memoryOf({ entries, late }: Piece): ArrayBuffer[] {
  const arrays = [entries, late].flatMap(({ index, output, provenance, dropped }) => [index, output, provenance, dropped]);
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
