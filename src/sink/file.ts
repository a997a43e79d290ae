import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, UpcastError } from '../errors.ts';
import type { Sink } from './sink.ts';

const BUFFER = 1024 * 1024;
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
    finish: () => {
      fsyncSync(fd);
      closeSync(fd);
      renameSync(partial, path);
      syncFolder(path);
    },
    abandon: () => closeSync(fd),
    remove: () => {
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

/** What a buffered sink writes to. */
export interface RawFile {
  write(bytes: Uint8Array, length: number): void;
  finish(): void;
  abandon(): void;
  remove(): void;
}

/** Collects lines and writes them in large pieces. Lines that stand next to each other in the same bytes are copied at once. */
export function createBufferedSink(path: string, file: RawFile): Sink {
  const buffer = new Uint8Array(BUFFER);
  let at = 0;
  let lines = 0;
  let written = 0;
  let run: Uint8Array | undefined;
  let runStart = 0;
  let runEnd = 0;
  const spill = (): void => {
    if (at === 0) return;
    file.write(buffer, at);
    written += at;
    at = 0;
  };
  const put = (bytes: Uint8Array, start: number, end: number): void => {
    if (end - start > buffer.length - at) spill();
    if (end - start > buffer.length) {
      const large = bytes.subarray(start, end);
      file.write(large, large.length);
      written += large.length;
      return;
    }
    buffer.set(bytes.subarray(start, end), at);
    at += end - start;
  };
  const settle = (): void => {
    if (run !== undefined) put(run, runStart, runEnd);
    run = undefined;
  };
  return {
    path,
    line(bytes, start, end) {
      lines += 1;
      if (bytes === run && start === runEnd) {
        runEnd = end;
        return;
      }
      settle();
      run = bytes;
      runStart = start;
      runEnd = end;
    },
    flush() {
      settle();
      spill();
    },
    finish() {
      settle();
      spill();
      file.finish();
    },
    abandon() {
      file.abandon();
    },
    remove() {
      file.remove();
    },
    get lines() {
      return lines;
    },
    get bytes() {
      return written + at + (run === undefined ? 0 : runEnd - runStart);
    },
  };
}

/** `writeSync` may write less than asked near a limit, so it is repeated until all is written. */
function writeAll(fd: number, bytes: Uint8Array, length: number, path: string): void {
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
    write: (bytes, length) => writeAll(1, bytes, length, 'standard output'),
    finish: () => {},
    abandon: () => {},
    remove: () => {},
  });
}
