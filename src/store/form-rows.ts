import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { EventForm } from './outbox.ts';

/** What some endpoints get of an event in place of its own body. Empty where all endpoints have the mapping of the shim. */
export const FORMS_SCHEMA: string = `CREATE TABLE forms (
    event INTEGER NOT NULL, form INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (event, form)
  ) WITHOUT ROWID, STRICT;`;

/** The forms of events, by their numbers from 1. */
export interface Forms {
  /** Keeps the forms of a new event; gives the number of each, 0 for those that are none. Belongs to the next commit. */
  keep(event: number, forms: readonly (EventForm | undefined)[]): readonly number[];
  /** The number of a form, which is kept if it was not. Belongs to the next commit. */
  find(event: number, form: EventForm): number;
  /** Undefined: it is not as it was saved. */
  get(event: number, number: number): EventForm | undefined;
}

interface FormRow {
  readonly form: number;
  readonly type: string;
  readonly body: Buffer;
  readonly crc: number;
}

/** The forms in a database. */
export function createForms(db: Database.Database): Forms {
  const insert = db.prepare('INSERT INTO forms (event, form, type, body, crc) VALUES (?, ?, ?, ?, ?)');
  const select = db.prepare('SELECT form, type, body, crc FROM forms WHERE event = ? AND form = ?');
  const selectAll = db.prepare('SELECT form, type, body, crc FROM forms WHERE event = ? ORDER BY form');
  const add = (event: number, number: number, { type, body }: EventForm): number => {
    insert.run(event, number, type, body, formCrc(type, body));
    return number;
  };
  return {
    keep(event, forms) {
      // Endpoints with one mapping share a form.
      const numbers = new Map<EventForm, number>();
      return forms.map((form) => {
        if (form === undefined) return 0;
        const number = numbers.get(form) ?? add(event, numbers.size + 1, form);
        numbers.set(form, number);
        return number;
      });
    },
    find(event, form) {
      const rows = selectAll.all(event) as readonly FormRow[];
      const known = rows.find(({ type, body }) => type === form.type && body.equals(form.body));
      return known?.form ?? add(event, (rows.at(-1)?.form ?? 0) + 1, form);
    },
    get(event, number) {
      const row = select.get(event, number) as FormRow | undefined;
      return row === undefined || row.crc !== formCrc(row.type, row.body) ? undefined : { type: row.type, body: row.body };
    },
  };
}

function formCrc(type: string, body: Uint8Array): number {
  return crc32(body, crc32(type));
}
