import { crc32 } from 'node:zlib';
import type { MetaAccess, RowAccess } from './call-rows.ts';
import { createForms, FORMS_SCHEMA } from './form-rows.ts';
import { createJournal, JOURNAL_SCHEMA } from './journal-rows.ts';
import { createLetters, LETTERS_SCHEMA } from './letter-rows.ts';
import { createOrigins, ORIGINS_SCHEMA } from './origin-rows.ts';
import type { EndpointRow, EndpointTakes, Outbox, PendingDelivery } from './outbox.ts';
import { createPlaces, PLACES_SCHEMA } from './place-rows.ts';
import { createWipe } from './wipe-rows.ts';

/** The tables of a live shim, see `outbox.ts`; empty in the state of a conversion. */
export const OUTBOX_SCHEMA: string = `
  ${JOURNAL_SCHEMA}
  ${ORIGINS_SCHEMA}
  CREATE TABLE endpoints (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, disabled INTEGER NOT NULL, takes TEXT NOT NULL DEFAULT '{"isDual":false}'
  ) STRICT;
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL, type TEXT NOT NULL, contact TEXT, agent TEXT, place INTEGER NOT NULL,
    time REAL NOT NULL, kind TEXT NOT NULL, rule TEXT NOT NULL, source INTEGER NOT NULL, stored REAL NOT NULL, body BLOB NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  ${FORMS_SCHEMA}
  ${PLACES_SCHEMA}
  CREATE TABLE outbox (
    endpoint INTEGER NOT NULL, event INTEGER NOT NULL, form INTEGER NOT NULL, attempts INTEGER NOT NULL, due REAL NOT NULL,
    PRIMARY KEY (endpoint, event)
  ) WITHOUT ROWID, STRICT;
  ${LETTERS_SCHEMA}
`;

const NO_FORMS: readonly undefined[] = [];

/** The last event that the last checkpoint knew of. */
const CHECKPOINTED = 'outbox: checkpointed';

interface PendingRow {
  readonly event: number;
  readonly key: Buffer;
  readonly type: string;
  readonly contact: string | null;
  readonly agent: string | null;
  readonly place: number;
  readonly body: Buffer;
  readonly crc: number;
  readonly form: number;
  readonly attempts: number;
  readonly due: number;
}

interface StoredEvent {
  readonly key: Buffer;
  readonly type: string;
  readonly body: Buffer;
}

interface RecentRow {
  readonly key: Buffer;
  readonly contact: string | null;
  readonly place: number;
  readonly stored: number;
}

/**
 * The outbox over the tables of a database. Ids of events are hashes, and calls come as they come: an index by one of them would write a page
 * for nearly every event. So which events are there already is asked only for those since the last checkpoint, which may be told again
 * after a crash, and the places of contacts are written at checkpoints.
 */
