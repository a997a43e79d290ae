import { constants, crc32, createInflateRaw } from 'node:zlib';
import type { Cursor } from './cursor.ts';
import type { Faults } from './decompress-faults.ts';
import { createEngine } from './engine.ts';

const CHUNK_SIZE = 128 * 1024;
/** Compressed bytes fed at once: what they may swell to waits in memory. */
const FEED_SIZE = 64 * 1024;

const HAS_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED = 0xe0;

/** True if bytes start a gzip member (RFC 1952 section 2.3.1). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Gzip members one after another. Members are taken apart here because node's gunzip ends in silence before NULs, and loses the
 * data of the piece in which it meets trailing garbage.
 */
export async function* gunzip(cursor: Cursor, faults: Faults): AsyncGenerator<Uint8Array> {
  for (;;) {
    await readHeader(cursor, faults);
    yield* inflateMember(cursor, faults);
    const head = await cursor.peek(2);
    if (head.length === 0) return;
    if (head.length === 1 && head[0] === 0x1f) throw faults.truncated();
    if (!isGzip(head)) throw faults.garbage('another gzip member', head[0] as number);
  }
}

async function readHeader(cursor: Cursor, faults: Faults): Promise<void> {
  const fixed = Buffer.from(await need(cursor, 10, faults));
  cursor.skip(10);
  const flags = fixed[3] as number;
  if (fixed[2] !== 8 || (flags & RESERVED) !== 0) throw faults.damaged('a gzip header of a known kind was expected');
  if (flags & HAS_EXTRA) {
    const length = (await need(cursor, 2, faults)).readUInt16LE(0);
    await need(cursor, 2 + length, faults);
    cursor.skip(2 + length);
  }
  if (flags & HAS_NAME) await skipText(cursor, faults);
  if (flags & HAS_COMMENT) await skipText(cursor, faults);
  if (flags & HAS_CRC) {
    await need(cursor, 2, faults);
    cursor.skip(2);
  }
}

async function need(cursor: Cursor, length: number, faults: Faults): Promise<Buffer> {
  const bytes = await cursor.peek(length);
  if (bytes.length < length) throw faults.truncated();
  return bytes;
}

async function skipText(cursor: Cursor, faults: Faults): Promise<void> {
  for (;;) {
    const bytes = await cursor.next();
    if (bytes === undefined) throw faults.truncated();
    const end = bytes.indexOf(0);
    if (end < 0) continue;
    cursor.giveBack(bytes.length - end - 1);
    return;
  }
}

async function* inflateMember(cursor: Cursor, faults: Faults): AsyncGenerator<Uint8Array> {
  const stream = createInflateRaw({ chunkSize: CHUNK_SIZE, flush: constants.Z_SYNC_FLUSH });
  const engine = createEngine(stream);
  let sum = 0;
  let length = 0;
  try {
    while (!engine.ended) {
      const piece = await cursor.next(FEED_SIZE);
      if (piece === undefined) throw faults.truncated();
      const before = stream.bytesWritten;
      try {
        for await (const out of engine.feed(piece)) {
          sum = crc32(out, sum);
          length += out.length;
          yield faults.count(out);
        }
      } catch (error) {
        throw faults.damaged((error as Error).message, error);
      }
      cursor.giveBack(piece.length - (stream.bytesWritten - before));
    }
  } finally {
    engine.close();
  }
  const trailer = await need(cursor, 8, faults);
  const matches = trailer.readUInt32LE(0) === sum && trailer.readUInt32LE(4) === length % 2 ** 32;
  cursor.skip(8);
  if (!matches) throw faults.damaged('its checksum does not match');
}
