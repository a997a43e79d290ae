import { constants, readFileSync } from 'node:fs';

/** A file of the traced folder, whatever name it has; the folder itself is a file, too. */
export type FileId = number;

/** The folder whose files are traced: flushing it makes names durable. */
export const FOLDER: FileId = 0;

/** SQLite's shared memory is no data: whoever opens it first after a crash empties it. */
export function isSharedMemory(name: string): boolean {
  return name.endsWith('-shm');
}

/** One thing that happened to the disk. */
export type Change =
  /** Names that now lead to a file, or no longer to any: created, renamed, linked, unlinked. */
  | { readonly kind: 'names'; readonly what: string; readonly entries: readonly (readonly [name: string, file: FileId | undefined])[] }
  | { readonly kind: 'data'; readonly file: FileId; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly file: FileId; readonly length: number }
  | { readonly kind: 'sync'; readonly file: FileId };

/** Letters of writelog.c. */
const OP = { open: 'o', write: 'w', size: 't', sync: 's', rename: 'r', link: 'l', unlink: 'u', close: 'c' } as const;
const HEAD = 24;

interface Entry {
  readonly op: string;
  readonly fd: number;
  readonly offset: number;
  readonly flags: number;
  readonly bytes: Buffer;
}

/** What a process did to its folder, read from the log that writelog.c wrote. */
export interface Log {
  readonly changes: readonly Change[];
  /** Operations in the log, as writelog.c counts them. */
  readonly operations: number;
  /** The program opened SQLite's shared memory, so it held its state together with whoever else might open it. */
  readonly isShared: boolean;
}

/** Reads a log; `names` = the files that were there before, by name. Errors: something that the log cannot follow. */
export function readLog(path: string, names: ReadonlyMap<string, FileId>): Log {
  const entries = [...parseLog(readFileSync(path))];
  const shared = new Set<Entry>(sharedMemoryEntries(entries));
  const rest = entries.filter((entry) => !shared.has(entry));
  return { changes: follow(rest, names), operations: entries.length, isShared: shared.size > 0 };
}

function* parseLog(log: Buffer): Generator<Entry> {
  for (let at = 0; at < log.length; ) {
    const length = log.readUInt32LE(at + 20);
    yield {
      op: String.fromCharCode(log.readUInt8(at)),
      fd: log.readInt32LE(at + 4),
      offset: Number(log.readBigInt64LE(at + 8)),
      flags: log.readUInt32LE(at + 16),
      bytes: log.subarray(at + HEAD, at + HEAD + length),
    };
    at += HEAD + length;
  }
}

/** What was done to SQLite's shared memory. */
function* sharedMemoryEntries(entries: readonly Entry[]): Generator<Entry> {
  const open = new Set<number>();
  for (const entry of entries) {
    const { op, fd, bytes } = entry;
    const isNamed = (op === OP.open || op === OP.unlink) && isSharedMemory(bytes.toString());
    if (isNamed || open.has(fd)) yield entry;
    if (op === OP.open && isNamed) open.add(fd);
    if (op === OP.close) open.delete(fd);
  }
}

/** Turns what was done to names and descriptors into what was done to files. */
function follow(entries: readonly Entry[], before: ReadonlyMap<string, FileId>): Change[] {
  const names = new Map(before);
  const open = new Map<number, FileId>();
  const changes: Change[] = [];
  let next = Math.max(FOLDER, ...before.values()) + 1;
  const fileOf = (fd: number): FileId => known(open.get(fd), `descriptor ${fd}`);
  const rename = (what: string, pairs: readonly (readonly [string, FileId | undefined])[]): void => {
    for (const [name, file] of pairs) {
      if (file === undefined) names.delete(name);
      else names.set(name, file);
    }
    changes.push({ kind: 'names', what, entries: pairs });
  };
  const opened = ({ fd, flags, bytes }: Entry): void => {
    const name = bytes.toString();
    if (name === '') return void open.set(fd, FOLDER);
    if (name.includes('/')) throw new Error(`a file in a folder within the folder: ${name}`);
    const file = names.get(name) ?? next++;
    if (!names.has(name)) rename(`create ${name}`, [[name, file]]);
    else if ((flags & constants.O_TRUNC) !== 0) changes.push({ kind: 'size', file, length: 0 });
    open.set(fd, file);
  };
  for (const entry of entries) {
    const { op, fd, offset, bytes } = entry;
    if (op === OP.open) opened(entry);
    else if (op === OP.close) open.delete(fd);
    else if (op === OP.write) changes.push({ kind: 'data', file: fileOf(fd), offset, bytes });
    else if (op === OP.size) changes.push({ kind: 'size', file: fileOf(fd), length: offset });
    else if (op === OP.sync) changes.push({ kind: 'sync', file: fileOf(fd) });
    else if (op === OP.unlink) rename(`unlink ${bytes}`, [[bytes.toString(), undefined]]);
    else if (op === OP.rename || op === OP.link) {
      const [from = '', to = ''] = bytes.toString().split('\0');
      const file = known(names.get(from), from);
      if (op === OP.link) rename(`link ${from} as ${to}`, [[to, file]]);
      else
        rename(`rename ${from} to ${to}`, [
          [from, undefined],
          [to, file],
        ]);
    } else throw new Error(`the program does what the log cannot follow: ${bytes.toString()}`);
  }
  return changes;
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the log has no beginning of ${what}`);
  return value;
}