export function createOutbox({ db, change, guard, damaged }: RowAccess, meta: MetaAccess): Outbox {
  const allEndpoints = db.prepare('SELECT id, name, disabled, takes FROM endpoints ORDER BY id');
  const addEndpoint = db.prepare('INSERT INTO endpoints (name, disabled) VALUES (?, 0)');
  const findEndpoint = db.prepare('SELECT id FROM endpoints WHERE name = ?').pluck();
  const setTakes = db.prepare('UPDATE endpoints SET takes = ? WHERE id = ? AND takes <> ?');
  const setDisabled = db.prepare('UPDATE endpoints SET disabled = ? WHERE id = ?');
  const since = db.prepare('SELECT key, contact, place, stored FROM events WHERE id > ? ORDER BY id');
  const lastEvent = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck();
  const addEvent = db.prepare(
    'INSERT INTO events (key, type, contact, agent, place, time, kind, rule, source, stored, body, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const addPending = db.prepare('INSERT INTO outbox (endpoint, event, form, attempts, due) VALUES (?, ?, ?, 0, 0)');
  const selectPending = db.prepare(`
    SELECT o.event AS event, key, type, contact, agent, place, body, crc, form, attempts, due FROM outbox o JOIN events e ON e.id = o.event
    WHERE o.endpoint = ? AND o.event > ? ORDER BY o.event LIMIT ?`);
  const countOf = db.prepare('SELECT count(*) FROM outbox WHERE endpoint = ?').pluck();
  const remove = db.prepare('DELETE FROM outbox WHERE endpoint = ? AND event = ?');
  const update = db.prepare('UPDATE outbox SET attempts = ?, due = ? WHERE endpoint = ? AND event = ?');
  const selectEvent = db.prepare('SELECT key, type, body FROM events WHERE id = ?');
  const restorePending = db.prepare('INSERT OR IGNORE INTO outbox (endpoint, event, form, attempts, due) VALUES (?, ?, ?, 0, 0)');
  /** Events since the last checkpoint that an earlier process had committed. */
  const committed = new Set<string>();
  const forms = createForms(db);
  const places = createPlaces({ db, change, guard, damaged });
  const wipe = createWipe(db);
  const journal = createJournal({ db, change, guard, damaged }, meta);
  const origins = createOrigins(db, journal.record);
  let isLoaded = false;
  /** Events that wait, by endpoint: counted once, since there may be millions. */
  const counts = new Map<number, number>();
  const waiting = (endpoint: number): number => {
    const known = counts.get(endpoint) ?? guard(() => countOf.get(endpoint) as number);
    counts.set(endpoint, known);
    return known;
  };

  /** What came since the last checkpoint is known before anything is added to it. */
  const load = (): void => {
    if (isLoaded) return;
    isLoaded = true;
    const rows = since.iterate(Number(meta.get(CHECKPOINTED) ?? 0));
    for (const { key, contact, place, stored } of rows as IterableIterator<RecentRow>) {
      committed.add(key.toString('hex'));
      if (contact !== null) places.known(contact, place, stored);
    }
  };
  const endpointOf = (name: string): number => {
    const known = guard(() => findEndpoint.get(name) as number | undefined);
    if (known !== undefined) return known;
    let id = 0;
    change(() => {
      id = Number(addEndpoint.run(name).lastInsertRowid);
    });
    return id;
  };
  /** Whether a row is as it was saved is said of it and not thrown: the others are to be delivered. */
  const pendingOf = ({ key, contact, agent, crc, form: number, ...row }: PendingRow): PendingDelivery => {
    const event = { ...row, key: key.toString('hex'), contact: contact ?? undefined, agent: agent ?? undefined };
    const isDamaged = crc !== eventCrc(event);
    if (number === 0) return { ...event, isDamaged };
    const form = forms.get(row.event, number);
    return form === undefined ? { ...event, isDamaged: true } : { ...event, ...form, isDamaged };
  };

  return {
    ...createLetters({ db, change, guard, damaged }, origins.of),
    note: journal.note,
    noted: journal.noted,
    forgetNoted: (now, slack) =>
      change(() => {
        load();
        journal.forget(Math.min(now, wipe.oldestWaiting() ?? now) - slack);
        places.save();
        committed.clear();
        meta.set(CHECKPOINTED, String(lastEvent.get() ?? 0));
      }),
    endpoints: () =>
      guard(() =>
        (allEndpoints.all() as { id: number; name: string; disabled: number; takes: string }[]).map(
          ({ disabled, takes, ...row }): EndpointRow => ({ ...row, disabled: disabled !== 0, takes: JSON.parse(takes) as EndpointTakes }),
        ),
      ),
    describe: (endpoint, takes) =>
      change(() => {
        const text = JSON.stringify(takes);
        setTakes.run(text, endpoint, text);
      }),
    endpoint: endpointOf,
    disable: (endpoint, disabled) =>
      change(() => {
        setDisabled.run(disabled ? 1 : 0, endpoint);
      }),
    add(event, endpoints, now, formed = NO_FORMS) {
      let isNew = false;
      change(() => {
        load();
        if (committed.size > 0 && committed.has(event.key)) return;
        isNew = true;
        const { key, type, contact, agent, time, kind, rule, source, record, body } = event;
        const place = contact === undefined ? 0 : places.next(contact, now);
        const row = [Buffer.from(key, 'hex'), type, contact ?? null, agent ?? null, place, time, kind, rule, source, now, body];
        const { lastInsertRowid: id } = addEvent.run(...row, eventCrc(event));
        if (record !== undefined) origins.keep(Number(id), record);
        const numbers = formed.length === 0 ? undefined : forms.keep(Number(id), formed);
        for (let index = 0; index < endpoints.length; index += 1) {
          const endpoint = endpoints[index] as number;
          const before = waiting(endpoint);
          addPending.run(endpoint, id, numbers?.[index] ?? 0);
          counts.set(endpoint, before + 1);
        }
      });
      return isNew;
    },
    pending: (endpoint, after, limit) => guard(() => (selectPending.all(endpoint, after, limit) as PendingRow[]).map(pendingOf)),
    waiting,
    settled: (endpoint, event) =>
      change(() => {
        const before = waiting(endpoint);
        counts.set(endpoint, before - remove.run(endpoint, event).changes);
      }),
    failed: (endpoint, event, attempts, due) =>
      change(() => {
        update.run(attempts, due, endpoint, event);
      }),
    restore(letter, now) {
      const { endpoint: name, key, type, contact, agent, place = 0, body } = letter;
      if (name === undefined || key === undefined || type === undefined) return undefined;
      const endpoint = endpointOf(name);
      let event = 0;
      let known: number | undefined;
      change(() => {
        const bytes = Buffer.from(key, 'hex');
        const found = letter.event === undefined ? undefined : (selectEvent.get(letter.event) as StoredEvent | undefined);
        known = found?.key.equals(bytes) === true ? letter.event : undefined;
        // It may have been wiped meanwhile.
        const row = [
          bytes,
          type,
          contact ?? null,
          agent ?? null,
          place,
          0,
          letter.kind ?? 'redriven',
          letter.code,
          0,
          now,
          body,
          eventCrc({ key, contact, agent, body }),
        ];
        event = known ?? Number(addEvent.run(...row).lastInsertRowid);
        origins.keep(event, letter.source);
        const isAsKept = known === undefined || (found?.type === type && found.body.equals(body));
        const before = waiting(endpoint);
        counts.set(endpoint, before + restorePending.run(endpoint, event, isAsKept ? 0 : forms.find(event, { type, body })).changes);
      });
      return {
        endpoint,
        delivery: { event, key, type, contact, agent, place, body, attempts: 0, due: 0, isDamaged: false },
        isNew: known === undefined,
      };
    },
    wipe(before) {
      let isMore = false;
      change(() => {
        isMore = wipe.next(before);
      });
      return isMore;
    },
  };
}

/** Of all that decides what is delivered where in which order. */
function eventCrc({ key, contact = '', agent = '', body }: Pick<PendingDelivery, 'key' | 'contact' | 'agent' | 'body'>): number {
  return crc32(body, crc32(`${key} ${contact} ${agent}`));
}
