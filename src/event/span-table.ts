import { copySpan, hashSpan, sameSpan } from './span.ts';

/** Numbers of a place: the entry's number plus one, hash of the key, where its bytes begin, how many there are. */
const PLACE = 4;
/** Places that are looked at for one key: keys may be made to have one hash. */
const MOST_PROBES = 64;
/** A longer key is not worth remembering. */
const LONGEST = 512;

/**
 * Numbers for spans of bytes, from 0 on: the keys of a cache. Keys stand close together, so that a hit touches little memory. When it is
 * full it is emptied as a whole, which is cheaper than to know what is old.
 */
export class SpanTable {
  private readonly places: Int32Array;
  private readonly keys: DataView;
  private readonly capacity: number;
  private readonly mask: number;
  private keysEnd = 0;
  private count = 0;

  /** `capacity` (a power of two) entries, and room for as many keys of `keyLength` bytes. */
  constructor(capacity: number, keyLength: number) {
    this.capacity = capacity;
    this.mask = (2 * capacity - 1) * PLACE;
    this.places = new Int32Array(2 * capacity * PLACE);
    this.keys = new DataView(new ArrayBuffer(capacity * keyLength + LONGEST));
  }

  /** The number of a span, or -1 if it has none. */
  find(view: DataView, start: number, end: number): number {
    const { places, mask, keys } = this;
    const hash = hashSpan(view, start, end);
    const length = end - start;
    let place = Math.imul(hash, PLACE) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe += 1) {
      const found = places[place] as number;
      if (found === 0) return -1;
      if (places[place + 1] === hash && places[place + 3] === length && sameSpan(view, start, end, keys, places[place + 2] as number)) {
        return found - 1;
      }
      place = (place + PLACE) & mask;
    }
    return -1;
  }

  /** Gives a span that has no number the next one; -1 if there is no room for it, which `clear` makes. */
  add(view: DataView, start: number, end: number): number {
    const { places } = this;
    const hash = hashSpan(view, start, end);
    const place = this.freePlace(hash);
    if (place < 0 || this.count === this.capacity || this.keysEnd + end - start > this.keys.byteLength) return -1;
    places[place + 1] = hash;
    places[place + 2] = this.keysEnd;
    places[place + 3] = end - start;
    this.keysEnd = copySpan(this.keys, this.keysEnd, view, start, end);
    this.count += 1;
    places[place] = this.count;
    return this.count - 1;
  }

  private freePlace(hash: number): number {
    const { places, mask } = this;
    let place = Math.imul(hash, PLACE) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe += 1) {
      if (places[place] === 0) return place;
      place = (place + PLACE) & mask;
    }
    return -1;
  }

  clear(): void {
    this.places.fill(0);
    this.count = 0;
    this.keysEnd = 0;
  }
}

/** True for a span that a {@link SpanTable} takes. */
export function isKey(start: number, end: number): boolean {
  return end > start && end - start <= LONGEST;
}
