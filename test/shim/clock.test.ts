import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readBuffer } from '../../src/parse/reader.ts';
import { createClock } from '../../src/shim/clock.ts';
import { createCore } from '../../src/shim/core.ts';
import type { Core } from '../../src/shim/core-api.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { engineOptions, folderFor, LIMITS } from './support.ts';

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

const NOON = Date.UTC(2026, 10, 27, 12);
const HOUR = 3_600_000;

describe('the clock of a shim', () => {
  /** A clock whose sources are told what they say. */
  const told = (
    system: number,
  ): { readonly clock: ReturnType<typeof createClock>; readonly sources: { system: number; elapsed: number } } => {
    const sources = { system, elapsed: 500 };
    return { sources, clock: createClock({ system: () => sources.system, elapsed: () => sources.elapsed }) };
  };

  it("is the system's at the start, and runs on while that one is set", () => {
    const { clock, sources } = told(NOON);
    expect(clock.goOnFrom(NOON - HOUR)).toBe(0);
    expect(clock.now()).toBe(NOON);
    sources.system = NOON - HOUR;
    sources.elapsed += 20;
    expect(clock.now()).toBe(NOON + 20);
    sources.system = NOON + HOUR;
    expect(clock.now()).toBe(NOON + 20);
  });

  it('goes on from the last time known when the system was set back, as fast as time passes', () => {
    const { clock, sources } = told(NOON - HOUR);
    expect(clock.goOnFrom(NOON)).toBe(HOUR);
    expect(clock.now()).toBe(NOON);
    sources.elapsed += 1_500;
    expect(clock.now()).toBe(NOON + 1_500);
    expect(clock.goOnFrom(NOON)).toBe(0);
    expect(clock.now()).toBe(NOON + 1_500);
  });
});

describe('an event that waits for evidence when a shim ends', () => {
  const HOLD = 600;
  const RINGING = Buffer.from(
    JSON.stringify({
      EventTime: '2021-03-01T00:00:00.000Z',
      EventType: 'AgentRinging',
      agentId: 'a@old',
      contactId: '30001',
      connectId: 'x1',
    }),
  );

  /** A process of a shim, by whose system it is `system`. */
  const start = async (state: string, system: number): Promise<{ readonly core: Core; readonly behind: number }> => {
    const started = performance.now();
    let behind = 0;
    const { maxLine, dupKeys } = LIMITS;
    const core = createCore({
      open: () => openSqlite(state),
      engine: { ...(await engineOptions()), hold: HOLD, maxLine, dupKeys, capture: undefined },
      endpoints: [{ name: 'new' }],
      dual: undefined,
      maxOutbox: 1_000,
      minFree: 0,
      free: () => undefined,
      keep: HOUR,
      clock: createClock({ system: () => system, elapsed: () => performance.now() - started }),
      onFatal(error) {
        throw error;
      },
      onClockBehind(found) {
        behind = found;
      },
      onRefusing: () => {},
      onCaptureLost: () => {},
    });
    ends.push(() => core.close());
    return { core, behind };
  };
  const waiting = ({ outbox, endpoint }: Core): number => outbox.waiting(endpoint('new'));
  const ring = (core: Core): ReturnType<Core['submit']> =>
    core.submit(readBuffer(RINGING, { source: 0, maxLine: 1 << 16, dupKeys: 'refuse', format: 'concatenated', shapes: core.shapes }).items);
  /** The state as a kill would leave it. */
  const killed = (path: string): string => {
    const copy = join(path, 'copy');
    mkdirSync(copy);
    for (const name of ['shim.db', 'shim.db-wal']) cpSync(join(path, name), join(copy, name));
    return join(copy, 'shim.db');
  };

  it.each([
    ['an hour', HOUR],
    ['a year, since it was far ahead before', 365 * 24 * HOUR],
  ])('is decided after its wait by the next one, though the clock was set back by %s', async (_, back) => {
    const { path, remove } = folderFor('clock');
    ends.push(remove);
    for (const isKilled of [false, true]) {
      const folder = join(path, String(isKilled));
      mkdirSync(folder);
      const first = await start(join(folder, 'shim.db'), NOON);
      expect(first.behind).toBe(0);
      await ring(first.core);
      const state = isKilled ? killed(folder) : join(folder, 'shim.db');
      if (!isKilled) await first.core.close();
      const second = await start(state, NOON - back);
      expect(Math.abs(second.behind - back)).toBeLessThan(HOLD);
      expect(waiting(second.core)).toBe(0);
      await expect.poll(() => waiting(second.core), { timeout: 10 * HOLD }).toBe(1);
    }
  });
});
