import { crc32 } from 'node:zlib';
import type { InputProgress } from './saved-run.ts';
import { inputChanged } from './saved-run.ts';

/**
 * The bytes of an input from where an earlier run stopped. What that run has read is read again, and proved to be the same; compressed
 * inputs have to be decompressed from the start in any case. Errors: `input-changed` (76).
 */
export async function* resumeInput(chunks: AsyncIterable<Uint8Array>, progress: InputProgress): AsyncGenerator<Uint8Array> {
  const { name, offset } = progress;
  let crc = 0;
  let left = offset;
  const check = (): void => {
    if (left === 0 && crc !== progress.crc32) throw inputChanged(name, `its first ${offset} bytes are others`);
  };
  check();
  for await (const chunk of chunks) {
    if (left === 0) {
      yield chunk;
      continue;
    }
    const before = chunk.subarray(0, left);
    crc = crc32(before, crc);
    left -= before.length;
    check();
    if (before.length < chunk.length) yield chunk.subarray(before.length);
  }
  if (left > 0) throw inputChanged(name, `${offset} bytes were read of it, now it ends after ${offset - left}`);
}
