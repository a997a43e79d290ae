import type Database from 'better-sqlite3';

/** Rows that are looked at in one go: what comes in waits for the end of it. */
const ROWS_A_TIME = 2_000;

/** Frees the room of what has no use any more. */
export interface Wipe {
  /**
   * Wipes events that came before a time and for which no endpoint waits, and the places of contacts of which nothing is left: the next part
   * of them with each call, from the beginning again after the last. Returns true if there may be more.
   */
  next(before: number): boolean;
  /** When the oldest event came that waits for an endpoint. */
  oldestWaiting(): number | undefined;
}

/** Wiping in the tables of an outbox. */
export function createWipe(db: Database.Database): Wipe {
  const wipeEvents = db.prepare(`DELETE FROM events AS e WHERE id > ? AND id <= ? AND stored < ? AND NOT EXISTS (
    SELECT 1 FROM endpoints p JOIN outbox o ON o.endpoint = p.id AND o.event = e.id
  )`);
  const wipeOrigins = db.prepare(
    'DELETE FROM origins WHERE event > ? AND event <= ? AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = event)',
  );
  const wipeForms = db.prepare(
    'DELETE FROM forms WHERE event > ? AND event <= ? AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = event)',
  );
  const eventFurtherOn = db.prepare('SELECT id, stored FROM events WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?');
  const oldest = db
    .prepare('SELECT min(e.stored) FROM endpoints p JOIN events e ON e.id = (SELECT min(event) FROM outbox o WHERE o.endpoint = p.id)')
    .pluck();
  const wipePlaces = db.prepare('DELETE FROM places WHERE contact > ? AND contact <= ? AND stored < ?');
  const placeFurtherOn = db.prepare('SELECT contact FROM places WHERE contact > ? ORDER BY contact LIMIT 1 OFFSET ?').pluck();
  const lastPlace = db.prepare('SELECT max(contact) FROM places').pluck();
  let wipedTo = 0;
  let sweptTo = '';

  const oldestWaiting = (): number | undefined => (oldest.get() as number | null) ?? undefined;
  const events = (before: number): boolean => {
    const row = eventFurtherOn.get(wipedTo, ROWS_A_TIME - 1) as { readonly id: number; readonly stored: number } | undefined;
    const to = row?.id ?? Number.MAX_SAFE_INTEGER;
    wipeEvents.run(wipedTo, to, before);
    wipeForms.run(wipedTo, to);
    wipeOrigins.run(wipedTo, to);
    // Events stand in the order in which they came.
    const isMore = row !== undefined && row.stored < before;
    wipedTo = isMore ? to : 0;
    return isMore;
  };
  const places = (before: number): boolean => {
    const to = placeFurtherOn.get(sweptTo, ROWS_A_TIME - 1) as string | undefined;
    const last = to ?? (lastPlace.get() as string | null);
    if (last !== null) wipePlaces.run(sweptTo, last, Math.min(before, oldestWaiting() ?? before));
    sweptTo = to ?? '';
    return to !== undefined;
  };
  return {
    next(before) {
      const [isMore, areMore] = [events(before), places(before)];
      return isMore || areMore;
    },
    oldestWaiting,
  };
}
