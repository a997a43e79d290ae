import { isKey, SpanTable } from './span-table.ts';

/** Names and ids are seldom longer; lists of ids are, and take the room of several. */
const KEY_LENGTH = 48;

/**
 * Remembers what a span of bytes stands for: names and ids come again and again, and decoding them and looking them up each time is
 * what reading would mostly do. A cache; it changes no result.
 */
export class SpanCache<T> {
  private readonly table: SpanTable;
  private values: T[] = [];

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.table = new SpanTable(capacity, KEY_LENGTH);
  }

  /** What is known of the bytes `[start, end)`. */
  get(view: DataView, start: number, end: number): T | undefined {
    const found = this.table.find(view, start, end);
    return found < 0 ? undefined : this.values[found];
  }

  /** Remembers a value; that of a span too long, or empty, is not remembered. */
  put(view: DataView, start: number, end: number, value: T): void {
    if (!isKey(start, end)) return;
    const { table } = this;
    const found = table.find(view, start, end);
    if (found >= 0) {
      this.values[found] = value;
      return;
    }
    let number = table.add(view, start, end);
    if (number < 0) {
      table.clear();
      this.values = [];
      number = table.add(view, start, end);
    }
    this.values[number] = value;
  }
}
