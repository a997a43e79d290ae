import { fdatasync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { EXIT, UpcastError } from '../errors.ts';

const writeAsync = promisify(write);
const fdatasyncAsync = promisify(fdatasync);
const NAP = new Int32Array(new SharedArrayBuffer(4));

/** Writes all bytes at a place in a file. A write may take less than asked near a limit, so it is repeated. Errors: `disk-full`, `io` (74). */
export async function writeAll(fd: number, bytes: Uint8Array, length: number, at: number, path: string): Promise<void> {
  let from = 0;
  while (from < length) {
    try {
      from += (await writeAsync(fd, bytes, from, length - from, at + from)).bytesWritten;
    } catch (cause) {
      throw ioError(cause, path, length - from);
    }
  }
}

/** The same to a pipe or a terminal, at once. */
export function writeAllNow(fd: number, bytes: Uint8Array, length: number, path: string): void {
  let from = 0;
  while (from < length) {
    try {
      from += writeSync(fd, bytes, from, length - from);
    } catch (cause) {
      if (isCode(cause, 'EAGAIN')) {
        // A slow reader of a pipe: give it a moment instead of the whole processor.
        Atomics.wait(NAP, 0, 0, 2);
        continue;
      }
      throw ioError(cause, path, length - from);
    }
  }
}

/** Makes the data of a file durable. It is not tried again when it fails: a second success would prove nothing. */
export async function syncAll(fd: number, path: string): Promise<void> {
  try {
    await fdatasyncAsync(fd);
  } catch (cause) {
    throw ioError(cause, path, undefined);
  }
}

/** Does something with a file; what goes wrong is told as trouble with that file. */
export function wrapIo<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw cause instanceof UpcastError ? cause : ioError(cause, path, undefined);
  }
}

function ioError(cause: unknown, path: string, needed: number | undefined): unknown {
  if (isCode(cause, 'EPIPE')) return cause;
  const full = isCode(cause, 'ENOSPC') || isCode(cause, 'EDQUOT') || isCode(cause, 'EFBIG');
  const what = needed === undefined ? '' : `: ${needed} bytes could not be written`;
  return new UpcastError({
    code: full ? 'disk-full' : 'io',
    exit: EXIT.io,
    message: full ? `no space left${what}` : 'the output cannot be written',
    place: path,
    hint: full ? 'free space and run the same command again' : 'check the disk and run the same command again',
    cause,
  });
}

/** True for a system error of this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
