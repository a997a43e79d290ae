/** What waits for its turn. */
export interface Keyed {
  /** An event starts only when no earlier one with one of its keys is under way or waiting. */
  readonly keys: readonly string[];
}

/** Items in an order that holds for each key: an item is free when it is the first of each of its keys. */
export interface KeyedQueue<T extends Keyed> {
  /** Adds an item behind all others. */
  add(item: T): void;
  /** The next item that is free and was not taken; it stays the first of its keys until `done`. */
  take(): T | undefined;
  /** A taken item is free again, still the first of its keys; it is taken after those that are free already. */
  back(item: T): void;
  /** A taken item that is not used now is free again, before all others; of several the last is given back first. */
  unget(item: T): void;
  /** A taken item is through: those behind it may be free now. */
  done(item: T): void;
  /** Items that were added and are not done. */
  readonly size: number;
}

interface Entry<T> {
  readonly item: T;
  /** Its places in the lines of its keys. */
  readonly links: readonly Link<T>[];
  /** Keys of which it is not the first yet. */
  waits: number;
}

/** A place in the line of a key: it knows who stands behind it, so that leaving costs the same however long the line is. */
interface Link<T> {
  readonly key: string;
  behind: Entry<T> | undefined;
}

/** An empty queue. */
export function createKeyedQueue<T extends Keyed>(): KeyedQueue<T> {
  /** The last place in the line of each key. */
  const lasts = new Map<string, Link<T>>();
  const entries = new Map<T, Entry<T>>();
  // Free items in the order in which they became free.
  let free: Entry<T>[] = [];
  let head = 0;
  const release = (entry: Entry<T>): void => {
    free.push(entry);
  };
  const leave = ({ key, behind }: Link<T>): void => {
    if (behind === undefined) {
      lasts.delete(key);
      return;
    }
    behind.waits -= 1;
    if (behind.waits === 0) release(behind);
  };
  return {
    add(item) {
      // An item with one key twice would wait for itself.
      const links = [...new Set(item.keys)].map((key): Link<T> => ({ key, behind: undefined }));
      const entry: Entry<T> = { item, links, waits: 0 };
      entries.set(item, entry);
      for (const link of links) {
        const last = lasts.get(link.key);
        lasts.set(link.key, link);
        if (last === undefined) continue;
        last.behind = entry;
        entry.waits += 1;
      }
      if (entry.waits === 0) release(entry);
    },
    take() {
      const entry = free[head];
      if (entry === undefined) return undefined;
      head += 1;
      // Not one by one: an array is slow to shift when it is long.
      if (head > 1000 && head * 2 > free.length) {
        free = free.slice(head);
        head = 0;
      }
      return entry.item;
    },
    back(item) {
      release(entries.get(item) as Entry<T>);
    },
    unget(item) {
      const entry = entries.get(item) as Entry<T>;
      if (head === 0) free.unshift(entry);
      else {
        head -= 1;
        free[head] = entry;
      }
    },
    done(item) {
      const { links } = entries.get(item) as Entry<T>;
      entries.delete(item);
      for (const link of links) leave(link);
    },
    get size() {
      return entries.size;
    },
  };
}
