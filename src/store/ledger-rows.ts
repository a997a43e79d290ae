import { crc32 } from 'node:zlib';
import type { RowAccess } from './call-rows.ts';

/** Lines on their way to files, see {@link Ledger}; empty but for a replay. */
export const LEDGER_SCHEMA: string =
  'CREATE TABLE ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL, line BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;';

/** A line, and the file for which it is meant. */
export interface LedgerLine {
  readonly id: number;
  readonly file: string;
  readonly line: Uint8Array;
}

/**
 * Lines for files that must agree with the state: they are committed with it, and leave it when a later commit says that the files hold them.
 */
export interface Ledger {
  /** Belongs to the next commit; returns the line's number. */
  add(file: string, line: Uint8Array): number;
  /** The first lines, in order. */
  lines(limit: number): readonly LedgerLine[];
  /** The files hold the lines up to this number. */
  forget(upTo: number): void;
}

/** The ledger in a database. */
export function createLedger({ db, change, guard, damaged }: RowAccess): Ledger {
  const insert = db.prepare('INSERT INTO ledger (file, line, crc) VALUES (?, ?, ?)');
  const select = db.prepare('SELECT id, file, line, crc FROM ledger ORDER BY id LIMIT ?');
  const remove = db.prepare('DELETE FROM ledger WHERE id <= ?');
  return {
    add(file, line) {
      let id = 0;
      change(() => {
        id = Number(insert.run(file, line, lineCrc(file, line)).lastInsertRowid);
      });
      return id;
    },
    lines: (limit) =>
      guard(() =>
        (select.all(limit) as (LedgerLine & { readonly crc: number })[]).map(({ crc, ...row }) => {
          if (crc !== lineCrc(row.file, row.line)) throw damaged('a line of the ledger is not as it was saved');
          return row;
        }),
      ),
    forget: (upTo) =>
      change(() => {
        remove.run(upTo);
      }),
  };
}

function lineCrc(file: string, line: Uint8Array): number {
  return crc32(line, crc32(file));
}
