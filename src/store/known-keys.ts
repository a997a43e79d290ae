const HASHES = 5;
const BITS_A_KEY = 12;
const FIRST_BITS = 1 << 20;

/**
 * Tells keys that are certainly not stored from those that may be (a Bloom filter): most calls are new when their first event comes,
 * and asking the database for each would be the most frequent thing it does.
 */
export interface KnownKeys {
  mayHave(key: string): boolean;
  add(key: string): void;
}

/** `stored` gives all keys that are stored; it is asked at the beginning and whenever the filter has to grow. */
export function createKnownKeys(stored: () => Iterable<string>): KnownKeys {
  let bits = FIRST_BITS;
  let words = new Int32Array(bits >> 5);
  let count = 0;

  const mayHave = (key: string): boolean => {
    const first = hashOf(key, 0x811c9dc5);
    const step = hashOf(key, 0x2f0b4c47) | 1;
    for (let index = 0, at = first; index < HASHES; index += 1, at = (at + step) | 0) {
      const bit = at & (bits - 1);
      if (((words[bit >> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  };
  const mark = (key: string): void => {
    const first = hashOf(key, 0x811c9dc5);
    const step = hashOf(key, 0x2f0b4c47) | 1;
    for (let index = 0, at = first; index < HASHES; index += 1, at = (at + step) | 0) {
      const bit = at & (bits - 1);
      words[bit >> 5] = (words[bit >> 5] as number) | (1 << (bit & 31));
    }
    count += 1;
  };
  const fill = (): void => {
    const keys = [...stored()];
    while (bits < keys.length * BITS_A_KEY * 2) bits *= 2;
    words = new Int32Array(bits >> 5);
    count = 0;
    for (const key of keys) mark(key);
  };

  fill();
  return {
    mayHave,
    add(key) {
      if (mayHave(key)) return;
      mark(key);
      if (count * BITS_A_KEY > bits) fill();
    },
  };
}

function hashOf(key: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
}
