import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { receivedLine } from '../event/received.ts';

/**
 * Keeps what a shim was told, as NDJSON in files of an hour each: a line that says when, then the records that came then, as they came.
 * `convert --as-received` makes the same 2.0 events of it.
 */
export interface Capture {
  /**
   * What the translator is told next happens at `at`: it learns first that this time has come. A time at which nothing comes in need not be told:
   * what was decided then is decided in the same order when the next one is.
   */
  at(at: number): void;
  /** A record as it came. */
  record(bytes: Uint8Array): void;
  /** Writes what was collected: it is on disk with the events that came of it, or at least in the hands of the system. */
  flush(): void;
  /** Forgets what was collected: it did not happen. */
  drop(): void;
  close(): void;
}

const HOUR = 3_600_000;
const LINE_FEED = Buffer.from('\n');
const OWNER_ONLY = 0o600;

/** Captures into a folder, which is made. The files hold personal data: only their owner may read them. */
export function createCapture(folder: string): Capture {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let fd: number | undefined;
  let hour = Number.NaN;
  let time = 0;
  let isTold = false;
  let isCut = false;
  let pending: Uint8Array[] = [];
  const tell = (): void => {
    if (isTold) return;
    pending.push(Buffer.from(receivedLine(time)));
    isTold = true;
  };
  const open = (): number => {
    const current = Math.floor(time / HOUR);
    if (fd === undefined || current !== hour) {
      if (fd !== undefined) closeSync(fd);
      hour = current;
      const name = new Date(current * HOUR).toISOString().slice(0, 13);
      fd = openSync(join(folder, `${name}.ndjson`), 'a', OWNER_ONLY);
    }
    return fd;
  };
  return {
    at(at) {
      time = at;
      isTold = false;
    },
    record(bytes) {
      tell();
      pending.push(bytes, LINE_FEED);
    },
    flush() {
      if (pending.length === 0) return;
      // Behind half a line nothing else may stand on it.
      const all = Buffer.concat(isCut ? [LINE_FEED, ...pending] : pending);
      pending = [];
      isCut = true;
      const to = open();
      for (let from = 0; from < all.length; ) from += writeSync(to, all, from);
      isCut = false;
    },
    drop() {
      pending = [];
      isTold = false;
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
