import type { BadRecord, RecordView } from '../event/record.ts';
import type { ShapeTree } from '../event/shape.ts';

/** How records stand in an input: one a line, in a JSON array, or one value after another. */
export type RecordFormat = 'ndjson' | 'array' | 'concatenated';

/** Longest record taken unless told otherwise. */
export const DEFAULT_MAX_LINE: number = 1024 * 1024;

/** Longest record that can be asked for. */
export const HARD_MAX_LINE: number = 64 * 1024 * 1024;

/** What to read records from bytes by. */
export interface ReadOptions {
  /** Number of the input in the run's list, for the records. */
  readonly source: number;
  /** Name of the input, for errors. */
  readonly name?: string;
  /** `auto` unless told: the first bytes decide. */
  readonly format?: 'auto' | RecordFormat;
  /** Bytes of the longest record taken; longer ones are counted, not stored. At most {@link HARD_MAX_LINE}. */
  readonly maxLine: number;
  /** `last`: a repeated key is no error; make the shape tree with `duplicates: 'last'` too. */
  readonly dupKeys: 'refuse' | 'last';
  /** JSON pointer (RFC 6901) to the event inside each record; with a `*` step, to the events inside one document. */
  readonly eventAt?: string;
  /** RFC 7464: a record separator may stand before a record. */
  readonly rs?: boolean;
  readonly shapes: ShapeTree;
  /** Decompressed offset of the first byte: not 0 when a run resumes at a batch's `position`, with that batch's `format`. */
  readonly startOffset?: number;
  /** Lines (elements) before that offset: a batch's `line`. */
  readonly startLine?: number;
  /** CRC-32 of the bytes before that offset, to which those read here are added: a batch's `crc32`. */
  readonly startCrc?: number;
  /**
   * A batch ends after the first record that reaches a multiple of so many bytes of input, and says so: places that depend on nothing but
   * the input.
   */
  readonly borderEvery?: number;
  /** The input may go on later: what is incomplete at its end is not taken. */
  readonly keepOpen?: boolean;
  readonly maxDepth?: number;
  /** Bytes collected before records are cut from them, 256 KiB unless told; makes no difference to what comes out. */
  readonly blockSize?: number;
  /** An input that ends early ends cleanly; what is there of its last record is a bad record. */
  readonly allowTruncated?: boolean;
}

/** Records of a stretch of input, in its order. */
export interface RecordBatch {
  readonly items: (RecordView | BadRecord)[];
  /** Blank lines among them. */
  readonly blanks: number;
  /** Decompressed offset up to which everything is in this batch or an earlier one: a border between records. */
  readonly position: number;
  /** Lines (elements) up to there. */
  readonly line: number;
  /** The format, once it is known. */
  readonly format: RecordFormat | undefined;
  /** CRC-32 of the input's bytes up to `position`; undefined where a run cannot resume at it. */
  readonly crc32: number | undefined;
  /** The batch ends at a border, see `borderEvery`. */
  readonly atBorder: boolean;
}

/** True for an item that is not a record. */
export function isBad(item: RecordView | BadRecord): item is BadRecord {
  // Not `in`, which looks the name up each time.
  return (item as BadRecord).code !== undefined;
}
