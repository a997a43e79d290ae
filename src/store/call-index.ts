const FIRST_PLACES = 4096;
/** A place in the index that holds nothing. */
const EMPTY = -1;

/** Where calls rest, by their keys. */
export interface CallIndex {
  /** The place that was set last for a key, or -1. Two keys may share one, very rarely: who looks there compares the key. */
  get(key: string): number;
  /** Sets the place (a whole number from 0 to 2^53) of a key; returns the one that it had, or -1. */
  set(key: string, place: number): number;
}

/**
 * An empty index: a flat table of 16 bytes an entry, since it holds every call of a whole retention period. Keys are known by 64 bits of
 * hash. `isAlive` tells whether a place still holds something; those that do not are left out when the table grows.
 */
export function createCallIndex(isAlive: (place: number) => boolean): CallIndex {
  let tags = new Int32Array(2 * FIRST_PLACES);
  let places = new Float64Array(FIRST_PLACES).fill(EMPTY);
  let count = 0;
  let low = 0;
  let high = 0;

  const hash = (key: string): void => {
    let a = 0x811c9dc5;
    let b = 0x2f0b4c47;
    for (let index = 0; index < key.length; index += 1) {
      const code = key.charCodeAt(index);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b + code, 0x5bd1e995) ^ (b >>> 15);
    }
    low = mixed(a ^ key.length);
    high = mixed(b ^ a);
  };
  /** Where the hashed key stands, or would stand. */
  const find = (): number => {
    const mask = places.length - 1;
    let at = low & mask;
    while (places[at] !== EMPTY && (tags[2 * at] !== low || tags[2 * at + 1] !== high)) at = (at + 1) & mask;
    return at;
  };
  const put = (place: number): number => {
    const at = find();
    const before = places[at] as number;
    if (before === EMPTY) count += 1;
    tags[2 * at] = low;
    tags[2 * at + 1] = high;
    places[at] = place;
    return before;
  };
  const rebuild = (): void => {
    const oldTags = tags;
    const oldPlaces = places;
    const alive = oldPlaces.reduce((sum, place) => (place !== EMPTY && isAlive(place) ? sum + 1 : sum), 0);
    let size = FIRST_PLACES;
    while (size < alive * 2.5) size *= 2;
    tags = new Int32Array(2 * size);
    places = new Float64Array(size).fill(EMPTY);
    count = 0;
    for (const [at, place] of oldPlaces.entries()) {
      if (place === EMPTY || !isAlive(place)) continue;
      low = oldTags[2 * at] as number;
      high = oldTags[2 * at + 1] as number;
      put(place);
    }
  };

  return {
    get(key) {
      hash(key);
      return places[find()] as number;
    },
    set(key, place) {
      if (count * 4 > places.length * 3) rebuild();
      hash(key);
      return put(place);
    },
  };
}

/** The last steps of MurmurHash3: every bit of the result depends on every bit of the hash. */
function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}
