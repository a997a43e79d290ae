import type { Frontier } from '../../translate/api.ts';

/** Numbers of one entry in {@link Piece.index}. */
export const FIELDS = 8;
/** Where each stands. Lengths in bytes. */
export const AT = { flags: 0, time: 1, seq: 2, output: 3, lines: 4, provenance: 5, dropped: 6, droppedLines: 7 } as const;
/** Late: the entry stands behind all that was written when its event came; `time` and `seq` are that place (see `Translator.frontier`). */
export const LATE = 1;
/** The entry has outputs in other calls than its event's own, which {@link Piece.ahead} names. */
export const HAS_AHEAD = 2;

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

/**
 * What a lane made of some items of the inputs: lines, and an index that tells which belong to which event. Every lane reads all items and
 * translates those of its part; put together in the order of the index, their lines are those of a run without lanes.
 */
export interface Piece {
  /** {@link FIELDS} numbers an entry, in the lane's output order. */
  readonly index: Float64Array;
  readonly output: Uint8Array;
  readonly provenance: Uint8Array;
  readonly dropped: Uint8Array;
  /** By number of the entry. */
  readonly ahead: ReadonlyMap<number, readonly Ahead[]>;
  readonly dead: readonly DeadLetter[];
  /** Every entry before this place has been told. */
  readonly frontier: Frontier;
  /** Items of the inputs taken so far. */
  readonly items: number;
}
