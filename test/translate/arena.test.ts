import { describe, expect, it } from 'vitest';
import { createArena, writeInteger } from '../../src/translate/arena.ts';

describe('a place in provenance', () => {
  it.each([0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 9, 2 ** 32, 99_999_999_999, 2 ** 53 - 1])(
    'is written with all its digits: %s',
    (value) => {
      const arena = createArena();
      writeInteger(arena, value);
      expect(Buffer.from(arena.bytes.subarray(0, arena.at)).toString()).toBe(String(value));
    },
  );
});
