import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { UpcastError } from '../errors.ts';
import type { BadRecord, RecordBlock, RecordView } from '../event/record.ts';
import type { BlockPool, FillableBlock } from './block.ts';
import { createBlock, createBlockPool, sealBlock } from './block.ts';
import type { BracketState } from './brackets.ts';
import { padded } from './bytes.ts';
import type { ReadOptions, RecordFormat } from './options.ts';
import { isBad } from './options.ts';
import type { PointedEvent } from './pointer.ts';
import { findEvent } from './pointer.ts';
import type { Reason } from './reasons.ts';
import { badUtf8, duplicateKey, reasonOf } from './reasons.ts';
import type { Scan } from './scan.ts';
import { createScan, retarget } from './scan.ts';
import type { RecordScan } from './scan-record.ts';

/** Bytes kept of a record that is too long. */
export const HEAD_KEPT = 4096;

const FIRST_SPANS = 4096;
/** Of a block of a few bytes. */
const LEAST_SPANS = 64;
const NO_SPANS = new Int32Array(0);

/** A record longer than allowed while it is counted: memory stays flat however long it is. */
export interface Overlong {
  /**
   * `line` ends at a line feed, `element` where its brackets close, `value` there or before a line that starts with `{`,
   * `broken` only before such a line.
   */
  readonly kind: 'line' | 'element' | 'value' | 'broken';
  readonly offset: number;
  readonly head: Buffer;
  readonly brackets: BracketState;
  length: number;
  crc: number;
}

/** The state of reading one input. Cutters, one a format, take records off the current block and add them here. */
export interface Intake {
  readonly options: ReadOptions;
  /** Steps of the pointer to the event, if it is not the record itself. */
  readonly pointer: readonly string[] | undefined;
  readonly scan: RecordScan;
  readonly pool: BlockPool;
  format: RecordFormat | undefined;
  block: RecordBlock;
  /** Offset after the data in the block. */
  end: number;
  /** True if nothing comes after the block. */
  last: boolean;
  /** Input offset of the block's first byte. */
  base: number;
  /** Lines or elements so far. */
  line: number;
  blanks: number;
  items: (RecordView | BadRecord)[];
  /** The record that is being counted instead of stored. */
  overlong: Overlong | undefined;
  /** CRC-32 of all bytes before `base`. */
  crc: number;
  /** Input offset from which on the cutter stops after a record; `atBorder` then. */
  nextBorder: number;
  atBorder: boolean;
  /** Where a run may resume, if that is not where the cutter stands. */
  border: number | undefined;
  /** Damage that ends the input, once the items before it are handed out. */
  failure: UpcastError | undefined;
}

/** Memory that one reading after another may use. */
export interface ReadingRoom {
  readonly scan: Scan;
  readonly pool: BlockPool;
  /** Stands for no block yet. */
  readonly blank: RecordBlock;
}

/** Room for readings that allow so many levels. */
export function createReadingRoom(maxDepth?: number): ReadingRoom {
  const bytes = padded(new Uint8Array(0));
  return { scan: createScan(bytes, maxDepth), pool: createBlockPool(), blank: createBlock(bytes) };
}

/** A new intake, at the input's start or where a run resumes. */
export function createIntake(options: ReadOptions, pointer: readonly string[] | undefined, room: ReadingRoom): Intake {
  const { shapes } = options;
  const scan = { ...room.scan, shapes, spans: NO_SPANS, used: 0, node: shapes.root };
  return {
    options,
    pointer,
    scan,
    pool: room.pool,
    format: undefined,
    block: room.blank,
    end: 0,
    last: false,
    base: options.startOffset ?? 0,
    line: options.startLine ?? 0,
    blanks: 0,
    items: [],
    overlong: undefined,
    crc: options.startCrc ?? 0,
    nextBorder: borderAfter(options.startOffset ?? 0, options.borderEvery),
    atBorder: false,
    border: undefined,
    failure: undefined,
  };
}

/** The first border after an offset. */
export function borderAfter(offset: number, every: number | undefined): number {
  return every === undefined ? Number.POSITIVE_INFINITY : (Math.floor(offset / every) + 1) * every;
}

/** True if the cutter, having taken all up to `at` in the block, is to stop there: a border was reached. */
export function reachesBorder(intake: Intake, at: number): boolean {
  if (intake.base + at < intake.nextBorder || intake.overlong !== undefined) return false;
  intake.atBorder = true;
  intake.nextBorder = borderAfter(intake.base + at, intake.options.borderEvery);
  return true;
}

