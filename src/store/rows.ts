import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import { EXIT, UpcastError } from '../errors.ts';
import { CALLS_SCHEMA, createCallRows } from './call-rows.ts';
import { createLedger, LEDGER_SCHEMA } from './ledger-rows.ts';
import { createOutbox, OUTBOX_SCHEMA } from './outbox-rows.ts';
import { createRestingCalls } from './resting-calls.ts';
import { isOutOfReach } from './state-errors.ts';
import type { Store } from './store.ts';

/** SQLite does not checksum what it stores, and misses most flipped bits: each row carries its own CRC-32. */
export const SCHEMA: string = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  ${CALLS_SCHEMA}
  CREATE TABLE held (id INTEGER PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
  CREATE TABLE seen (id INTEGER PRIMARY KEY, expires INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
  ${OUTBOX_SCHEMA}
  ${LEDGER_SCHEMA}
`;

const SQLITE_IOERR = 10;
/** Pages given back at once: 4 MiB, so that nothing waits long for it. */
const PAGES_A_TIME = 1024;

/** Names of values that are the store's own. */
const CALLS = 'store: calls';
const FORGOTTEN = 'store: forgotten';

/** The store over an open database of this schema. `translate` turns errors of SQLite into ours. */
export function createStore(db: Database.Database, path: string, translate: (error: unknown) => unknown): Store {
  const expireSeen = db.prepare('DELETE FROM seen WHERE expires < ?');
  const getMeta = db.prepare('SELECT value, crc FROM meta WHERE key = ?');
  const setMeta = db.prepare(
    'INSERT INTO meta (key, value, crc) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, crc = excluded.crc',
  );
  const removeMeta = db.prepare('DELETE FROM meta WHERE key = ?');
  const clearHeld = db.prepare('DELETE FROM held');
  const addHeld = db.prepare('INSERT INTO held (id, body, crc) VALUES (?, ?, ?)');
  const allHeld = db.prepare('SELECT id, body, crc FROM held ORDER BY id');
  const addSeen = db.prepare('INSERT INTO seen (expires, body, crc) VALUES (?, ?, ?)');
  const allSeen = db.prepare('SELECT expires, body, crc FROM seen ORDER BY id');
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translate(error);
    }
  };
  /** Work that belongs to the next commit. */
  const change = (work: () => void): void =>
    guard(() => {
      if (!db.inTransaction) begin.run();
      work();
    });
  const damaged = (what: string): UpcastError =>
    new UpcastError({
      code: 'state-damaged',
      exit: EXIT.stateMismatch,
      message: `the state file is damaged: ${what}`,
      place: path,
      hint: 'begin anew with --restart',
    });
  const unreadable = (what: string): UpcastError =>
    new UpcastError({
      code: 'state-io',
      exit: EXIT.io,
      message: `the state cannot be read: ${what}`,
      place: path,
      hint: 'check the disk and run the same command again',
    });
  const checkBody = (crc: number, saved: number, what: string): void => {
    if (crc !== saved) throw damaged(`${what} is not as it was saved`);
  };
  const readMeta = (key: string): string | undefined => {
    const row = guard(() => getMeta.get(key) as { readonly value: string; readonly crc: number } | undefined);
    if (row !== undefined) checkBody(textCrc(`${key}\0${row.value}`), row.crc, key);
    return row?.value;
  };
  const writeMeta = (key: string, value: string): void =>
    change(() => {
      setMeta.run(key, value, textCrc(`${key}\0${value}`));
    });
  const rows = createCallRows({ db, change, guard, damaged }, readMeta(CALLS));
  const forgotten = readMeta(FORGOTTEN);
  let saved = { calls: readMeta(CALLS), forgotten };
  const calls = createRestingCalls(rows, forgotten === undefined ? Number.NEGATIVE_INFINITY : Number(forgotten));
  const remember = (body: Uint8Array, expires: number): void =>
    change(() => {
      addSeen.run(expires, body, crc32(body, expires >>> 0));
    });
  const memories = (): readonly { readonly body: Uint8Array; readonly expires: number }[] =>
    guard(() => {
      const rows = allSeen.all() as { readonly expires: number; readonly body: Uint8Array; readonly crc: number }[];
      for (const { expires, body, crc } of rows) checkBody(crc32(body, expires >>> 0), crc, 'the memory of duplicates');
      return rows;
    });
  return {
    path,
    ledger: createLedger({ db, change, guard, damaged }),
    outbox: createOutbox({ db, change, guard, damaged }, { get: readMeta, set: writeMeta }),
    get isChanged() {
      return db.inTransaction;
    },
    forgetMeta: (key) =>
      change(() => {
        removeMeta.run(key);
      }),
    giveBack: () =>
      guard(() => {
        db.pragma(`incremental_vacuum(${PAGES_A_TIME})`);
        return (db.pragma('freelist_count', { simple: true }) as number) > 0;
      }),
    load: calls.load,
    save: calls.save,
    expire: (now) => {
      calls.expire(now);
      change(() => {
        expireSeen.run(now);
      });
    },
    meta: readMeta,
    setMeta: writeMeta,
    setHeld: (texts) =>
      change(() => {
        clearHeld.run();
        let id = 0;
        for (const text of texts) addHeld.run(++id, text, textCrc(`${id}\0${text}`));
      }),
    held: () =>
      guard(() => {
        const rows = allHeld.all() as { readonly id: number; readonly body: string; readonly crc: number }[];
        for (const { id, body, crc } of rows) checkBody(textCrc(`${id}\0${body}`), crc, 'a held event');
        return rows.map(({ body }) => body);
      }),
    addSeen: remember,
    seen: () => memories().map(({ body }) => body),
    memories,
    packs: calls.packs,
    forgottenTo: calls.expiredTo,
    absorb(other) {
      calls.absorb(other.packs(), other.forgottenTo());
      for (const { body, expires } of other.memories()) remember(body, expires);
    },
    commit() {
      calls.flush();
      if (!db.inTransaction) return;
      const current = { calls: rows.digest(), forgotten: String(calls.expiredTo()) };
      if (current.calls !== saved.calls) writeMeta(CALLS, current.calls);
      if (current.forgotten !== saved.forgotten) writeMeta(FORGOTTEN, current.forgotten);
      guard(() => commit.run());
      saved = current;
    },
    verify: () =>
      guard(() => {
        const found = db.pragma('integrity_check(1)', { simple: true });
        if (found !== 'ok') throw isIoTrouble(String(found)) || isOutOfReach(path) ? unreadable(String(found)) : damaged(String(found));
        rows.verify(readMeta(CALLS) ?? '0 0');
      }),
    unfinished: calls.unfinished,
    close: () => {
      if (db.inTransaction) db.exec('ROLLBACK');
      db.close();
    },
  };
}

/** `integrity_check` reports a page that the disk does not give as damage, with SQLite's extended result code of it. */
function isIoTrouble(found: string): boolean {
  const code = /error code=(\d+)/.exec(found)?.[1];
  return code !== undefined && (Number(code) & 0xff) === SQLITE_IOERR;
}

function textCrc(text: string): number {
  return crc32(text);
}
