import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { StateStore } from '../../src/store/store.ts';
import { legacyEvent } from '../support/told.ts';
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

it('a call that has expired does not come back from the store as it was before', async () => {
  const hour = 3_600_000;
  const wake = (at: number): string[] => [0, 1, 2].map((second) => legacyEvent('AgentReady', { agentId: 'W@old' }, at + second));
  const lines = [
    ...wake(0),
    legacyEvent('Dialing', { contactId: '1', agentId: 'A@old', callType: 'Internal' }, 500),
    legacyEvent('Route2IVR', { contactId: '2' }, 1000),
    legacyEvent('CDRReady', { contactId: '1' }, 2000),
    ...wake(2 * hour),
    legacyEvent('AgentReady', { agentId: 'A@old' }, 2 * hour + 8000),
    legacyEvent('AgentRinging', { contactId: '1', agentId: 'A@old' }, 2 * hour + 20_000),
  ];
  const settings = { idle: 48 * hour, retention: hour, lateness: 0, hold: 0 };
  const ids = createIdTable([]);
  const expected = await run(ndjson(lines), { ids, translator: settings });
  const ran = await run(ndjson(lines), { ids, translator: { ...settings, hotCalls: 1, store: createMemoryStore() } });
  expect(ran.bytes.toString().split('\n')).toEqual(expected.bytes.toString().split('\n'));
  expect(ran.translator.unfinished()).toBe(expected.translator.unfinished());
});
