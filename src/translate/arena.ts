import type { Bytes, SlicingBuffer } from '../event/span.ts';
import { bytesOf, copySpan } from '../event/span.ts';

const CHUNK = 256 * 1024;

/** Memory in which outputs stand. */
export interface ArenaChunk extends Bytes {
  /** Outputs in it that are still in use; when all were released its bytes are used again. */
  live: number;
}

/** A place to write outputs one after another; whole events stand in one chunk, so that neighbours can be written to a file at once. */
export interface Arena {
  chunk: ArenaChunk;
  bytes: Uint8Array;
  view: DataView;
  /** Start of the event being written, and the next free byte. */
  start: number;
  at: number;
  /** Chunks that were filled, the oldest first. */
  readonly filled: ArenaChunk[];
}

const CHUNKS_KEPT = 64;

function newChunk(size: number): ArenaChunk {
  return { ...bytesOf(Buffer.alloc(size)), live: 0 };
}

/** An empty arena. */
export function createArena(): Arena {
  const chunk = newChunk(CHUNK);
  return { chunk, bytes: chunk.bytes, view: chunk.view, start: 0, at: 0, filled: [] };
}

/** Begins an event of about `size` bytes. */
export function begin(arena: Arena, size: number): void {
  arena.start = arena.at;
  ensure(arena, size);
}

/** Makes room for `need` more bytes; what was begun of the event moves along to another chunk if it must. */
export function ensure(arena: Arena, need: number): void {
  if (arena.at + need > arena.bytes.length) move(arena, need);
}

function move(arena: Arena, need: number): void {
  const begun = arena.bytes.subarray(arena.start, arena.at);
  const size = (begun.length + need) * 2;
  const chunk = size > CHUNK ? newChunk(size) : (takeFree(arena.filled) ?? newChunk(CHUNK));
  chunk.bytes.set(begun);
  if (arena.bytes.length === CHUNK) arena.filled.push(arena.chunk);
  if (arena.filled.length > CHUNKS_KEPT) arena.filled.shift();
  arena.chunk = chunk;
  arena.bytes = chunk.bytes;
  arena.view = chunk.view;
  arena.start = 0;
  arena.at = begun.length;
}

function takeFree(chunks: ArenaChunk[]): ArenaChunk | undefined {
  const index = chunks.findIndex((chunk) => chunk.live === 0);
  return index < 0 ? undefined : chunks.splice(index, 1)[0];
}

const encoder = new TextEncoder();
const SHORT = 200;

/** Appends a span of other bytes. */
export function writeSpan(arena: Arena, source: Bytes, start: number, end: number): void {
  ensure(arena, end - start + 4);
  if (end - start > SHORT) {
    arena.bytes.set(source.bytes.subarray(start, end), arena.at);
    arena.at += end - start;
  } else arena.at = copySpan(arena.view, arena.at, source.view, start, end);
}

/** Appends one byte; the room must have been made. */
export function writeByte(arena: Arena, byte: number): void {
  arena.bytes[arena.at] = byte;
  arena.at += 1;
}

/** Appends a string as a JSON string. */
export function writeString(arena: Arena, text: string): void {
  ensure(arena, text.length + 2);
  const { bytes } = arena;
  let at = arena.at;
  bytes[at++] = 0x22;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) {
      writeRaw(arena, JSON.stringify(text));
      return;
    }
    bytes[at++] = code;
  }
  bytes[at++] = 0x22;
  arena.at = at;
}

/** Appends text as it is, in UTF-8. */
export function writeRaw(arena: Arena, text: string): void {
  ensure(arena, text.length * 3);
  const { written } = encoder.encodeInto(text, arena.bytes.subarray(arena.at));
  arena.at += written;
}

/** Appends text that is known to be ASCII, as it is. */
export function writeAscii(arena: Arena, text: string): void {
  ensure(arena, text.length);
  arena.at += (arena.bytes as SlicingBuffer).latin1Write(text, arena.at, text.length);
}

const MOST_DIGITS = 16;
const INT_MAX = 0x7fffffff;

/** Appends a whole number from 0 to 2^53 in decimal digits. */
export function writeInteger(arena: Arena, value: number): void {
  ensure(arena, MOST_DIGITS);
  let digits = 1;
  for (let most = 10; value >= most; most *= 10) digits += 1;
  const { bytes } = arena;
  let at = arena.at + digits;
  let large = value;
  while (large > INT_MAX) {
    const next = Math.floor(large / 10);
    bytes[--at] = 0x30 + (large - next * 10);
    large = next;
  }
  // Most are small, and division is much cheaper in 32 bits.
  let rest = large | 0;
  while (at > arena.at) {
    const next = (rest / 10) | 0;
    bytes[--at] = 0x30 + (rest - next * 10);
    rest = next;
  }
  arena.at += digits;
}
