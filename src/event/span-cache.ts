import { copySpan, quickHash, sameSpan } from './span.ts';

/** Bytes of the longest key that is remembered. */
const KEY_ROOM = 64;

/**
 * Remembers what a span of bytes stands for: names and ids come again and again, and decoding them and looking them up each time is
 * what reading would mostly do. One flat table with two places for each hash, the newer first. A cache; it changes no result.
 */
export class SpanCache<T> {
  private readonly keys: DataView;
  private readonly lengths: Uint8Array;
  private readonly values: (T | undefined)[];
  private readonly mask: number;

  /** `places` is a power of two. */
  constructor(places: number) {
    this.keys = new DataView(new ArrayBuffer(places * KEY_ROOM));
    this.lengths = new Uint8Array(places);
    this.values = new Array<T | undefined>(places).fill(undefined);
    this.mask = places - 1;
  }

  /** What is known of the bytes `[start, end)`. */
  get(view: DataView, start: number, end: number): T | undefined {
    const length = end - start;
    const { keys, lengths } = this;
    const place = quickHash(view, start, end) & this.mask;
    if (lengths[place] === length && sameSpan(view, start, end, keys, place * KEY_ROOM)) return this.values[place];
    const second = place ^ 1;
    if (lengths[second] === length && sameSpan(view, start, end, keys, second * KEY_ROOM)) return this.values[second];
    return undefined;
  }

  /** Remembers a value; that of a span too long, or empty, is not remembered. */
  put(view: DataView, start: number, end: number, value: T): void {
    const length = end - start;
    if (length > KEY_ROOM || length === 0) return;
    const { keys, lengths, values } = this;
    const place = quickHash(view, start, end) & this.mask;
    const second = place ^ 1;
    copySpan(keys, second * KEY_ROOM, keys, place * KEY_ROOM, place * KEY_ROOM + (lengths[place] as number));
    lengths[second] = lengths[place] as number;
    values[second] = values[place];
    copySpan(keys, place * KEY_ROOM, view, start, end);
    lengths[place] = length;
    values[place] = value;
  }
}
