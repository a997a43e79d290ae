import { fc, it } from '@fast-check/vitest';
import { expect } from 'vitest';
import { bytesOf } from '../../src/event/span.ts';
import { SpanCache } from '../../src/event/span-cache.ts';
import { SpanTable } from '../../src/event/span-table.ts';

// Few bytes and lengths around those that are looked at eight, four and one at a time: many keys alike in length, beginning, middle or end.
const key = fc.oneof(
  fc.array(fc.constantFrom(0x61, 0x62), { minLength: 1, maxLength: 40 }),
  fc.nat(3).map((tail) => [...new Array<number>(600).fill(0x61), tail]),
);

it.prop([fc.array(key, { maxLength: 120 })])(
  'what is found is what was put last under the same bytes, however often it was emptied',
  (keys) => {
    const cache = new SpanCache<number>(16);
    const put = new Map<string, number>();
    for (const [number, bytes] of keys.entries()) {
      // In the middle of other bytes, as values stand in a block.
      const { view } = bytesOf(Uint8Array.from([0x62, 0x61, ...bytes, 0x61, 0x62, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61]));
      const [start, end] = [2, 2 + bytes.length];
      const found = cache.get(view, start, end);
      if (found !== undefined) expect(found).toBe(put.get(bytes.join()));
      cache.put(view, start, end, number);
      put.set(bytes.join(), number);
      // Keys that are too long are not remembered; every other one is, at least until the next.
      expect(cache.get(view, start, end)).toBe(bytes.length > 512 ? undefined : number);
    }
  },
);

it.each([
  ['at the beginning', (number: string) => `${number}-2021-03-01-contact-of-the-acme-centre`],
  ['before the middle', (number: string) => `contact-${number}-of-2021-03-01-in-the-acme-centre`],
  ['behind the middle', (number: string) => `contact-of-2021-03-01-in-the-${number}-acme-centre`],
  ['at the end', (number: string) => `contact-of-2021-03-01-in-the-acme-centre-${number}`],
])("ids that differ in some digits only, %s, do not get into each other's way", (_where, idOf) => {
  const table = new SpanTable(8192, 56);
  for (let number = 0; number < 8192; number += 1) {
    const id = idOf(String(number).padStart(6, '0'));
    const { view } = bytesOf(new TextEncoder().encode(id));
    expect(table.add(view, 0, id.length)).toBe(number);
  }
});
