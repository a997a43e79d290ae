import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { EXIT, UpcastError } from '../errors.ts';
import { createBufferedSink } from './buffered.ts';
import type { Sink } from './sink.ts';

const writeAsync = promisify(write);
const NAP = new Int32Array(new SharedArrayBuffer(4));

/**
 * A file that is written as `NAME.partial` and gets its name when it is complete. An existing file is refused unless `force`.
 * Errors: UpcastError `output-exists` or `cannot-create` (73), `disk-full` or `io` (74).
 */
export function openFileSink(path: string, options: { readonly force: boolean; readonly exists: (path: string) => boolean }): Sink {
  refuseExisting(path, options);
  const partial = `${path}.partial`;
  const fd = open(partial, path);
  return createBufferedSink(path, {
    write: (bytes, length) => writeAll(fd, bytes, length, path),
    finish: async () => {
      fsyncSync(fd);
      closeSync(fd);
      renameSync(partial, path);
      syncFolder(path);
    },
    abandon: async () => closeSync(fd),
    remove: async () => {
      closeSync(fd);
      unlinkSync(partial);
    },
  });
}

/** Refuses a path at which something stands already, unless `force`. */
export function refuseExisting(path: string, options: { readonly force: boolean; readonly exists: (path: string) => boolean }): void {
  if (options.force || !options.exists(path)) return;
  throw new UpcastError({
    code: 'output-exists',
    exit: EXIT.cannotCreate,
    message: 'the output exists already',
    place: path,
    hint: 'give --force to overwrite it, or name another output',
  });
}

function open(partial: string, path: string): number {
  try {
    return openSync(partial, 'w', 0o600);
  } catch (cause) {
    const permission = isCode(cause, 'EACCES') || isCode(cause, 'EPERM');
    throw new UpcastError({
      code: 'cannot-create',
      exit: permission ? EXIT.permission : EXIT.cannotCreate,
      message: isCode(cause, 'ENOENT') ? 'the folder of the output does not exist' : 'cannot create the output',
      place: path,
      hint: permission ? 'check who may write there' : undefined,
      cause,
    });
  }
}

/** A write may take less than asked near a limit, so it is repeated until all is written. */
async function writeAll(fd: number, bytes: Uint8Array, length: number, path: string): Promise<void> {
  let from = 0;
  while (from < length) {
    try {
      from += (await writeAsync(fd, bytes, from, length - from)).bytesWritten;
    } catch (cause) {
      throw ioError(cause, path, length - from);
    }
  }
}

/** The same to a pipe or a terminal, which does not take turns with the thread pool. */
function writeAllNow(fd: number, bytes: Uint8Array, length: number, path: string): void {
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

function ioError(cause: unknown, path: string, needed: number): unknown {
  if (isCode(cause, 'EPIPE')) return cause;
  const full = isCode(cause, 'ENOSPC') || isCode(cause, 'EDQUOT') || isCode(cause, 'EFBIG');
  return new UpcastError({
    code: full ? 'disk-full' : 'io',
    exit: EXIT.io,
    message: full ? `no space left: ${needed} bytes could not be written` : 'the output cannot be written',
    place: path,
    hint: full ? 'free space and run the command again' : 'check the disk',
    cause,
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The name of a file is durable only when its folder is flushed. */
function syncFolder(path: string): void {
  const fd = openSync(dirname(path), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Standard output as a sink: written as it comes, nothing to rename. A reader that has gone shows as EPIPE. */
export function openStdoutSink(): Sink {
  return createBufferedSink('-', {
    write: async (bytes, length) => writeAllNow(1, bytes, length, 'standard output'),
    finish: async () => {},
    abandon: async () => {},
    remove: async () => {},
  });
}