/** Sets the next block before an intake: its first `end` bytes. */
export function openBlock(intake: Intake, block: FillableBlock, end: number, last: boolean): void {
  const { scan, pool } = intake;
  block.cut(end);
  retarget(scan, block.bytes);
  // The last block's size is a good guess for this one's.
  scan.spans = pool.spans(Math.max(Math.min(FIRST_SPANS, LEAST_SPANS + end), scan.used + (scan.used >> 3)));
  scan.used = 0;
  intake.block = block;
  intake.end = end;
  intake.last = last;
  intake.items = [];
  intake.blanks = 0;
  intake.atBorder = false;
}

/** Completes the block of which `[0, consumed)` was read: encoding is checked here, once for all its records. */
export function closeBlock(intake: Intake, consumed: number): void {
  const { block, scan, items } = intake;
  intake.crc = crc32(block.bytes.subarray(0, consumed), intake.crc);
  sealBlock(block, scan.spans, consumed);
  if (isUtf8(block.bytes.subarray(0, consumed))) return;
  for (const [index, item] of items.entries()) {
    if (isBad(item) || item.block !== block || isUtf8(block.bytes.subarray(item.start, item.end))) continue;
    items[index] = makeBad(intake, item.start, item.end, badUtf8(block.bytes, item.start, item.end), item.line);
    block.live -= 1;
  }
}

/** Adds the record at `[start, end)` that was scanned last; its spans start at `at`. */
export function addRecord(intake: Intake, start: number, end: number, at: number): void {
  const { scan, block, options } = intake;
  const shape = scan.node.shape ?? scan.shapes.shapeOf(scan.node);
  intake.line += 1;
  if ((shape.duplicate >= 0 && options.dupKeys === 'refuse') || intake.pointer !== undefined) {
    const item = checkedRecord(intake, start, end, at);
    if (!isBad(item)) item.block.live += 1;
    intake.items.push(item);
    return;
  }
  block.live += 1;
  intake.items.push({ block, start, end, at, shape, source: options.source, offset: intake.base + start, line: intake.line });
}

/** The way of records that need a closer look: repeated keys, or an event further inside. */
function checkedRecord(intake: Intake, start: number, end: number, at: number): RecordView | BadRecord {
  const { scan, options, pointer, line } = intake;
  const { bytes } = scan;
  const bad = (reason: Reason) => makeBad(intake, start, end, reason, line);
  // Before keys are compared: bytes that are not UTF-8 all decode to the same replacement character.
  if (!isUtf8(bytes.subarray(start, end))) return bad(badUtf8(bytes, start, end));
  const shape = scan.shapes.shapeOf(scan.node);
  const repeated = options.dupKeys === 'refuse' ? shape.keys[shape.duplicate] : undefined;
  if (repeated !== undefined) return bad(duplicateKey(repeated));
  const outer: PointedEvent = { block: intake.block, start, end, at, shape };
  const found = pointer === undefined ? outer : findEvent(scan, outer, pointer, options);
  if ('code' in found) return bad(found);
  return { ...found, source: options.source, offset: intake.base + start, line };
}

/** Adds `[start, end)` as a bad record. */
export function addBad(intake: Intake, start: number, end: number, reason: Reason): void {
  intake.line += 1;
  intake.items.push(makeBad(intake, start, end, reason, intake.line));
}

/** The reason why the scan failed that returned `failure`, for the record at `[start, end)`. */
export function scanReason(intake: Intake, start: number, end: number, failure: number): Reason {
  const { bytes, expected, tooDeep } = intake.scan;
  return reasonOf(bytes, start, end, { at: ~failure, expected, tooDeep });
}

/** The reason for a record that is longer than allowed. */
export function tooLong(intake: Intake, length: number): Reason {
  return { code: 'too-long', message: `expected at most ${intake.options.maxLine} bytes, got ${length}` };
}

function makeBad(intake: Intake, start: number, end: number, reason: Reason, line: number): BadRecord {
  const bytes = intake.scan.bytes.subarray(start, end);
  const kept = reason.code === 'too-long' ? bytes.subarray(0, HEAD_KEPT) : bytes;
  return {
    ...reason,
    // A copy: a bad record may be kept for long, its block should not be.
    raw: new Uint8Array(kept),
    length: bytes.length,
    crc32: crc32(bytes),
    source: intake.options.source,
    offset: intake.base + start,
    line,
  };
}
