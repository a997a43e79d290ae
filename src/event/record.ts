import type { Shape } from './shape.ts';
import type { Bytes } from './span.ts';
import { copySpan, quickHash, sameSpan } from './span.ts';

/** A stretch of input bytes in which records were found. Whoever reads bytes makes it; records are views on it. */
export interface RecordBlock extends Bytes {
  /** Start and end of every top-level value of every record of the block, as offsets into `bytes`, pairwise. */
  spans: Int32Array;
  /** The bytes `[from, to)` as a string (UTF-8). */
  text(from: number, to: number): string;
}

/** One JSON object as it came: the places of its top-level values in the source bytes. Nothing is decoded until asked for. */
export interface RecordView {
  readonly block: RecordBlock;
  /** Offset of `{` in the block's bytes. */
  readonly start: number;
  /** Offset after the matching `}`. */
  readonly end: number;
  /** Index in `block.spans` of the first value's start. */
  readonly at: number;
  readonly shape: Shape;
  /** Which input, by its number in the run's list of inputs. */
  readonly source: number;
  /** Byte offset of the record in that input, decompressed. */
  readonly offset: number;
  /** Line (NDJSON) or element (array, concatenated values) in that input, from 1. */
  readonly line: number;
}

/** Why a record could not be read. */
export const BAD_RECORD_CODES = [
  'bad-json',
  'bad-utf8',
  'utf16',
  'duplicate-key',
  'too-deep',
  'too-long',
  'nul-run',
  'not-an-object',
  'no-event-at-pointer',
] as const;

/** A reason code of {@link BadRecord}. */
export type BadRecordCode = (typeof BAD_RECORD_CODES)[number];

/** A record that is not an event: it ends as a dead letter. */
export interface BadRecord {
  readonly code: BadRecordCode;
  /** What was wrong, for a person; names the byte where it helps. */
  readonly message: string;
  /** The record's bytes, or its first 4 KiB when it is longer than allowed. */
  readonly raw: Uint8Array;
  /** Full length in bytes, and the CRC-32 of all of them. */
  readonly length: number;
  readonly crc32: number;
  readonly source: number;
  readonly offset: number;
  readonly line: number;
}

/** Start of a field's value in the block's bytes. */
export function valueStart(record: RecordView, field: number): number {
  return record.block.spans[record.at + 2 * field] as number;
}

/** End (exclusive) of a field's value in the block's bytes. */
export function valueEnd(record: RecordView, field: number): number {
  return record.block.spans[record.at + 2 * field + 1] as number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True if a value is `null` or `""`: it says nothing, and 2.0 leaves such fields out. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  return (length === 2 && bytes[start] === QUOTE) || (length === 4 && bytes[start] === 0x6e);
}

/** A field's value as text: a string decoded, any other JSON value as it is written. Blank values are undefined. */
export function textOf(record: RecordView, field: number): string | undefined {
  if (field < 0) return undefined;
  const { block, at } = record;
  const start = block.spans[at + 2 * field] as number;
  const end = block.spans[at + 2 * field + 1] as number;
  if (isBlank(block.bytes, start, end)) return undefined;
  return block.bytes[start] === QUOTE ? stringOf(block, start + 1, end - 1) : block.text(start, end);
}

const KNOWN = 8192;
const KNOWN_ROOM = 64;
/** Names, ids and call types come again and again: their strings are kept, by their bytes, in one flat table. A cache; it changes no result. */
const knownKeys = new DataView(new ArrayBuffer(KNOWN * KNOWN_ROOM));
const knownLengths = new Uint8Array(KNOWN);
const knownTexts: string[] = new Array<string>(KNOWN).fill('');

function stringOf(block: RecordBlock, start: number, end: number): string {
  const length = end - start;
  if (length >= KNOWN_ROOM) return decode(block, start, end);
  const { view } = block;
  const slot = quickHash(view, start, end) & (KNOWN - 1);
  if (knownLengths[slot] === length && sameSpan(view, start, end, knownKeys, slot * KNOWN_ROOM)) return knownTexts[slot] as string;
  const text = decode(block, start, end);
  copySpan(knownKeys, slot * KNOWN_ROOM, view, start, end);
  knownLengths[slot] = length;
  knownTexts[slot] = text;
  return text;
}

function decode(block: RecordBlock, start: number, end: number): string {
  for (let at = start; at < end; at += 1) {
    if (block.bytes[at] === BACKSLASH) return JSON.parse(block.text(start - 1, end + 1)) as string;
  }
  return block.text(start, end);
}

/** The text of the field that fills a slot (`SLOT.contactId` …), or undefined where it is absent or blank. */
export function slotText(record: RecordView, slot: number): string | undefined {
  return textOf(record, record.shape.slots[slot] as number);
}
