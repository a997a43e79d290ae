import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { SegmentRows } from '../../src/store/resting-calls.ts';
import { createRestingCalls } from '../../src/store/resting-calls.ts';

/** Rows in memory, and what was done with them. */
function rowsInMemory(): SegmentRows & { readonly held: Map<number, Buffer> } {
  const held = new Map<number, Buffer>();
  return {
    held,
    insert: (id, body) => held.set(id, Buffer.from(body)),
    read: (id, offset, length) => (held.get(id) as Buffer).subarray(offset, offset + length),
    damaged: () => new Error('damaged'),
    remove: (id) => {
      if (!held.delete(id)) throw new Error(`row ${id} is not there`);
    },
    all: () => [...held].map(([id, body]) => ({ id, body })),
  };
}

const anew = (rows: SegmentRows, forgotten = Number.NEGATIVE_INFINITY) => createRestingCalls(rows, forgotten);
const body = (text: string): Buffer => Buffer.from(text.padEnd(1000, '.'));
const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString().replaceAll('.', '');

describe('calls at rest', () => {
  it('stand many in a row', () => {
    const rows = rowsInMemory();
    const calls = anew(rows);
    for (let key = 0; key < 1000; key += 1) calls.save(String(key), body(`call ${key}`), 100, false);
    calls.flush();
    expect(rows.held.size).toBeGreaterThan(40);
    expect(rows.held.size).toBeLessThan(90);
    for (const key of [0, 31, 32, 500, 999]) expect(textOf(calls.load(String(key)))).toBe(`call ${key}`);
  });

  it('leave no row behind whose calls were all saved again', () => {
    const rows = rowsInMemory();
    const calls = anew(rows);
    for (let round = 0; round < 20; round += 1) {
      for (let key = 0; key < 100; key += 1) calls.save(String(key), body(`${round} ${key}`), 100, false);
    }
    calls.flush();
    expect(rows.held.size).toBeLessThan(20);
    expect(textOf(calls.load('42'))).toBe('19 42');
  });

  it('leave no row behind whose calls have all expired', () => {
    const rows = rowsInMemory();
    const calls = anew(rows);
    for (let key = 0; key < 1000; key += 1) calls.save(String(key), body(`call ${key}`), key, false);
    calls.flush();
    calls.expire(900);
    expect(rows.held.size).toBeLessThan(10);
    expect([calls.load('899'), textOf(calls.load('900'))]).toEqual([undefined, 'call 900']);
  });

  it('are found again by another process, the last of each, and what had expired stays forgotten', () => {
    const rows = rowsInMemory();
    const calls = anew(rows);
    for (let key = 0; key < 300; key += 1) calls.save(String(key), body(`first ${key}`), 100, false);
    for (let key = 0; key < 100; key += 1) calls.save(String(key), body(`second ${key}`), key, key > 50);
    calls.expire(20);
    calls.flush();
    const again = anew(rows, calls.expiredTo());
    expect([19, 20, 99, 100].map((key) => textOf(again.load(String(key))))).toEqual([undefined, 'second 20', 'second 99', 'first 100']);
    expect(again.unfinished(1000)).toEqual(calls.unfinished(1000));
    expect(again.unfinished(1000).length).toBe(31 + 200);
    again.save('1000', body('third'), 100, false);
    expect(textOf(again.load('1000'))).toBe('third');
  });
});

it('a call of which a bit was flipped is never given back', () => {
  const rows = rowsInMemory();
  const calls = anew(rows);
  calls.save('1', body('one'), 100, false);
  calls.flush();
  const [row] = rows.held.values();
  for (let bit = 0; row !== undefined && bit < 8 * row.length; bit += 37) {
    const index = bit >> 3;
    row[index] = (row[index] as number) ^ (1 << (bit & 7));
    expect(() => calls.load('1')).toThrow('damaged');
    row[index] = (row[index] as number) ^ (1 << (bit & 7));
  }
  expect(textOf(calls.load('1'))).toBe('one');
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('save' as const),
      key: fc.nat(40),
      size: fc.nat(20_000),
      expires: fc.nat(100),
      ended: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('load' as const), key: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), now: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('flush' as const, 'restart' as const) }) },
);

it.prop([fc.array(step, { maxLength: 200 })], { numRuns: 200, seed: 7 })(
  'are what a plain map would hold, whatever is done to them',
  (steps) => {
    const rows = rowsInMemory();
    let calls = anew(rows);
    let clock = Number.NEGATIVE_INFINITY;
    const plain = new Map<number, { readonly text: string; readonly expires: number; readonly ended: boolean }>();
    for (const [number, each] of steps.entries()) {
      if (each.do === 'save') {
        const text = `${number}`.padEnd(each.size, '#');
        calls.save(String(each.key), Buffer.from(text), each.expires, each.ended);
        plain.set(each.key, { text, expires: each.expires, ended: each.ended });
      } else if (each.do === 'load') {
        const bytes = calls.load(String(each.key));
        const known = plain.get(each.key);
        const wanted = known !== undefined && known.expires >= clock ? known.text : undefined;
        expect(bytes && Buffer.from(bytes).toString()).toBe(wanted);
      } else if (each.do === 'expire') {
        clock = Math.max(clock, each.now);
        calls.expire(each.now);
      } else {
        calls.flush();
        if (each.do === 'restart') calls = anew(rows, calls.expiredTo());
      }
    }
    const open = [...plain].filter(([, { ended, expires }]) => !ended && expires >= clock).map(([key]) => String(key));
    expect(calls.unfinished(100)).toEqual(open.sort());
  },
);
