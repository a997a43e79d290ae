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
  /** A taken item goes back to where it was: it is free again. */
  back(item: T): void;
  /** A taken item is through: those behind it may be free now. */
  done(item: T): void;
  /** Items that were added and are not done. */
  readonly size: number;
}

interface Entry<T> {
  readonly item: T;
  /** Keys of which it is not the first yet. */
  waits: number;
}

/** An empty queue. */
export function createKeyedQueue<T extends Keyed>(): KeyedQueue<T> {
  const lines = new Map<string, Entry<T>[]>();
  const entries = new Map<T, Entry<T>>();
  // Free items in the order in which they became free.
  let free: Entry<T>[] = [];
  let head = 0;
  const release = (entry: Entry<T>): void => {
    free.push(entry);
  };
  const leave = (key: string): void => {
    const line = lines.get(key) as Entry<T>[];
    line.shift();
    const [next] = line;
    if (next === undefined) {
      lines.delete(key);
      return;
    }
    next.waits -= 1;
    if (next.waits === 0) release(next);
  };
  return {
    add(item) {
      const entry: Entry<T> = { item, waits: 0 };
      entries.set(item, entry);
      for (const key of item.keys) {
        const line = lines.get(key);
        if (line === undefined) lines.set(key, [entry]);
        else {
          line.push(entry);
          entry.waits += 1;
        }
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
    done(item) {
      entries.delete(item);
      for (const key of item.keys) leave(key);
    },
    get size() {
      return entries.size;
    },
  };
}
