import { isAscii } from 'node:buffer';
import type { RecordBlock, RecordView } from '../event/record.ts';
import type { SlicingBuffer } from '../event/span.ts';
import { bytesOf } from '../event/span.ts';
import { PADDING, padded, paddedBuffer } from './bytes.ts';

const NO_SPANS = new Int32Array(0);

/** A class, so that all blocks have one shape in memory: whatever reads records reads from many of them. */
class Block implements RecordBlock {
  bytes: Buffer;
  view: DataView;
  spans: Int32Array = NO_SPANS;
  isAscii: boolean = false;
  live: number = 0;
  /** All that was allocated; `bytes` is the part in use. */
  readonly memory: Buffer;

  constructor(bytes: Buffer) {
    this.memory = bytes;
    this.bytes = bytes;
    this.view = bytesOf(bytes).view;
  }

  /** Ends the bytes behind `length` and the padding: nobody must see what stood there before. */
  cut(length: number): void {
    this.memory.fill(0, length, length + PADDING);
    this.bytes = this.memory.subarray(0, length + PADDING);
    this.view = bytesOf(this.bytes).view;
  }

  text(from: number, to: number): string {
    const bytes = this.bytes as SlicingBuffer;
    return this.isAscii ? bytes.latin1Slice(from, to) : bytes.utf8Slice(from, to);
  }
}

/** A block over padded bytes; {@link sealBlock} completes it once its records are known. */
export function createBlock(bytes: Buffer): RecordBlock {
  return new Block(bytes);
}

/** Gives a block its spans, and the faster decoder if `[0, end)` is ASCII. */
export function sealBlock(block: RecordBlock, spans: Int32Array, end: number): void {
  block.spans = spans;
  block.isAscii = isAscii(block.bytes.subarray(0, end));
}

/** A copy of a record in a block of its own, for who keeps it: a view keeps the whole block it was read from alive. */
export function detachRecord(record: RecordView): RecordView {
  const { start, end, at, shape } = record;
  const bytes = padded(record.block.bytes.subarray(start, end));
  const spans = record.block.spans.slice(at, at + 2 * shape.keys.length);
  for (let index = 0; index < spans.length; index += 1) spans[index] = (spans[index] as number) - start;
  const block = createBlock(bytes);
  sealBlock(block, spans, bytes.length);
  return { ...record, block, start: 0, end: end - start, at: 0 };
}

const BLOCKS_KEPT = 64;

/** A block that is being filled; `cut` tells how far, before it is read. */
export type FillableBlock = Block;

/** Blocks in memory that is used again when all records of an earlier block were released. */
export interface BlockPool {
  /** A block with room for `length` bytes and the padding. It counts as in use until its `live` is lowered by one. */
  take(length: number): FillableBlock;
  /** Spans for a block, of at least `least` numbers. */
  spans(least: number): Int32Array;
}

/** An empty pool. */
export function createBlockPool(): BlockPool {
  let handedOut: Block[] = [];
  let spare: Int32Array | undefined;
  const memory = (length: number): Buffer => {
    const index = handedOut.findIndex((block) => block.live === 0 && block.memory.length >= length + PADDING);
    if (index < 0) return paddedBuffer(length);
    const [block] = handedOut.splice(index, 1) as [Block];
    spare = block.spans;
    return block.memory;
  };
  return {
    take(length) {
      const block = new Block(memory(length));
      block.live = 1;
      if (handedOut.length >= BLOCKS_KEPT) handedOut = handedOut.slice(1);
      handedOut.push(block);
      return block;
    },
    spans(least) {
      const found = spare;
      spare = undefined;
      return found !== undefined && found.length >= least ? found : new Int32Array(least);
    },
  };
}
