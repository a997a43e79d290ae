import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { inputError } from './input-error.ts';

const CHUNK_SIZE = 256 * 1024;

/** Chunks that stand in memory: the one being worked on, the one before it, and the next one, being read. */
const BUFFERS = 3;

/**
 * The bytes of a file from an offset on. The next chunk is read while one is worked on. Memory is used again: a chunk stays as it is
 * until the next but one is asked for.
 */
export async function* readFile(path: string, startOffset = 0): AsyncGenerator<Uint8Array> {
  const file = await guarded(path, () => open(path, 'r'));
  let ahead: Promise<Uint8Array> | undefined;
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(CHUNK_SIZE));
  let turn = 0;
  const next = (position: number | null): Promise<Uint8Array> => readChunk(file, path, position, buffers[turn++ % BUFFERS] as Buffer);
  try {
    const seekable = (await file.stat()).isFile();
    if (!seekable) {
      yield* readStream(
        chunksOf(() => next(null)),
        startOffset,
      );
      return;
    }
    let position = startOffset;
    ahead = next(position);
    for (let chunk = await ahead; chunk.length > 0; chunk = await ahead) {
      position += chunk.length;
      ahead = next(position);
      // It may fail while nobody waits for it; it is waited for later.
      ahead.catch(() => {});
      yield chunk;
    }
  } finally {
    await ahead?.catch(() => {});
    await file.close();
  }
}

async function* chunksOf(next: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let chunk = await next(); chunk.length > 0; chunk = await next()) yield chunk;
}

async function readChunk(file: FileHandle, path: string, position: number | null, buffer: Buffer): Promise<Uint8Array> {
  const { bytesRead } = await guarded(path, () => file.read(buffer, 0, CHUNK_SIZE, position));
  return buffer.subarray(0, bytesRead);
}

async function guarded<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw inputError(path, error);
  }
}

/** The bytes of a stream after the first `startOffset`, which are read and thrown away. */
export async function* readStream(chunks: AsyncIterable<Uint8Array>, startOffset = 0): AsyncGenerator<Uint8Array> {
  let left = startOffset;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
