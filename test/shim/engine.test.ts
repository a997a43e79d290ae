import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, it } from '@fast-check/vitest';
import { afterEach, describe, expect } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import { readBuffer } from '../../src/parse/reader.ts';
import type { Engine, EngineOptions } from '../../src/shim/engine.ts';
import { createEngine } from '../../src/shim/engine.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { ShimStore } from '../../src/store/store.ts';
import { mappingNamed } from '../support/stream.ts';
import { agentReady, folderFor } from './support.ts';

let ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

const LOG = readFileSync(join(import.meta.dirname, '../../examples/legacy.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(0, 250);
const HOUR = 3_600_000;
/** So few that calls are put down all the time. */
const HOT = 2;
const MAPPING = await mappingNamed('ccc-2.0');
const CURRENT = await mappingNamed('ccc-2.0-current');

function optionsOf(store: ShimStore, change: Partial<EngineOptions> = {}): EngineOptions {
  const { idle, retention } = MAPPING.waits;
  const endpoints = [{ number: store.outbox.endpoint('new') }];
  const fixed = {
    mapping: MAPPING,
    profiles: [],
    ids: createIdTable([]),
    timeZone: 'Asia/Shanghai',
    hold: 2_000,
    maxLine: 1 << 20,
    dupKeys: 'refuse',
  } as const;
  return { ...fixed, idle, retention, endpoints, dual: undefined, capture: undefined, hotCalls: HOT, ...change };
}

function records(lines: readonly string[]): ReturnType<typeof readBuffer>['items'] {
  return readBuffer(Buffer.from(lines.join('\n')), {
    source: 0,
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    format: 'ndjson',
    shapes: createShapeTree(),
  }).items;
}

function outboxOf(store: ShimStore, endpoint = 'new'): readonly string[] {
  return store.outbox
    .pending(store.outbox.endpoint(endpoint), 0, 100_000)
    .map(({ key, place, body }) => `${key} ${place} ${Buffer.from(body).toString()}`);
}

/** What happens to an engine: events come, time passes, it is stopped with or without its last words on disk, it makes a checkpoint. */
type Happening = 'events' | 'time' | 'kill' | 'checkpoint';

interface Played {
  /** What waits for the endpoint with the mapping of the engine, and for one with a profile, if there is one. */
  readonly left: readonly string[];
  readonly current: readonly string[];
  readonly books: readonly string[];
}

/** Plays a log to an engine; after a kill what was not committed is sent again, as senders do. */
function play(happenings: readonly Happening[], sizes: readonly number[], change: Partial<EngineOptions> = {}): Played {
  const options = (store: ShimStore): EngineOptions => {
    const ownOnly = { number: store.outbox.endpoint('new') };
    const formed = { number: store.outbox.endpoint('current'), profile: 'p' };
    return optionsOf(store, { ...change, endpoints: change.profiles === undefined ? [ownOnly] : [ownOnly, formed] });
  };
  const { path: folder, remove } = folderFor('engine');
  ends.push(remove);
  const path = join(folder, 'state');
  let store = openSqlite(path);
  let engine: Engine = createEngine(store, options(store));
  store.commit();
  let [at, now, step] = [0, 1_000_000, 0];
  const size = (): number => sizes[step % sizes.length] ?? 1;
  const next = (count: number): void => {
    engine.accept(records(LOG.slice(at, at + count)), now);
    store.commit();
    at += count;
  };
  for (const happening of happenings) {
    step += 1;
    // The same times in every play, whatever else happens: waits end by them.
    now += 300;
    engine.advance(now);
    if (happening === 'events' || happening === 'time') {
      if (happening === 'events') next(size());
      store.commit();
    } else if (happening === 'checkpoint') {
      engine.checkpoint(now);
      store.commit();
    } else {
      // Told, but never committed: it did not happen.
      engine.accept(records(LOG.slice(at, at + size())), now);
      store.close();
      store = openSqlite(path);
      engine = createEngine(store, options(store));
      engine.advance(now);
      store.commit();
    }
  }
  const books = [...engine.translator.books.input].map(([type, row]) => `${type} ${JSON.stringify(row)}`).sort();
  const [left, current] = [outboxOf(store), outboxOf(store, 'current')];
  store.close();
  return { left, current, books };
}

const HAPPENINGS = fc.array(fc.constantFrom<Happening>('events', 'events', 'time', 'kill', 'checkpoint'), { minLength: 5, maxLength: 40 });
const SIZES = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
/** Each commit is flushed, and disks differ; milliseconds. */
const SLOW = 240_000;
const idOf = (line: string): string => line.slice(0, 64);

describe('the engine of a shim', () => {
  it.prop([HAPPENINGS, SIZES], { numRuns: 16 })(
    'has the same events in its outbox, with the same ids and places, and the same books, however often it is killed',
    (happenings, sizes) => {
      const calm = happenings.map((each) => (each === 'events' ? each : 'time'));
      expect(play(happenings, sizes)).toEqual(play(calm, sizes));
    },
    SLOW,
  );

  it.prop([HAPPENINGS, SIZES], { numRuns: 6 })(
    'keeps for an endpoint with a profile what an engine of that mapping keeps, with the same ids and places',
    (happenings, sizes) => {
      const { left, current } = play(happenings, sizes, { profiles: [{ name: 'p', mapping: CURRENT }] });
      expect(current).toEqual(play(happenings, sizes, { mapping: CURRENT }).left);
      expect(left.map(idOf)).toEqual(current.map(idOf));
    },
    SLOW,
  );

  it('forgets what is older than the retention, and takes the same event in again after that', () => {
    const { path: folder, remove } = folderFor('engine');
    ends.push(remove);
    const store = openSqlite(join(folder, 'state'));
    const engine = createEngine(store, optionsOf(store, { retention: HOUR, idle: HOUR }));
    const kinds = (lines: readonly string[], now: number): readonly string[] => engine.accept(records(lines), now).map(({ kind }) => kind);
    const first = agentReady('one', 0);
    expect(kinds([first, first], 1)).toEqual(['accepted', 'duplicate']);
    // Time is that of the events, as in a conversion; a jump alone would not be believed.
    const until = (from: number, to: number): readonly string[] =>
      Array.from({ length: (to - from) / 600 }, (_, index) => agentReady('two', from + 600 * index));
    expect(kinds([...until(600, 3_000), first], 2).at(-1)).toBe('duplicate');
    expect(kinds([...until(3_000, 9_000), first], 3).at(-1)).toBe('accepted');
    store.close();
  });
});
