import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { inputError } from './input-error.ts';

const CHUNK_SIZE = 256 * 1024;

/** The bytes of a file from an offset on. The next chunk is read while one is worked on. */
export async function* readFile(path: string, startOffset = 0): AsyncGenerator<Uint8Array> {
  const file = await guarded(path, () => open(path, 'r'));
  let ahead: Promise<Uint8Array> | undefined;
  try {
    const seekable = (await file.stat()).isFile();
    if (!seekable) {
      yield* readStream(chunksOf(file, path), startOffset);
      return;
    }
    let position = startOffset;
    ahead = readChunk(file, path, position);
    for (let chunk = await ahead; chunk.length > 0; chunk = await ahead) {
      position += chunk.length;
      ahead = readChunk(file, path, position);
      // It may fail while nobody waits for it; it is waited for later.
      ahead.catch(() => {});
      yield chunk;
    }
  } finally {
    await ahead?.catch(() => {});
    await file.close();
  }
}

async function* chunksOf(file: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (let chunk = await readChunk(file, path, null); chunk.length > 0; chunk = await readChunk(file, path, null)) yield chunk;
}

async function readChunk(file: FileHandle, path: string, position: number | null): Promise<Uint8Array> {
  // Not from the shared pool, and new each time: whoever gets a chunk may keep it.
  const buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
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
