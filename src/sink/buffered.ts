import type { FilePosition, Sink } from './sink.ts';

const BUFFER = 512 * 1024;
const BUFFERS_KEPT = 4;

const NOTHING = { lines: 0, bytes: 0 };

/** What a buffered sink writes to. */
export interface RawFile {
  /** True if it is to get full buffers only, so that what it makes of them does not depend on when they were flushed. */
  readonly wholePieces: boolean;
  /** Writes all of `bytes[0, length)`. */
  write(bytes: Uint8Array, length: number): Promise<void>;
  /** Makes all that was written durable. */
  sync(): Promise<Omit<FilePosition, 'lines'>>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Collects lines and writes them in large pieces, one after another, while the next ones are made. Lines that stand next to each other in
 * the same bytes are copied at once.
 */
export function createBufferedSink(
  path: string,
  file: RawFile,
  before: { readonly lines: number; readonly bytes: number } = NOTHING,
): Sink {
  const pieces = createPieces(file);
  let buffer = pieces.fresh();
  let at = 0;
  let { lines } = before;
  let written = before.bytes;
  let run: Uint8Array | undefined;
  let runStart = 0;
  let runEnd = 0;
  const spill = (): void => {
    if (at === 0) return;
    pieces.add(buffer, at);
    written += at;
    buffer = pieces.fresh();
    at = 0;
  };
  const put = (bytes: Uint8Array, start: number, end: number): void => {
    if (end - start > buffer.length - at) spill();
    if (end - start > buffer.length) {
      const large = bytes.slice(start, end);
      pieces.add(large, large.length);
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
  const flush = (): void => {
    settle();
    if (!file.wholePieces) spill();
  };
  const drainAll = async (): Promise<void> => {
    settle();
    spill();
    await pieces.drain();
  };
  return {
    path,
    line(bytes, start, end, count = 1) {
      lines += count;
      if (bytes === run && start === runEnd) {
        runEnd = end;
        return;
      }
      settle();
      run = bytes;
      runStart = start;
      runEnd = end;
    },
    flush,
    get pending() {
      return pieces.pending;
    },
    drain: pieces.drain,
    async sync() {
      await drainAll();
      return { ...(await file.sync()), lines };
    },
    async finish() {
      await drainAll();
      await file.finish();
    },
    async abandon() {
      await pieces.settled();
      await file.abandon();
    },
    async remove() {
      await pieces.settled();
      await file.remove();
    },
    get lines() {
      return lines;
    },
    get bytes() {
      return written + at + (run === undefined ? 0 : runEnd - runStart);
    },
  };
}

interface Pieces {
  /** A buffer to fill. */
  fresh(): Uint8Array;
  /** Writes a filled buffer, which is then no longer the caller's. */
  add(bytes: Uint8Array, length: number): void;
  readonly pending: number;
  drain(): Promise<void>;
  /** Waits until nothing is being written any more, whether or not that succeeds. */
  settled(): Promise<void>;
}

/** Writes pieces one after another. After a failure nothing more is written. */
function createPieces(file: RawFile): Pieces {
  const waiting: { readonly bytes: Uint8Array; readonly length: number }[] = [];
  const free: Uint8Array[] = [];
  let pending = 0;
  let fault: unknown;
  let writing: Promise<void> | undefined;
  const writeAll = async (): Promise<void> => {
    for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
      await file.write(piece.bytes, piece.length);
      pending -= piece.length;
      if (free.length < BUFFERS_KEPT && piece.bytes.length === BUFFER) free.push(piece.bytes);
    }
  };
  const start = async (): Promise<void> => {
    try {
      await writeAll();
    } catch (error) {
      fault = error;
      waiting.length = 0;
      pending = 0;
    }
    writing = undefined;
  };
  const check = (): void => {
    if (fault !== undefined) throw fault;
  };
  return {
    fresh: () => free.pop() ?? new Uint8Array(BUFFER),
    add(bytes, length) {
      check();
      waiting.push({ bytes, length });
      pending += length;
      writing ??= start();
    },
    get pending() {
      return pending;
    },
    async drain() {
      await writing;
      check();
    },
    async settled() {
      await writing;
    },
  };
}
