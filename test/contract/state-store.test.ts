import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { StateStore } from '../../src/store/store.ts';

/** What every state store promises (src/store/store.ts); run for each implementation. */
let folder: string;
let store: StateStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-contract-'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = (ended: boolean, more = ''): Buffer => Buffer.from(JSON.stringify({ ended, more }));
const load = (key: string): Buffer | undefined => {
  const body = store.load(key);
  return body === undefined ? undefined : Buffer.from(body);
};

describe.each([
  ['memory', () => createMemoryStore()],
  ['sqlite', () => openSqlite(join(folder, 'state.sqlite'))],
])('a %s store', (_, open) => {
  beforeEach(() => {
    store = open();
  });

  it('gives back what was saved under a key, and undefined for a key that was not', () => {
    store.save('1', call(false), 100, false);
    expect(load('1')).toEqual(call(false));
    expect(load('2')).toBeUndefined();
    expect(load('')).toBeUndefined();
  });

  it('gives back the last bytes of a key', () => {
    store.save('1', call(false), 100, false);
    store.save('1', call(true), 50, false);
    expect(load('1')).toEqual(call(true));
  });

  it.each([
    ['digits beyond 2^53', '90071992547409931'],
    ['a leading zero', '007'],
    ['a name of Object', '__proto__'],
    ['quotes, SQL and line breaks', '\'; DROP TABLE contexts; --"\n'],
    ['other scripts', '通话-🎧-\u0000-end'],
    ['a very long name', 'x'.repeat(100_000)],
  ])('takes any key, such as %s', (__, key) => {
    store.save(key, call(false, key), 100, false);
    store.save(`${key} `, call(true), 100, false);
    store.commit();
    expect(load(key)).toEqual(call(false, key));
  });

  it('keeps bytes by the megabyte', () => {
    const text = call(false, 'x'.repeat(1 << 20));
    store.save('1', text, 100, false);
    expect(load('1')).toEqual(text);
  });

  it('forgets what expired before the given time, and nothing else', () => {
    store.save('early', call(false), 99, false);
    store.save('just', call(false), 100, false);
    store.save('late', call(false), 101, false);
    store.save('before 1970', call(false), -5, false);
    store.expire(100);
    expect(['early', 'just', 'late', 'before 1970'].map((key) => store.load(key) !== undefined)).toEqual([false, true, true, false]);
  });

  it('goes by the last expiry of a key', () => {
    store.save('1', call(false), 50, false);
    store.save('1', call(false), 200, false);
    store.expire(100);
    expect(load('1')).toEqual(call(false));
  });

  it('keeps named values', () => {
    expect(store.meta('job')).toBeUndefined();
    store.setMeta('job', '');
    expect(store.meta('job')).toBe('');
    store.setMeta('job', '{"a":"通"}');
    store.setMeta('other', 'x');
    expect([store.meta('job'), store.meta('other'), store.meta('__proto__')]).toEqual(['{"a":"通"}', 'x', undefined]);
  });

  it('names calls that have not ended, in order, at most as many as asked for', () => {
    for (const key of ['c', 'a', 'ended', 'b', '10', '9']) store.save(key, call(key === 'ended'), 100, key === 'ended');
    expect(store.unfinished(10)).toEqual(['10', '9', 'a', 'b', 'c']);
    expect(store.unfinished(2)).toEqual(['10', '9']);
    expect(store.unfinished(0)).toEqual([]);
  });

  it('can be committed at any time, also with nothing to commit', () => {
    store.commit();
    store.save('1', call(false), 100, false);
    store.commit();
    store.commit();
    expect(load('1')).toEqual(call(false));
    store.expire(1000);
    store.commit();
    expect(load('1')).toBeUndefined();
  });
});
