import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { EXIT, UpcastError } from '../errors.ts';
import { createFile, removeDatabase, removeLeftovers } from './create-file.ts';
import { createStore, SCHEMA } from './rows.ts';
import type { StateStore } from './store.ts';

/** `PRAGMA application_id` of our state files: "CCCU". */
const APPLICATION_ID = 0x43434355;
/** `PRAGMA user_version`: the schema of the state file, and the form of the calls in it. */
const SCHEMA_VERSION = 2;
/** Older versions can corrupt a WAL database (https://www.sqlite.org/wal.html#walresetbug). */
const LEAST_SQLITE = [3, 51, 3] as const;
const BUSY_TIMEOUT = 500;

/** Another run that begins anew puts a new file in the place of the one that is being opened; nobody does so this often. */
const MOST_TRIES = 20;

/**
 * Opens a state file; the only place that opens SQLite. WAL, every commit flushed, one process at a time.
 * Throws UpcastError: `state-busy` (75), `state-not-ours`, `state-older` or `state-newer` (76), `state-damaged` (76), `cannot-create` (73).
 */
export function openSqlite(path: string): StateStore {
  for (let tries = 1; ; tries += 1) {
    guarded(path, () => createFile(path, fillNew));
    const before = identityOf(path);
    try {
      refuseStrangers(path);
      const store = open(path);
      // The lock is on the file that was opened: if it is not the one that has the name now, it is worth nothing.
      if (identityOf(path) === before) {
        removeLeftovers(path);
        return store;
      }
      store.close();
    } catch (error) {
      if (identityOf(path) === before || tries === MOST_TRIES) throw error;
    }
    if (tries === MOST_TRIES) throw busy(path);
  }
}

/**
 * Throws a state away, unless another run uses it or it is not ours, and opens a new one. `held`: the store that is open on it; it is closed.
 * Nobody can come between: the old file stays locked until the new one is. Errors: see {@link openSqlite}.
 */
export function openSqliteAnew(path: string, held?: StateStore): StateStore {
  const old = held ?? lockWaste(path);
  try {
    removeDatabase(path);
    return openSqlite(path);
  } finally {
    old?.close();
  }
}

/** Locks a state that is to be thrown away; undefined where it is too damaged for that. */
function lockWaste(path: string): { close(): void } | undefined {
  try {
    return openSqlite(path);
  } catch (error) {
    if (!(error instanceof UpcastError) || (existsSync(path) && !isOurs(path))) throw error;
    if (error.code === 'state-older') return guarded(path, () => lock(path));
    // Damaged inside, but ours by its header.
    if (error.code === 'state-damaged') return undefined;
    throw error;
  }
}

