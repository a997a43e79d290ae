/** A priority queue: the smallest key first, equal keys in the order in which they were pushed. */
export interface Heap<T> {
  readonly size: number;
  push(key: number, value: T): void;
  /** Smallest key, or Infinity when empty. */
  peekKey(): number;
  pop(): T | undefined;
  /** First value, which stays in place. */
  peek(): T | undefined;
  /** Gives the first value another key. */
  rekeyFirst(key: number): void;
}

interface Entry<T> {
  readonly key: number;
  readonly order: number;
  readonly value: T;
}

const before = <T>(a: Entry<T>, b: Entry<T>): boolean => a.key < b.key || (a.key === b.key && a.order < b.order);

function siftUp<T>(entries: Entry<T>[], entry: Entry<T>): void {
  let index = entries.length;
  entries.push(entry);
  while (index > 0) {
    const up = (index - 1) >> 1;
    const parent = entries[up] as Entry<T>;
    if (!before(entry, parent)) break;
    entries[index] = parent;
    index = up;
  }
  entries[index] = entry;
}

function siftDown<T>(entries: Entry<T>[], entry: Entry<T>): void {
  const size = entries.length;
  let index = 0;
  for (;;) {
    let down = 2 * index + 1;
    if (down >= size) break;
    if (down + 1 < size && before(entries[down + 1] as Entry<T>, entries[down] as Entry<T>)) down++;
    const child = entries[down] as Entry<T>;
    if (!before(child, entry)) break;
    entries[index] = child;
    index = down;
  }
  entries[index] = entry;
}

/** A binary heap. */
export function createHeap<T>(): Heap<T> {
  const entries: Entry<T>[] = [];
  let order = 0;
  return {
    get size() {
      return entries.length;
    },
    push: (key, value) => siftUp(entries, { key, order: order++, value }),
    peekKey: () => entries[0]?.key ?? Number.POSITIVE_INFINITY,
    peek: () => entries[0]?.value,
    rekeyFirst: (key) => {
      const first = entries[0];
      if (first !== undefined) siftDown(entries, { key, order: order++, value: first.value });
    },
    pop: () => {
      const first = entries[0];
      const last = entries.pop();
      if (first !== undefined && last !== undefined && entries.length > 0) siftDown(entries, last);
      return first?.value;
    },
  };
}
