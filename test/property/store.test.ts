import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { StateStore } from '../../src/store/store.ts';
import { ndjson, type Ran, run, type Stream, streamOf } from './streams.ts';

/** How many calls are hot, and where the others rest, makes no difference to the output (semantics, section 4). */
let folder: string;
let opened = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-store-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STORES: Readonly<Record<string, () => StateStore>> = {
  memory: createMemoryStore,
  sqlite: () => {
    opened += 1;
    return openSqlite(join(folder, `${opened}.sqlite`));
  },
};

async function runOn(store: StateStore, hotCalls: number, { lines, ids }: Stream): Promise<Ran> {
  try {
    const ran = await run(ndjson(lines), { ids, translator: { store, hotCalls } });
    ran.translator.flush();
    store.commit();
    return ran;
  } finally {
    store.close();
  }
}

const disturbances = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }).map(String),
  calls: fc.constant(25),
  open: fc.integer({ min: 2, max: 20 }),
  jitter: fc.constantFrom(0, 3000),
  duplicates: fc.constantFrom(0, 0.1),
  loss: fc.constantFrom(0, 0.03),
  connectIds: fc.constantFrom('party' as const, 'call' as const),
});

it.each(Object.keys(STORES))('with two hot calls and a %s store: the bytes of a run without a store', async (name) => {
  const open = STORES[name] as () => StateStore;
  await fc.assert(
    fc.asyncProperty(disturbances, fc.constantFrom(1, 2, 5), async (options, hotCalls) => {
      const stream = streamOf(options);
      const expected = await run(ndjson(stream.lines), { ids: stream.ids });
      const ran = await runOn(open(), hotCalls, stream);
      expect(ran.bytes.toString().split('\n')).toEqual(expected.bytes.toString().split('\n'));
      expect(ran.imbalances).toEqual([]);
      expect(ran.translator.unfinished()).toBe(expected.translator.unfinished());
      expect(ran.outcomes.map(({ account }) => account)).toEqual(expected.outcomes.map(({ account }) => account));
    }),
    { numRuns: 12, seed: 20210314 },
  );
});

it('without a store, few hot calls forget nothing that is still to be kept', async () => {
  const stream = streamOf({ calls: 60, open: 20, jitter: 3000, duplicates: 0.1, seed: 'hot' });
  const expected = await run(ndjson(stream.lines), { ids: stream.ids });
  const ran = await run(ndjson(stream.lines), { ids: stream.ids, translator: { hotCalls: 2 } });
  expect(ran.bytes.equals(expected.bytes)).toBe(true);
});

it('the store knows which calls have not ended', async () => {
  const store = createMemoryStore();
  const { lines, ids } = streamOf({ calls: 40, open: 10, seed: 'unfinished', without: ['CallReleased', 'CDRReady', 'CallAbandoned'] });
  const ran = await run(ndjson(lines), { ids, translator: { store, hotCalls: 2 } });
  ran.translator.flush();
  expect(ran.translator.unfinished()).toBeGreaterThan(0);
  expect(store.unfinished(10_000).length).toBe(ran.translator.unfinished());
});
