import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UpcastError } from '../../src/errors.ts';
import { removeDatabase } from '../../src/store/create-file.ts';
import { openSqlite, openSqliteAnew } from '../../src/store/sqlite.ts';

/** The state file: durable, one owner at a time, and never taken from another program. */
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-sqlite-'));
  path = join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const body = (text: string): Buffer => Buffer.from(text);

/** Opening fails with this code and exit; the error says where and what to do. */
function expectRefusal(code: string, exit: number): void {
  let refused: unknown;
  try {
    openSqlite(path).close();
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(UpcastError);
  expect(refused).toMatchObject({ code, exit, place: path });
}

/** Another program's look at the file, once nobody has it open. */
function look<T>(read: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

describe('durability', () => {
  it('what was committed is there when the file is opened again, what was not is gone', () => {
    const store = openSqlite(path);
    store.save('1', body('{"ended":false}'), 100, false);
    store.setMeta('job', 'x');
    store.commit();
    store.save('1', body('{"ended":true}'), 100, false);
    store.save('2', body('{}'), 100, false);
    store.setMeta('job', 'y');
    store.close();
    const again = openSqlite(path);
    expect(Buffer.from(again.load('1') ?? []).toString()).toBe('{"ended":false}');
    expect([again.load('2'), again.meta('job')]).toEqual([undefined, 'x']);
    again.close();
  });

  it('every commit is flushed: synchronous is FULL in a file in WAL mode, and stays so after statements', () => {
    const pragma = Database.prototype.pragma;
    const connections: Database.Database[] = [];
    Database.prototype.pragma = function spied(this: Database.Database, source: string, options?: Database.PragmaOptions): unknown {
      connections.push(this);
      return pragma.call(this, source, options);
    };
    try {
      const store = openSqlite(path);
      const synchronous = (): unknown => pragma.call(connections.at(-1) as Database.Database, 'synchronous', { simple: true });
      expect(synchronous()).toBe(2);
      for (const key of ['1', '2']) {
        store.save(key, body('{}'), 1, false);
        store.commit();
        expect(synchronous()).toBe(2);
      }
      store.close();
    } finally {
      Database.prototype.pragma = pragma;
    }
    expect(look((db) => db.pragma('journal_mode', { simple: true }))).toBe('wal');
  });

  it('is readable by its owner alone, with its companions', () => {
    const store = openSqlite(path);
    store.save('1', body('{}'), 1, false);
    store.commit();
    for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    store.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('a file that is already there and empty becomes a state', () => {
    writeFileSync(path, '');
    const store = openSqlite(path);
    store.setMeta('job', 'x');
    store.commit();
    store.close();
    expect(look((db) => db.pragma('application_id', { simple: true }))).toBe(0x43434355);
  });
});

describe('one owner at a time', () => {
  it('a second open is refused as busy (75), at once and not after minutes', () => {
    const store = openSqlite(path);
    store.setMeta('job', 'x');
    store.commit();
    const started = performance.now();
    expectRefusal('state-busy', 75);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(store.meta('job')).toBe('x');
    store.close();
    openSqlite(path).close();
  });

  it('and shares no memory with others, also on a state that a killed run left', () => {
    const store = openSqlite(path);
    store.setMeta('job', 'x');
    store.commit();
    for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${path}.killed${suffix}`);
    store.close();
    const again = openSqlite(`${path}.killed`);
    expect([again.meta('job'), existsSync(`${path}.killed-shm`)]).toEqual(['x', false]);
    again.close();
  });

  it('also before the first owner has written anything', () => {
    const store = openSqlite(path);
    expectRefusal('state-busy', 75);
    store.close();
  });
});

describe('a new state', () => {
  it('is in WAL mode before it has its name: no rollback journal stands beside it that a power cut could bring back', () => {
    const { pragma } = Database.prototype;
    const modes: number[] = [];
    const watched = function (this: Database.Database, ...args: Parameters<typeof pragma>): unknown {
      // Offset 18 of the header: 1 = rollback journal, 2 = WAL (https://www.sqlite.org/fileformat.html#the_database_header).
      if (this.name === path) modes.push(readFileSync(path)[18] ?? 0);
      return pragma.apply(this, args);
    };
    vi.spyOn(Database.prototype, 'pragma').mockImplementation(watched);
    openSqlite(path).close();
    vi.restoreAllMocks();
    expect(modes.length).toBeGreaterThan(0);
    expect(new Set(modes)).toEqual(new Set([2]));
  });
});

describe('a state that is begun anew', () => {
  it('is never free in between, and holds what follows', () => {
    const old = openSqlite(path);
    old.setMeta('job', 'old');
    old.commit();
    const next = openSqliteAnew(path, old);
    expect(next.meta('job')).toBeUndefined();
    expectRefusal('state-busy', 75);
    next.setMeta('job', 'next');
    next.commit();
    next.close();
    const again = openSqlite(path);
    expect(again.meta('job')).toBe('next');
    again.close();
  });

  it('keeps its file and gives back the room: whatever stops this leaves the old state or an empty one', () => {
    const old = openSqlite(path);
    old.addSeen(new Uint8Array(1_000_000), 5);
    old.commit();
    old.close();
    const before = statSync(path);
    const next = openSqliteAnew(path);
    expect([...next.seen()]).toEqual([]);
    next.close();
    const after = statSync(path);
    expect(after.ino).toBe(before.ino);
    expect(after.size).toBeLessThan(before.size / 10);
  });

  it('is not begun anew under a run that uses it, also one of an older program', () => {
    openSqlite(path).close();
    look((db) => db.pragma('user_version = 1'));
    const owner = new Database(path);
    owner.pragma('locking_mode = EXCLUSIVE');
    owner.exec('BEGIN IMMEDIATE; COMMIT');
    expect(() => openSqliteAnew(path)).toThrowError(expect.objectContaining({ code: 'state-busy', exit: 75 }));
    owner.close();
    expect(look((db) => db.pragma('user_version', { simple: true }))).toBe(1);
  });

  it('is what another run gets that was waiting for the old one', () => {
    const store = openSqlite(path);
    store.setMeta('job', 'old');
    store.commit();
    store.close();
    const { pragma } = Database.prototype;
    let isReplaced = false;
    const replace = function (this: Database.Database, ...args: Parameters<typeof pragma>): unknown {
      // Another run, between the moment in which the file is opened and the one in which it is locked.
      if (!isReplaced) {
        isReplaced = true;
        removeDatabase(path);
        openSqlite(path).close();
      }
      return pragma.apply(this, args);
    };
    vi.spyOn(Database.prototype, 'pragma').mockImplementation(replace);
    const again = openSqlite(path);
    vi.restoreAllMocks();
    expect([isReplaced, again.meta('job')]).toEqual([true, undefined]);
    again.close();
  });
});

describe('a file that is not ours', () => {
  it('of another program is refused (76) and left as it is', () => {
    const other = new Database(path);
    other.exec('CREATE TABLE precious (x); INSERT INTO precious VALUES (42)');
    other.close();
    const before = readFileSync(path);
    expectRefusal('state-not-ours', 76);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(look((db) => db.prepare('SELECT x FROM precious').pluck().get())).toBe(42);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('with another application id and no tables is refused (76)', () => {
    look((db) => db.pragma('application_id = 7'));
    expectRefusal('state-not-ours', 76);
  });

  it('of a newer program is refused (76) and left as it is', () => {
    openSqlite(path).close();
    look((db) => db.pragma('user_version = 999'));
    const before = readFileSync(path);
    expectRefusal('state-newer', 76);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('whose schema has a flipped bit is damaged (76), and may be begun anew', () => {
    openSqlite(path).close();
    const bytes = readFileSync(path, 'latin1');
    writeFileSync(path, bytes.replace('expires INTEGER', 'expirgs INTEGER'), 'latin1');
    expectRefusal('state-damaged', 76);
    openSqliteAnew(path).close();
    openSqlite(path).close();
  });

  it('of an older program is refused (76) and left as it is, and may be begun anew', () => {
    openSqlite(path).close();
    look((db) => db.pragma('user_version = 1'));
    const before = readFileSync(path);
    expectRefusal('state-older', 76);
    expect(readFileSync(path).equals(before)).toBe(true);
    openSqliteAnew(path).close();
    openSqlite(path).close();
  });

  it('that is no database is refused (76) and left as it is', () => {
    const garbage = Buffer.from('this is a shopping list, not a database\n'.repeat(300));
    writeFileSync(path, garbage);
    expectRefusal('state-damaged', 76);
    expect(readFileSync(path).equals(garbage)).toBe(true);
  });

  it('whose pages are damaged is refused (76) when the damage is met', () => {
    const store = openSqlite(path);
    for (let key = 0; key < 2000; key += 1) store.save(`${key}`, body(`{"ended":false,"x":"${'y'.repeat(200)}"}`), key, false);
    store.commit();
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096);
    writeFileSync(path, bytes);
    expect(() => {
      const damaged = openSqlite(path);
      try {
        damaged.load('1');
      } finally {
        damaged.close();
      }
    }).toThrowError(expect.objectContaining({ exit: 76, code: 'state-damaged' }));
  });
});

describe('a state file that is gone', () => {
  it.each(['-wal', '-journal'])('but whose %s is still there is refused (76): it would be taken for a part of a new one', (suffix) => {
    writeFileSync(`${path}${suffix}`, 'x'.repeat(5000));
    expect(() => openSqlite(path)).toThrowError(expect.objectContaining({ exit: 76, code: 'state-damaged', place: `${path}${suffix}` }));
    expect(existsSync(path)).toBe(false);
    openSqliteAnew(path).close();
    expect([existsSync(path), existsSync(`${path}${suffix}`)]).toEqual([true, false]);
  });
});

describe('a place where no state can be', () => {
  it('a folder is refused (73)', () => {
    mkdirSync(path);
    expectRefusal('cannot-create', 73);
  });

  it('a path whose folder does not exist is refused (73)', () => {
    path = join(folder, 'missing', 'state.sqlite');
    expectRefusal('cannot-create', 73);
    expect(existsSync(path)).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be written is refused (73)', () => {
    openSqlite(path).close();
    chmodSync(path, 0o400);
    expectRefusal('cannot-create', 73);
  });
});
