import { crc32 } from 'node:zlib';
import type { MetaAccess, RowAccess } from './call-rows.ts';
import type { JournalEntry, Outbox } from './outbox.ts';

/** The table of what the translator was told. */
export const JOURNAL_SCHEMA: string =
  'CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, body BLOB, crc INTEGER NOT NULL) STRICT;';

/** The last note that the last checkpoint holds. */
const NOTED = 'outbox: noted';

/** The journal of a database. */
export interface Journal extends Pick<Outbox, 'note' | 'noted'> {
  /** A checkpoint holds all that was noted; what came before `before` is forgotten. Belongs to the next commit. */
  forget(before: number): void;
  /** The record that was noted under this number, if it is still there and as it was. */
  record(id: number): Uint8Array | undefined;
}

interface NoteRow {
  readonly id: number;
  readonly at: number;
  readonly body: Buffer | null;
  readonly crc: number;
}

/** The journal over its table. */
export function createJournal({ db, change, guard, damaged }: RowAccess, meta: MetaAccess): Journal {
  const add = db.prepare('INSERT INTO journal (at, body, crc) VALUES (?, ?, ?)');
  const after = db.prepare('SELECT id, at, body, crc FROM journal WHERE id > ? ORDER BY id');
  const one = db.prepare('SELECT id, at, body, crc FROM journal WHERE id = ?');
  const last = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").pluck();
  // They stand in the order in which they came, so this looks only at what is then removed.
  const firstToKeep = db.prepare('SELECT id FROM journal WHERE at >= ? ORDER BY id LIMIT 1').pluck();
  const remove = db.prepare('DELETE FROM journal WHERE id <= ? AND id < ?');
  const isWhole = ({ at, body, crc }: NoteRow): boolean => crc === noteCrc(at, body ?? undefined);
  return {
    note(at, body) {
      let id = 0;
      change(() => {
        id = Number(add.run(at, body ?? null, noteCrc(at, body)).lastInsertRowid);
      });
      return id;
    },
    noted: () =>
      guard(() =>
        (after.all(Number(meta.get(NOTED) ?? 0)) as NoteRow[]).map((row): JournalEntry => {
          if (!isWhole(row)) throw damaged('the journal is not as it was saved');
          return { id: row.id, at: row.at, body: row.body ?? undefined };
        }),
      ),
    forget(before) {
      const held = (last.get() as number | undefined) ?? 0;
      remove.run(held, (firstToKeep.get(before) as number | undefined) ?? held + 1);
      meta.set(NOTED, String(held));
    },
    record(id) {
      const row = one.get(id) as NoteRow | undefined;
      return row === undefined || row.body === null || !isWhole(row) ? undefined : row.body;
    },
  };
}

function noteCrc(at: number, body: Uint8Array | undefined): number {
  return crc32(body ?? '-', crc32(String(at)));
}
