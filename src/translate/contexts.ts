import type { CallContext } from '../context/call.ts';
import { newCall } from '../context/call.ts';
import { packCall, unpackCall } from '../context/call-bytes.ts';
import type { RecordView } from '../event/record.ts';
import { slotTextOnce, valueEnd, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { SpanCache } from '../event/span-cache.ts';
import type { CallEntry } from './entry.ts';

/** Where contexts rest that are not hot. The state file implements it; without one they stay in memory. */
export interface ContextStore {
  /** The saved bytes under a key, good until the next call of the store, or undefined. */
  load(key: string): Uint8Array | undefined;
  /**
   * Saves a copy of some bytes; they may be forgotten once the clock has passed `expires` (Unix milliseconds). `ended`: the call is over.
   */
  save(key: string, body: Uint8Array, expires: number, ended: boolean): void;
  /** Forgets what has expired. */
  expire(now: number): void;
}

/** Bounds of the contexts in memory. */
export interface ContextOptions {
  readonly store: ContextStore | undefined;
  /** Contexts kept in memory at most (those with waiting events come on top). */
  readonly hot: number;
  readonly idle: number;
  readonly retention: number;
}

/** The calls that are known, the hot ones as objects, the others in the store. */
export interface Contexts {
  /** The context of an event's contact, or undefined if it names none; a new one where nothing is known or what was known has expired at `now`. */
  of(record: RecordView, time: number, now: number): CallEntry | undefined;
  /** The context of a contact if it is known at all, expired or not. */
  recall(contact: string): CallEntry | undefined;
  /** The context of a contact if it is known and has not expired. */
  peek(contact: string, now: number): CallEntry | undefined;
  /** Saves all that has changed. */
  flush(): void;
  /** Calls begun, and calls that have ended. */
  readonly begun: number;
  /** Tells that a call's `ended` may have changed; `before` = what it was. */
  settle(entry: CallEntry, before: boolean): void;
  unfinished(): number;
  restore(begun: number, ended: number): void;
  readonly ended: number;
}

/** Stands in entries that are gone, so that whoever holds one does not hold the call too. */
const GONE: CallContext = newCall('', 0);

/** Contexts over a store, with the least recently used written out when there are too many. */
export function createContexts(options: ContextOptions): Contexts {
  const hot = new Map<string, CallEntry>();
  // The same calls by the bytes of their contactId, to find one without making a string.
  const bySpan = new SpanCache<CallEntry>(32_768);
  const { store } = options;
  let begun = 0;
  let ended = 0;

  const expiry = (call: CallContext): number => call.last + (call.ended ? options.retention : Math.max(options.idle, options.retention));
  const isBusy = (entry: CallEntry): boolean => entry.queue.length > 0 || entry.pins > 0;
  const put = (entry: CallEntry): void => {
    if (entry.dirty) store?.save(entry.key, packCall(entry.call), expiry(entry.call), entry.call.ended);
    entry.dirty = false;
  };
  const forget = (entry: CallEntry): void => {
    hot.delete(entry.key);
    entry.gone = true;
    entry.call = GONE;
    entry.seen = undefined;
  };
  // A tenth at a time: the front of a Map from which much was deleted is slow to find.
  const roomFor = Math.floor(options.hot * 0.9);
  const evict = (): void => {
    let looked = hot.size;
    for (const [key, entry] of hot) {
      if (hot.size <= roomFor || looked === 0) return;
      looked -= 1;
      if (isBusy(entry) || entry.used) {
        // Second chance: to the end of the line.
        entry.used = false;
        hot.delete(key);
        hot.set(key, entry);
      } else {
        put(entry);
        forget(entry);
      }
    }
  };
  const sweep = (now: number): void => {
    for (const entry of hot.values()) {
      if (hot.size <= options.hot) return;
      if (expiry(entry.call) < now && !isBusy(entry)) forget(entry);
    }
  };
  let evictAt = options.hot;
  const hold = (key: string, call: CallContext): CallEntry => {
    if (store !== undefined && hot.size >= evictAt) {
      evict();
      // Where nearly all are busy, another round at once would find no more.
      evictAt = Math.max(options.hot, Math.ceil(hot.size * 1.1));
    }
    const entry: CallEntry = { key, call, queue: [], used: true, dirty: false, seen: undefined, pins: 0, gone: false };
    hot.set(key, entry);
    return entry;
  };
  /** The entry if it has not expired; else it is left behind. */
  const ifAlive = (entry: CallEntry, now: number): CallEntry | undefined => {
    entry.used = true;
    if (expiry(entry.call) >= now || isBusy(entry)) return entry;
    // What the store holds may be older and not look expired: it is brought up to date before it is left behind.
    put(entry);
    forget(entry);
    return undefined;
  };
  const find = (contact: string): CallEntry | undefined => {
    const entry = hot.get(contact);
    if (entry !== undefined) return entry;
    const body = store?.load(contact);
    return body === undefined ? undefined : hold(contact, unpackCall(body));
  };
  const peek = (contact: string, now: number): CallEntry | undefined => {
    const entry = find(contact);
    return entry === undefined ? undefined : ifAlive(entry, now);
  };

  let sweepAt = options.hot * 2;
  const begin = (contact: string, time: number, now: number): CallEntry => {
    begun += 1;
    const entry = hold(contact, newCall(contact, time));
    entry.dirty = true;
    if (store === undefined && hot.size > sweepAt) {
      entry.pins += 1;
      sweep(now);
      entry.pins -= 1;
      sweepAt = Math.max(options.hot, hot.size) * 2;
    }
    return entry;
  };

  return {
    of(record, time, now) {
      const field = record.shape.slots[SLOT.contactId] as number;
      if (field < 0) return undefined;
      const { view } = record.block;
      const start = valueStart(record, field);
      const end = valueEnd(record, field);
      const held = bySpan.get(view, start, end);
      if (held !== undefined && !held.gone) {
        const alive = ifAlive(held, now);
        if (alive !== undefined) return alive;
      }
      const contact = slotTextOnce(record, SLOT.contactId);
      if (contact === undefined) return undefined;
      const entry = peek(contact, now) ?? begin(contact, time, now);
      bySpan.put(view, start, end, entry);
      return entry;
    },
    recall: find,
    peek,
    flush() {
      for (const entry of hot.values()) put(entry);
    },
    get begun() {
      return begun;
    },
    get ended() {
      return ended;
    },
    settle(entry, before) {
      entry.dirty = true;
      if (entry.call.ended !== before) ended += before ? -1 : 1;
    },
    unfinished: () => begun - ended,
    restore(savedBegun, savedEnded) {
      begun = savedBegun;
      ended = savedEnded;
    },
  };
}
