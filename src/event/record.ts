import type { Shape } from './shape.ts';
import type { Bytes } from './span.ts';
import { SpanCache } from './span-cache.ts';

/** A stretch of input bytes in which records were found. Whoever reads bytes makes it; records are views on it. */
export interface RecordBlock extends Bytes {
  /** Start and end of every top-level value of every record of the block, as offsets into `bytes`, pairwise. */
  spans: Int32Array;
  /** All bytes are ASCII. */
  isAscii: boolean;
  /** Records of it that are still in use; who is done with one may say so ({@link releaseRecord}), then the bytes are used again. */
  live: number;
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

/** Tells that a record will not be looked at again. Optional: what is never released is left to the garbage collector. */
export function releaseRecord(record: RecordView): void {
  record.block.live -= 1;
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

/** Names, ids and call types come again and again: their strings are kept. A cache; it changes no result. */
const known = new SpanCache<string>(8192);

function stringOf(block: RecordBlock, start: number, end: number): string {
  const found = known.get(block.view, start, end);
  if (found !== undefined) return found;
  const text = decode(block, start, end);
  known.put(block.view, start, end, text);
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

/** The same for a value that seldom comes again, such as the id of a call or a leg: it is not kept. */
export function slotTextOnce(record: RecordView, slot: number): string | undefined {
  const field = record.shape.slots[slot] as number;
  if (field < 0) return undefined;
  const { block } = record;
  const start = valueStart(record, field);
  const end = valueEnd(record, field);
  if (isBlank(block.bytes, start, end)) return undefined;
  return block.bytes[start] === QUOTE ? decode(block, start + 1, end - 1) : block.text(start, end);
}

/** The same for an id that is probably one of `few`: then no new string is made. */
export function slotTextAmong(record: RecordView, slot: number, few: readonly { readonly id: string }[]): string | undefined {
  const field = record.shape.slots[slot] as number;
  if (field < 0) return undefined;
  const { bytes } = record.block;
  const start = valueStart(record, field) + 1;
  const length = valueEnd(record, field) - 1 - start;
  if (bytes[start - 1] === QUOTE) for (const { id } of few) if (id.length === length && isText(bytes, start, id)) return id;
  return slotTextOnce(record, slot);
}

/** True if the field that fills a slot says something. */
export function hasSlot(record: RecordView, slot: number): boolean {
  const field = record.shape.slots[slot] as number;
  return field >= 0 && !isBlank(record.block.bytes, valueStart(record, field), valueEnd(record, field));
}

function isText(bytes: Uint8Array, start: number, text: string): boolean {
  // Ids of one call differ at their ends, if at all. Only ASCII without a backslash reads the same as bytes and as text.
  for (let index = text.length - 1; index >= 0; index -= 1) {
    const code = text.charCodeAt(index);
    if (code !== bytes[start + index] || code > 0x7e || code === BACKSLASH) return false;
  }
  return true;
}
