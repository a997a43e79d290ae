import { crc32 } from 'node:zlib';
import type { RowAccess } from './call-rows.ts';

/** The last place of each contact; `stored`: when its last event came. */
export const PLACES_SCHEMA: string =
  'CREATE TABLE places (contact TEXT PRIMARY KEY, last INTEGER NOT NULL, stored REAL NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID, STRICT;';

/** Numbers the events of each contact, from 1. Written at checkpoints only: what came since is told by the events themselves. */
export interface Places {
  /** An event that came since the last checkpoint has this place. */
  known(contact: string, place: number, stored: number): void;
  /** The place of a contact's next event. */
  next(contact: string, now: number): number;
  /** Belongs to the next commit. */
  save(): void;
}

/** The places in a database. */
export function createPlaces({ db, damaged }: RowAccess): Places {
  const get = db.prepare('SELECT last, crc FROM places WHERE contact = ?');
  const set = db.prepare('INSERT OR REPLACE INTO places (contact, last, stored, crc) VALUES (?, ?, ?, ?)');
  /** Of contacts that had events since the last checkpoint. */
  const recent = new Map<string, { last: number; stored: number }>();
  const saved = (contact: string): number => {
    const row = get.get(contact) as { readonly last: number; readonly crc: number } | undefined;
    if (row === undefined) return 0;
    if (row.crc !== placeCrc(contact, row.last)) throw damaged('the place of an event in its call is not as it was saved');
    return row.last;
  };
  return {
    known(contact, place, stored) {
      recent.set(contact, { last: place, stored });
    },
    next(contact, now) {
      const known = recent.get(contact);
      if (known === undefined) {
        const last = saved(contact) + 1;
        recent.set(contact, { last, stored: now });
        return last;
      }
      known.last += 1;
      known.stored = now;
      return known.last;
    },
    save() {
      // In their order: neighbours stand on one page.
      const sorted = [...recent].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [contact, { last, stored }] of sorted) set.run(contact, last, stored, placeCrc(contact, last));
      recent.clear();
    },
  };
}

function placeCrc(contact: string, last: number): number {
  return crc32(`${last} ${contact}`);
}
