import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { SegmentRows } from './resting-calls.ts';

/** The table of segments, see `resting-calls.ts`. */
export const CALLS_SCHEMA: string = 'CREATE TABLE calls (id INTEGER PRIMARY KEY, body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;';

/** How the store works on its database. */
export interface RowAccess {
  readonly db: Database.Database;
  /** Does work that belongs to the next commit. */
  change(work: () => void): void;
  guard<T>(work: () => T): T;
  damaged(what: string): Error;
}

/** Named values of the same database. */
export interface MetaAccess {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** Segments as rows of the state file. */
export interface CallRows extends SegmentRows {
  /** Stands for all rows: saved with each commit, it shows a row that has vanished. */
  digest(): string;
  /** Reads all rows and compares them with the digest that was saved. */
  verify(digest: string): void;
}

interface Row {
  readonly id: number;
  readonly body: Buffer;
  readonly crc: number;
}

const WHAT = 'a call is not as it was saved';

/** The rows of a database; `known`: what `digest` gave when it was committed last. */
export function createCallRows({ db, change, guard, damaged }: RowAccess, known: string | undefined): CallRows {
  const insert = db.prepare('INSERT INTO calls (id, body, crc) VALUES (?, ?, ?)');
  // A call carries a CRC of its own.
  const select = db.prepare('SELECT substr(body, ?, ?) FROM calls WHERE id = ?').pluck();
  const remove = db.prepare('DELETE FROM calls WHERE id = ? RETURNING crc').pluck();
  const selectAll = db.prepare('SELECT id, body, crc FROM calls ORDER BY id');
  let [count, sum] = parse(known);
  const digest = (): string => `${count} ${sum}`;
  const checked = (row: Row): Row => {
    if (row.crc !== crcOf(row.id, row.body)) throw damaged(WHAT);
    return row;
  };
  const all = function* (): Generator<Row> {
    for (const row of selectAll.iterate() as IterableIterator<Row>) yield checked(row);
  };
  return {
    insert: (id, body) =>
      change(() => {
        const crc = crcOf(id, body);
        insert.run(id, body, crc);
        count += 1;
        sum = (sum + crc) >>> 0;
      }),
    read: (id, offset, length) =>
      guard(() => {
        const bytes = select.get(offset + 1, length, id) as Buffer | undefined;
        if (bytes === undefined) throw damaged('calls are missing');
        return bytes;
      }),
    damaged: () => damaged(WHAT),
    remove: (id) =>
      change(() => {
        const crc = remove.get(id) as number | undefined;
        if (crc === undefined) throw damaged('calls are missing');
        count -= 1;
        sum = (sum - crc) >>> 0;
      }),
    *all() {
      try {
        yield* all();
      } catch (error) {
        guard(() => {
          throw error;
        });
      }
    },
    digest,
    verify: (saved) =>
      guard(() => {
        let [rows, crcs] = [0, 0];
        for (const { crc } of all()) {
          rows += 1;
          crcs = (crcs + crc) >>> 0;
        }
        if (`${rows} ${crcs}` !== saved) throw damaged('calls are missing');
      }),
  };
}

function parse(digest: string | undefined): [number, number] {
  const [count = 0, sum = 0] = (digest ?? '').split(' ').map(Number);
  return [count, sum];
}

/** The number of a row belongs to what it says. */
function crcOf(id: number, body: Uint8Array): number {
  return crc32(body, id >>> 0);
}
