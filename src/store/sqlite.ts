import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { EXIT, UpcastError } from '../errors.ts';
import { createFile, removeDatabase, removeLeftovers } from './create-file.ts';
import { APPLICATION_ID, isOurs, refuseStrangers, SCHEMA_VERSION } from './file-header.ts';
import { createStore, SCHEMA } from './rows.ts';
import { asStateError, busy, codeOf, damaged } from './state-errors.ts';
import type { StateStore, Store } from './store.ts';

/** Older versions can corrupt a WAL database (https://www.sqlite.org/wal.html#walresetbug). */
const LEAST_SQLITE = [3, 51, 3] as const;
/** How long another run's lock is waited for, and how long at most between two tries; milliseconds. */
const PATIENCE = 500;
const LONGEST_PAUSE = 30;

/** Another run that begins a damaged state anew puts a new file in the place of the one that is being opened; nobody does so this often. */
const MOST_TRIES = 20;

/**
 * Opens a state file; the only place that opens SQLite. WAL, every commit flushed, one process at a time.
 * Throws UpcastError: `state-busy` (75), `state-not-ours`, `state-older` or `state-newer` (76), `state-damaged` (76), `cannot-create` (73).
 */
export function openSqlite(path: string): Store {
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
 * Throws away what a state holds, unless another run uses it or it is not ours, and opens it. `held`: the store that is open on it; it is
 * not to be used any more. The file stays, locked, and is emptied by one transaction: whatever stops this leaves the old state or an empty
 * one. Only a damaged file is removed. Errors: see {@link openSqlite}.
 */
export function openSqliteAnew(path: string, held?: StateStore): Store {
  const db = held === undefined ? lockWaste(path) : databases.get(held);
  // Without its lock nothing may be removed.
  if (held !== undefined && db === undefined) throw new Error('the store that is open on a state must be one of openSqlite');
  if (db !== undefined) {
    try {
      return guarded(path, () => storeOver(emptied(db), path));
    } catch (error) {
      db.close();
      if (!isDamage(error)) throw error;
    }
  }
  removeDatabase(path);
  return openSqlite(path);
}

/** Copies a state that nobody uses to a place where nothing is. Errors: see {@link openSqlite}. */
export function copySqlite(from: string, to: string): void {
  if (!existsSync(from)) {
    throw new UpcastError({ code: 'no-state', exit: EXIT.noInput, message: 'there is no such state', place: from });
  }
  const store = openSqlite(from);
  try {
    guarded(to, () => databases.get(store)?.prepare('VACUUM INTO ?').run(to));
    // It holds what its original holds.
    chmodSync(to, 0o600);
  } finally {
    store.close();
  }
}

/** The bytes of a state that is open, as of its last commit: a file that {@link placeSqlite} puts down somewhere else. */
export function imageOfSqlite(store: StateStore): Uint8Array {
  const db = databases.get(store);
  if (db === undefined) throw new Error('the store must be one of openSqlite');
  return guarded(store.path, () => db.serialize());
}

/** Puts down a state that was taken somewhere else, in place of what is there. Errors: see {@link openSqlite}. */
export function placeSqlite(path: string, image: Uint8Array): void {
  guarded(path, () => {
    if (existsSync(path)) openSqliteAnew(path).close();
    removeDatabase(path);
    createFile(path, (made) => writeFileSync(made, image));
  });
}

/** Takes away a state that nobody uses and nobody will miss; what is not ours is left alone. */
export function removeSqlite(path: string): void {
  if (existsSync(path) && isOurs(path)) removeDatabase(path);
}

/** The databases of the stores that are open. */
const databases = new WeakMap<StateStore, Database.Database>();

/** Locks a state that is to be thrown away; undefined where it is too damaged for that. */
function lockWaste(path: string): Database.Database | undefined {
  try {
    return databases.get(openSqlite(path));
  } catch (error) {
    if (!(error instanceof UpcastError) || (existsSync(path) && !isOurs(path))) throw error;
    if (error.code === 'state-older') return guarded(path, () => lock(path));
    // Damaged inside, but ours by its header.
    if (isDamage(error)) return undefined;
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof UpcastError && error.code === 'state-damaged';
}

/** Takes everything out of a database of ours, of whatever schema, and gives the room back. */
function emptied(db: Database.Database): Database.Database {
  if (db.inTransaction) db.exec('ROLLBACK');
  db.transaction(() => {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all();
    for (const name of tables as string[]) db.exec(`DROP TABLE "${name.replaceAll('"', '""')}"`);
    makeTables(db);
  }).immediate();
  db.pragma('incremental_vacuum');
  return db;
}

function makeTables(db: Database.Database): void {
  db.exec(SCHEMA);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${SCHEMA_VERSION}`);
}

/** Which file has a name: a number of a file is soon given to another one, so the time at which it was made belongs to it. */
function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.dev} ${found.ino} ${found.birthtimeNs}`;
}

function open(path: string): Store {
  return guarded(path, () => {
    const db = lock(path);
    try {
      return storeOver(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function storeOver(db: Database.Database, path: string): Store {
  try {
    const store = createStore(db, path, (error) => asStateError(error, path));
    databases.set(store, db);
    return store;
  } catch (error) {
    // The schema is ours by its version, but not by what it says: a bit of its text has flipped.
    throw codeOf(error) === 'SQLITE_ERROR' ? damaged(path, error) : error;
  }
}

/**
 * Opens a database and takes the lock that no other process shares. Two that come at once may each get a share of it, which SQLite gives
 * back only with the file: so both begin again, after pauses that differ, until one has it.
 */
function lock(path: string): Database.Database {
  const until = performance.now() + PATIENCE;
  for (;;) {
    try {
      return tryLock(path);
    } catch (error) {
      if (codeOf(error)?.startsWith('SQLITE_BUSY') !== true || performance.now() > until) throw error;
      pause(1 + Math.random() * LONGEST_PAUSE);
    }
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function tryLock(path: string): Database.Database {
  const db = new Database(path, { timeout: 0, fileMustExist: true });
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

/**
 * Makes the database of a new state. All of it is then in this one file; in WAL mode, since the file that has the state's name must not be
 * brought there by a rollback journal: a power cut may bring such a journal back.
 */
function fillNew(path: string): void {
  const db = new Database(path);
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('synchronous = FULL');
    db.pragma('auto_vacuum = INCREMENTAL');
    db.transaction(() => makeTables(db)).immediate();
    db.pragma('journal_mode = WAL');
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

function compareVersions(version: string, least: readonly number[]): number {
  const parts = version.split('.').map(Number);
  for (const [index, want] of least.entries()) {
    const difference = (parts[index] ?? 0) - want;
    if (difference !== 0) return difference;
  }
  return 0;
}
