import { copySpan } from '../event/span.ts';
import { isKey, SpanTable } from '../event/span-table.ts';

const VALUES = 8192;
const KEY_LENGTH = 56;
const VALUE_LENGTH = 64;
/** Bytes of the longest value that is remembered. */
export const VALUE_ROOM = 512;

/**
 * Remembers what an operation makes of a value, as bytes: ids and call types come again and again, and decoding, looking up and
 * encoding them each time is what rendering would mostly do. A cache; it changes no result.
 */
export interface ValueCache {
  /** The number of a span's value, or -1 if it is not known. */
  find(view: DataView, start: number, end: number): number;
  /** Copies a value; returns the offset behind it. */
  copy(number: number, target: DataView, to: number): number;
  /** What is to be counted whenever a value is used. */
  notes(number: number): readonly string[];
  /** Remembers a value; what is too long is not remembered. */
  put(view: DataView, start: number, end: number, value: DataView, from: number, to: number, notes: readonly string[]): void;
}

/** An empty cache. */
export function createValueCache(): ValueCache {
  const table = new SpanTable(VALUES, KEY_LENGTH);
  const bytes = new DataView(new ArrayBuffer(VALUES * VALUE_LENGTH + VALUE_ROOM));
  /** Where each value begins and ends. */
  const spans = new Int32Array(VALUES * 2);
  const noted: (readonly string[])[] = [];
  let used = 0;
  return {
    find: (view, start, end) => table.find(view, start, end),
    copy: (number, target, to) => copySpan(target, to, bytes, spans[2 * number] as number, spans[2 * number + 1] as number),
    notes: (number) => noted[number] as readonly string[],
    put(view, start, end, value, from, to, notes) {
      const length = to - from;
      if (!isKey(start, end) || length > VALUE_ROOM) return;
      let number = used + length > bytes.byteLength ? -1 : table.add(view, start, end);
      if (number < 0) {
        table.clear();
        used = 0;
        number = table.add(view, start, end);
      }
      spans[2 * number] = used;
      used = copySpan(bytes, used, value, from, to);
      spans[2 * number + 1] = used;
      noted[number] = notes;
    },
  };
}
