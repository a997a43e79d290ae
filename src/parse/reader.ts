import { createArrayCutter } from './array.ts';
import type { FillableBlock } from './block.ts';
import { cutConcatenated } from './concatenated.ts';
import { detectFormat } from './detect.ts';
import { readDocument } from './document.ts';
import type { Intake, ReadingRoom } from './intake.ts';
import { closeBlock, createIntake, createReadingRoom, openBlock } from './intake.ts';
import { cutLines } from './lines.ts';
import type { ReadOptions, RecordBatch } from './options.ts';
import { HARD_MAX_LINE } from './options.ts';
import { parsePointer } from './pointer.ts';

export { detachRecord } from './block.ts';
export type { ReadingRoom } from './intake.ts';
export { createReadingRoom } from './intake.ts';
export type { ReadOptions, RecordBatch, RecordFormat } from './options.ts';
export { DEFAULT_MAX_LINE, HARD_MAX_LINE, isBad } from './options.ts';

/** Default of `blockSize`. */
const BLOCK_SIZE = 256 * 1024;

/**
 * Reads records from an input's decompressed bytes, in order. What is wrong with one record is an item of its own; what
 * is wrong with the input as a whole throws, after everything before it was yielded. Memory is bounded by a block and a record.
 */
export async function* readRecords(chunks: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<RecordBatch> {
  const steps = options.eventAt === undefined ? [] : parsePointer(options.eventAt);
  const maxLine = Math.min(options.maxLine, HARD_MAX_LINE);
  if (steps.includes('*')) {
    yield* readDocument(chunks, steps, { ...options, maxLine });
    return;
  }
  const intake = createIntake({ ...options, maxLine }, steps.length === 0 ? undefined : steps, createReadingRoom(options.maxDepth));
  const feed = createFeed(intake);
  const ended = yield* pushAll(chunks, feed, intake);
  // Where the source broke, what arrived before is still good, up to the last whole record.
  const isLast = !ended.early && options.keepOpen !== true;
  for (let more = true; more; more = intake.atBorder && intake.failure === undefined) {
    const rest = feed.cut(isLast);
    if (rest !== undefined) yield rest;
  }
  if (ended.early) throw intake.failure ?? ended.error;
  if (intake.failure !== undefined) throw intake.failure;
}

/**
 * Reads all records of bytes that are in memory (at most 512 MiB); what is wrong with them as a whole throws. Who reads many and releases
 * their records lends the `room` of the ones to the others.
 */
export function readBuffer(bytes: Uint8Array, options: Omit<ReadOptions, 'blockSize'>, room?: ReadingRoom): RecordBatch {
  const intake = createIntake(
    { ...options, blockSize: bytes.length + 1 },
    options.eventAt === undefined ? undefined : parsePointer(options.eventAt),
    room ?? createReadingRoom(options.maxDepth),
  );
  const feed = createFeed(intake);
  feed.add(bytes, 0);
  const batch = feed.cut(true) as RecordBatch;
  if (intake.failure !== undefined) throw intake.failure;
  return batch;
}

interface Ending {
  readonly early: boolean;
  readonly error?: unknown;
}

/** Collects bytes into blocks and cuts them. */
interface Feed {
  /** Copies bytes of a chunk from an offset on, as many as fit; returns the offset behind them. */
  add(chunk: Uint8Array, from: number): number;
  /** No more bytes fit: the block is to be cut. */
  isFull(): boolean;
  /** Cuts what was collected. */
  cut(last: boolean): RecordBatch | undefined;
}

async function* pushAll(chunks: AsyncIterable<Uint8Array>, feed: Feed, intake: Intake): AsyncGenerator<RecordBatch, Ending> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await pull(source);
      if ('error' in next) return { early: true, error: next.error };
      if (next.done) return { early: false };
      for (let at = feed.add(next.value, 0); feed.isFull(); at = feed.add(next.value, at)) {
        do {
          const batch = feed.cut(false);
          if (batch !== undefined) yield batch;
          if (intake.failure !== undefined) throw intake.failure;
        } while (intake.atBorder);
      }
    }
  } finally {
    await source.return?.();
  }
}

async function pull(source: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array> | { readonly error: unknown }> {
  try {
    return await source.next();
  } catch (error) {
    return { error };
  }
}

function createFeed(intake: Intake): Feed {
  const { pool } = intake;
  const cut = createCutter(intake);
  const blockSize = intake.options.blockSize ?? BLOCK_SIZE;
  let room = blockSize;
  let size = 0;
  let block: FillableBlock | undefined;
  return {
    add(chunk, from) {
      block ??= pool.take(room);
      const taken = Math.min(chunk.length - from, room - size);
      if (taken === chunk.length) block.memory.set(chunk, size);
      else block.memory.set(chunk.subarray(from, from + taken), size);
      size += taken;
      return from + taken;
    },
    isFull: () => size === room,
    cut(last) {
      block ??= pool.take(room);
      openBlock(intake, block, size, last);
      const consumed = cut(0);
      closeBlock(intake, consumed);
      intake.base += consumed;
      const rest = block.memory.subarray(consumed, size);
      // Only when it has doubled is a record looked at again that did not fit: else a long one would cost quadratic time.
      room = Math.max(Math.min(blockSize, BLOCK_SIZE), 2 * rest.length);
      block.live -= 1;
      block = undefined;
      size = rest.length;
      if (size > 0) {
        block = pool.take(room);
        block.memory.set(rest);
      }
      return batchOf(intake, last);
    },
  };
}

function batchOf(intake: Intake, last: boolean): RecordBatch | undefined {
  const { items, blanks, line, overlong, border, base, format, failure, atBorder } = intake;
  if (items.length === 0 && blanks === 0 && !last && !atBorder && failure === undefined) return undefined;
  const position = border ?? overlong?.offset ?? base;
  return { items, blanks, position, line, format, crc32: position === base ? intake.crc : undefined, atBorder };
}

/** The cutter for an intake: skips the byte order mark and, where not told, finds the format first. */
function createCutter(intake: Intake): (from: number) => number {
  let cut: ((from: number) => number) | undefined;
  return (from) => {
    if (cut !== undefined) return cut(from);
    const { options, scan } = intake;
    // The mark may arrive in pieces too.
    if (intake.base === 0 && intake.end < 3 && !intake.last) return 0;
    const start = intake.base === 0 && hasMark(scan.bytes) ? 3 : from;
    intake.format = options.format === undefined || options.format === 'auto' ? detectFormat(intake, start) : options.format;
    if (intake.format === undefined) return 0;
    cut = cutterOf(intake);
    return cut(start);
  };
}

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function cutterOf(intake: Intake): (from: number) => number {
  if (intake.format === 'array') return createArrayCutter(intake);
  if (intake.format === 'concatenated') return (from) => cutConcatenated(intake, from);
  return (from) => cutLines(intake, from);
}
