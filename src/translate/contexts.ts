import type { CallContext } from '../context/call.ts';
import { callFromText, callToText, newCall } from '../context/call.ts';
import type { Pending } from './slot.ts';

/** Where contexts rest that are not hot. The state file implements it; without one they stay in memory. */
export interface ContextStore {
  /** The saved text under a key, or undefined. */
  load(key: string): string | undefined;
  /** Saves a text; it may be forgotten once the clock has passed `expires` (Unix milliseconds). */
  save(key: string, text: string, expires: number): void;
  /** Forgets what has expired. */
  expire(now: number): void;
}

/** A call in memory, with the events that wait for a decision. */
export interface CallEntry {
  readonly key: string;
  call: CallContext;
  /** Undecided events of the call, in order. */
  queue: Pending[];
  /** Looked up since the last round of eviction. */
  used: boolean;
  dirty: boolean;
  /** Identities in `call.seen` as a set, once they are many. */
  seen: Set<number> | undefined;
  /** Being worked on: not to be written out now. */
  pins: number;
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
  /** The context of a contact; a new one where nothing is known or what was known has expired at `now`. */
  get(contact: string, time: number, now: number): CallEntry;
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

/** Contexts over a store, with the least recently used written out when there are too many. */
export function createContexts(options: ContextOptions): Contexts {
  const hot = new Map<string, CallEntry>();
  const { store } = options;
  let begun = 0;
  let ended = 0;

  const expiry = (call: CallContext): number => call.last + (call.ended ? options.retention : Math.max(options.idle, options.retention));
  const put = (entry: CallEntry): void => {
    if (entry.dirty) store?.save(entry.key, callToText(entry.call), expiry(entry.call));
    entry.dirty = false;
  };
  // A tenth at a time: the front of a Map from which much was deleted is slow to find.
  const roomFor = Math.floor(options.hot * 0.9);
  const evict = (): void => {
    for (const [key, entry] of hot) {
      if (hot.size <= roomFor) return;
      const busy = entry.queue.length > 0 || entry.pins > 0;
      hot.delete(key);
      if (busy || entry.used) {
        // Second chance: to the end of the line. A busy one ends the round, or a round over busy ones would never end.
        entry.used = false;
        hot.set(key, entry);
        if (busy) return;
      } else put(entry);
    }
  };
  const sweep = (now: number): void => {
    for (const [key, entry] of hot) {
      if (hot.size <= options.hot) return;
      if (expiry(entry.call) < now && entry.queue.length === 0 && entry.pins === 0) hot.delete(key);
    }
  };
  const hold = (key: string, call: CallContext): CallEntry => {
    if (store !== undefined && hot.size >= options.hot) evict();
    const entry: CallEntry = { key, call, queue: [], used: true, dirty: false, seen: undefined, pins: 0 };
    hot.set(key, entry);
    return entry;
  };
  const find = (contact: string, now: number): CallEntry | undefined => {
    let entry = hot.get(contact);
    if (entry === undefined) {
      const text = store?.load(contact);
      if (text !== undefined) entry = hold(contact, callFromText(text));
    }
    if (entry === undefined) return undefined;
    entry.used = true;
    if (expiry(entry.call) >= now || entry.queue.length > 0 || entry.pins > 0) return entry;
    // What the store holds may be older and not look expired: it is brought up to date before it is left behind.
    put(entry);
    hot.delete(contact);
    return undefined;
  };

  let sweepAt = options.hot * 2;
  return {
    get(contact, time, now) {
      const found = find(contact, now);
      if (found !== undefined) return found;
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
    },
    peek: find,
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
