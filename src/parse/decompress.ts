import { UpcastError } from '../errors.ts';
import type { Cursor } from './cursor.ts';
import { createCursor } from './cursor.ts';
import { createFaults, TRUNCATED } from './decompress-faults.ts';
import { gunzip, isGzip } from './gzip.ts';
import { isZstd, unzstd } from './zstd.ts';

/** Options of {@link decompress}. */
export interface DecompressOptions {
  /** Name of the input, for errors. */
  readonly name: string;
  /** Compressed data that ends early ends cleanly. */
  readonly allowTruncated?: boolean;
}

/**
 * The plain bytes of an input that is gzip, zstd or plain, as its first bytes say. Whatever is wrong with it, all data
 * before comes first. There is no limit on what it may swell to, but only a piece of that is in memory.
 */
export async function* decompress(chunks: AsyncIterable<Uint8Array>, options: DecompressOptions): AsyncGenerator<Uint8Array> {
  const cursor = createCursor(chunks);
  try {
    yield* plain(cursor, options);
  } catch (error) {
    const truncated = error instanceof UpcastError && error.code === TRUNCATED;
    if (!truncated || !options.allowTruncated) throw error;
  } finally {
    await cursor.close();
  }
}

async function* plain(cursor: Cursor, options: DecompressOptions): AsyncGenerator<Uint8Array> {
  const head = await cursor.peek(4);
  if (isCutMagic(head)) throw createFaults(options.name).truncated();
  if (isGzip(head)) yield* gunzip(cursor, createFaults(options.name));
  else if (isZstd(head)) yield* unzstd(cursor, createFaults(options.name));
  else for (let chunk = await cursor.next(); chunk !== undefined; chunk = await cursor.next()) yield chunk;
}

/** True for an input that is no more than the start of a gzip or zstd magic number: no JSON starts like that. */
function isCutMagic(head: Uint8Array): boolean {
  return (
    head.length > 0 && head.length < 4 && MAGICS.some((magic) => head.length < magic.length && head.every((byte, at) => byte === magic[at]))
  );
}

const MAGICS: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
];