/** Which file has a name: a number of a file is soon given to another one, so the time at which it was made belongs to it. */
function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.dev} ${found.ino} ${found.birthtimeNs}`;
}

function open(path: string): StateStore {
  return guarded(path, () => {
    const db = lock(path);
    try {
      return createStore(db, path, (error) => asStateError(error, path));
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Opens a database and takes the lock that no other process shares. */
function lock(path: string): Database.Database {
  const db = new Database(path, { timeout: BUSY_TIMEOUT, fileMustExist: true });
  try {
    // Before anything that reads the file: whoever looks into a WAL database first shares memory with others (-shm), and goes on to.
    db.pragma('locking_mode = EXCLUSIVE');
    checkVersion(db);
    configure(db, path);
    return db;
  } catch (error) {
    try {
      db.close();
    } catch {
      // The first error tells what is wrong.
    }
    throw error;
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStateError(error, path);
  }
}

function isOurs(path: string): boolean {
  const header = readHeader(path);
  return header.length === HEADER && header.toString('latin1', 0, 16) === MAGIC && header.readUInt32BE(68) === APPLICATION_ID;
}

const HEADER = 100;
const MAGIC = 'SQLite format 3\0';

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER);
  const fd = openSync(path, 'r');
  try {
    return header.subarray(0, readSync(fd, header, 0, HEADER, 0));
  } finally {
    closeSync(fd);
  }
}

/** Looks at the file's header only: a file that is not ours is not touched, not even opened. */
function refuseStrangers(path: string): void {
  const header = readHeader(path);
  if (header.length === 0) return;
  const refuse = (code: string, message: string, hint: string): never => {
    throw new UpcastError({ code, exit: EXIT.stateMismatch, message, place: path, hint });
  };
  if (header.length < HEADER || header.toString('latin1', 0, 16) !== MAGIC) {
    refuse(
      'state-damaged',
      'the state file is damaged or not a state of ccc-upcast',
      'remove it and begin anew, or name another file with --state',
    );
  }
  // Offsets of the header: https://www.sqlite.org/fileformat.html#the_database_header
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    refuse('state-not-ours', 'this file is not a state of ccc-upcast', 'name another file with --state');
  }
  const version = header.readUInt32BE(60);
  if (version < SCHEMA_VERSION) {
    refuse(
      'state-older',
      `the state was written by an older program (schema ${version}, this one knows ${SCHEMA_VERSION})`,
      'finish the job with that program, or begin anew with --restart',
    );
  }
  if (version > SCHEMA_VERSION) {
    refuse(
      'state-newer',
      `the state was written by a newer program (schema ${version}, this one knows ${SCHEMA_VERSION})`,
      'use the newer program',
    );
  }
}

function checkVersion(db: Database.Database): void {
  const version = db.prepare('SELECT sqlite_version()').pluck().get() as string;
  if (compareVersions(version, LEAST_SQLITE) < 0) {
    throw new UpcastError({
      code: 'sqlite-too-old',
      exit: EXIT.internal,
      message: `SQLite ${version} is older than ${LEAST_SQLITE.join('.')}, which can corrupt a state file`,
      hint: 'reinstall better-sqlite3 (npm ci)',
    });
  }
}

/** Makes the database of a new state. Not yet in WAL mode: all of it is then in this one file. */
function fillNew(path: string): void {
  const db = new Database(path);
  try {
    db.pragma('synchronous = FULL');
    db.pragma('auto_vacuum = INCREMENTAL');
    db.transaction(() => {
      db.exec(SCHEMA);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${SCHEMA_VERSION}`);
    }).immediate();
  } finally {
    db.close();
  }
}

function configure(db: Database.Database, path: string): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -16384');
  // Takes the exclusive lock, and better-sqlite3 falls back to NORMAL by itself after the first statement: so read it back after one.
  db.exec('BEGIN IMMEDIATE; COMMIT');
  db.pragma('synchronous = FULL');
  if (db.pragma('synchronous', { simple: true }) !== 2) {
    throw new UpcastError({
      code: 'sqlite-not-durable',
      exit: EXIT.internal,
      message: 'SQLite does not keep synchronous=FULL',
      place: path,
    });
  }
}

function asStateError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || error instanceof UpcastError) return error;
  const { code } = error;
  const make = (reason: string, exit: UpcastError['exit'], message: string, hint: string): UpcastError =>
    new UpcastError({ code: reason, exit, message, place: path, hint, cause: error });
  if (code.startsWith('SQLITE_BUSY')) return busy(path, error);
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return make('state-damaged', EXIT.stateMismatch, 'the state file is damaged or not a state of ccc-upcast', 'remove it and begin anew');
  }
  if (code === 'SQLITE_FULL') return make('disk-full', EXIT.io, 'no space left for the state', 'free space and run the same command again');
  if (code.startsWith('SQLITE_IOERR'))
    return make('state-io', EXIT.io, 'the state cannot be read or written', 'check the disk and run the same command again');
  if (code === 'EIO')
    return make('state-io', EXIT.io, 'the state cannot be read or written', 'check the disk and run the same command again');
  if (code === 'ENOSPC') return make('disk-full', EXIT.io, 'no space left for the state', 'free space and run the same command again');
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') {
    return make('cannot-create', EXIT.cannotCreate, 'the state file cannot be written', 'name another place with --state');
  }
  return error;
}

function busy(path: string, cause?: Error): UpcastError {
  return new UpcastError({
    code: 'state-busy',
    exit: EXIT.busy,
    message: 'the state is in use by another run',
    place: path,
    hint: 'wait for it, or name another file with --state',
    cause,
  });
}

function compareVersions(version: string, least: readonly number[]): number {
  const parts = version.split('.').map(Number);
  for (const [index, want] of least.entries()) {
    const difference = (parts[index] ?? 0) - want;
    if (difference !== 0) return difference;
  }
  return 0;
}
