import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { Origin } from './letter-rows.ts';

/** Records of events that were redriven: the journal may have forgotten them. */
export const ORIGINS_SCHEMA: string = 'CREATE TABLE origins (event INTEGER PRIMARY KEY, body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;';

/** Tells what events of the outbox came from. */
export interface Origins {
  of(event: number): Origin;
  /** Keeps the record of an event as long as the event; belongs to the next commit. */
  keep(event: number, record: Uint8Array | undefined): void;
}

/** `record`: the record that was noted under a number, if it is still there. */
export function createOrigins(db: Database.Database, record: (note: number) => Uint8Array | undefined): Origins {
  const find = db.prepare('SELECT kind, source FROM events WHERE id = ?');
  const kept = db.prepare('SELECT body, crc FROM origins WHERE event = ?');
  const insert = db.prepare('INSERT OR REPLACE INTO origins (event, body, crc) VALUES (?, ?, ?)');
  return {
    of(event) {
      const row = find.get(event) as { readonly kind: string; readonly source: number } | undefined;
      const own = kept.get(event) as { readonly body: Buffer; readonly crc: number } | undefined;
      const source = own !== undefined && own.crc === crc32(own.body) ? own.body : row && record(row.source);
      return { kind: row?.kind, source };
    },
    keep(event, body) {
      if (body !== undefined) insert.run(event, body, crc32(body));
    },
  };
}
