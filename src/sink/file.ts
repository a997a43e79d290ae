import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { EXIT, UpcastError } from '../errors.ts';
import type { RawFile } from './buffered.ts';
import { createBufferedSink } from './buffered.ts';
import { compressionOf, createCompressedFile } from './compressed.ts';
import { isCode, syncAll, wrapIo, writeAll, writeAllNow } from './file-io.ts';
import type { FilePosition, Sink } from './sink.ts';

/** How far an output was when a run was stopped. */
export interface SavedFile extends FilePosition {
  /** Bytes of its lines, before compression. */
  readonly plain: number;
}

/** Options of {@link openFileSink}. */
export interface FileSinkOptions {
  readonly force: boolean;
  /** Go on with `NAME.partial`, which is cut to this position. */
  readonly resume?: SavedFile | undefined;
}

/**
 * A file that is written as `NAME.partial` and gets its name when it is complete. An existing file is refused unless `force`. A name that
 * ends in `.gz` or `.zst` is compressed: one member or frame for each `sync`.
 * Errors: UpcastError `output-exists` or `cannot-create` (73), `disk-full` or `io` (74), `output-altered` (65).
 */
export function openFileSink(path: string, options: FileSinkOptions): Sink {
  const { resume } = options;
  // On resume too: while its name was free, somebody else may have taken it.
  refuseExisting(path, options);
  const partial = `${path}.partial`;
  const fd = resume === undefined ? create(partial, path) : reopen(partial, path, resume);
  const plain = createPlainFile(fd, path, partial, resume ?? { bytes: 0, crc32: 0 });
  const compression = compressionOf(path);
  const file = compression === undefined ? plain : createCompressedFile(plain, compression, resume !== undefined && resume.bytes > 0);
  return createBufferedSink(path, file, resume === undefined ? undefined : { lines: resume.lines, bytes: resume.plain });
}

function createPlainFile(fd: number, path: string, partial: string, start: { readonly bytes: number; readonly crc32: number }): RawFile {
  let { bytes: at, crc32: crc } = start;
  let isNamed = false;
  let isOpen = true;
  const close = (): void => {
    // Once, whatever comes of it: a second time it might be somebody else's.
    if (isOpen) {
      isOpen = false;
      closeSync(fd);
    }
  };
  const sync = async (): Promise<Omit<FilePosition, 'lines'>> => {
    await syncAll(fd, path);
    // A checkpoint must not speak of a file whose name is not durable.
    if (!isNamed) wrapIo(path, () => syncFolder(partial));
    isNamed = true;
    return { bytes: at, crc32: crc };
  };
  return {
    wholePieces: false,
    async write(bytes, length) {
      await writeAll(fd, bytes, length, at, path);
      crc = crc32(bytes.subarray(0, length), crc);
      at += length;
    },
    sync,
    async finish() {
      await sync();
      wrapIo(path, () => {
        close();
        renameSync(partial, path);
        syncFolder(path);
      });
    },
    async abandon() {
      close();
    },
    async remove() {
      close();
      unlinkSync(partial);
    },
  };
}

/** Refuses a path at which something stands already, unless `force`. */
export function refuseExisting(path: string, options: { readonly force: boolean }): void {
  if (options.force || !existsSync(path)) return;
  throw new UpcastError({
    code: 'output-exists',
    exit: EXIT.cannotCreate,
    message: 'the output exists already',
    place: path,
    hint: 'give --force to overwrite it, or name another output',
  });
}

function create(partial: string, path: string): number {
  try {
    return openSync(partial, 'w', 0o600);
  } catch (cause) {
    throw cannotCreate(cause, path);
  }
}

function cannotCreate(cause: unknown, path: string): UpcastError {
  const permission = isCode(cause, 'EACCES') || isCode(cause, 'EPERM');
  return new UpcastError({
    code: 'cannot-create',
    exit: permission ? EXIT.permission : EXIT.cannotCreate,
    message: isCode(cause, 'ENOENT') ? 'the folder of the output does not exist' : 'cannot create the output',
    place: path,
    hint: permission ? 'check who may write there' : undefined,
    cause,
  });
}

/** Opens what an earlier run left, proves that it is what that run wrote, and cuts off what came after its checkpoint. */
function reopen(partial: string, path: string, { bytes, crc32: crc }: FilePosition): number {
  const size = statSync(partial, { throwIfNoEntry: false })?.size;
  if (size === undefined || size < bytes) {
    throw altered(path, `the checkpoint says ${bytes} bytes, ${size === undefined ? 'the file is gone' : `there are ${size}`}`);
  }
  let fd: number;
  try {
    fd = openSync(partial, 'r+');
  } catch (cause) {
    throw cannotCreate(cause, path);
  }
  wrapIo(path, () => {
    if (checksum(fd, bytes) !== crc) throw altered(path, `its first ${bytes} bytes are not those that were written`);
    if (size > bytes) {
      ftruncateSync(fd, bytes);
      fsyncSync(fd);
    }
  });
  return fd;
}

function altered(path: string, what: string): UpcastError {
  return new UpcastError({
    code: 'output-altered',
    exit: EXIT.damaged,
    message: `the unfinished output was altered: ${what}`,
    place: `${path}.partial`,
    hint: 'begin anew with --restart',
  });
}

const PIECE = 1024 * 1024;

/** CRC-32 of the first `length` bytes of a file. */
function checksum(fd: number, length: number): number {
  const buffer = Buffer.allocUnsafe(Math.min(length, PIECE));
  let crc = 0;
  for (let at = 0; at < length; ) {
    const read = readSync(fd, buffer, 0, Math.min(PIECE, length - at), at);
    if (read === 0) return Number.NaN;
    crc = crc32(buffer.subarray(0, read), crc);
    at += read;
  }
  return crc;
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
    wholePieces: false,
    write: async (bytes, length) => writeAllNow(1, bytes, length, 'standard output'),
    sync: async () => ({ bytes: 0, crc32: 0 }),
    finish: async () => {},
    abandon: async () => {},
    remove: async () => {},
  });
}

/** A file that an earlier run has completed already. Errors: `output-altered` (65). */
export function createNamedSink(path: string, saved: SavedFile): Sink {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  // An empty one may not have been left behind, or be the end of an empty compressed file.
  if (saved.bytes > 0 && size !== saved.bytes) throw altered(path, `the checkpoint says ${saved.bytes} bytes, there are ${size ?? 'none'}`);
  const done = async (): Promise<void> => {};
  return {
    path,
    line: () => {
      throw new Error(`${path} is complete`);
    },
    flush: () => {},
    pending: 0,
    drain: done,
    sync: async () => saved,
    finish: done,
    abandon: done,
    remove: done,
    lines: saved.lines,
    bytes: saved.plain,
  };
}
