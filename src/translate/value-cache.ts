import { copySpan, quickHash, sameSpan } from '../event/span.ts';

const SLOTS = 4096;
const KEY_ROOM = 96;
/** Bytes of the longest value that is remembered. */
export const VALUE_ROOM = 160;

/**
 * Remembers what an operation makes of a value, as bytes: ids and call types come again and again, and decoding, looking up and
 * encoding them each time is what rendering would mostly do. One flat table, so that a hit touches little memory. A cache; it changes
 * no result.
 */
export interface ValueCache {
  /** The place of a span's value, or -1 if it is not known. */
  find(view: DataView, start: number, end: number): number;
  /** Copies the value at a place; returns the offset behind it. */
  copy(place: number, target: DataView, to: number): number;
  /** What is to be counted whenever the value at a place is used. */
  notes(place: number): readonly string[];
  /** Remembers a value; what is too long is not remembered. */
  put(view: DataView, start: number, end: number, value: Uint8Array, notes: readonly string[]): void;
}

const NO_NOTES: readonly string[] = [];

/** An empty cache. */
export function createValueCache(): ValueCache {
  const keys = new DataView(new ArrayBuffer(SLOTS * KEY_ROOM));
  const values = new Uint8Array(SLOTS * VALUE_ROOM);
  const valueView = new DataView(values.buffer);
  const keyLengths = new Uint8Array(SLOTS);
  const valueLengths = new Uint8Array(SLOTS);
  const noted: (readonly string[])[] = new Array<readonly string[]>(SLOTS).fill(NO_NOTES);
  return {
    find(view, start, end) {
      const place = quickHash(view, start, end) & (SLOTS - 1);
      const length = end - start;
      if (keyLengths[place] !== length) return -1;
      return sameSpan(view, start, end, keys, place * KEY_ROOM) ? place : -1;
    },
    copy: (place, target, to) => copySpan(target, to, valueView, place * VALUE_ROOM, place * VALUE_ROOM + (valueLengths[place] as number)),
    notes: (place) => noted[place] as readonly string[],
    put(view, start, end, value, notes) {
      if (end - start > KEY_ROOM - 1 || value.length > VALUE_ROOM) return;
      const place = quickHash(view, start, end) & (SLOTS - 1);
      copySpan(keys, place * KEY_ROOM, view, start, end);
      values.set(value, place * VALUE_ROOM);
      keyLengths[place] = end - start;
      valueLengths[place] = value.length;
      noted[place] = notes;
    },
  };
}
