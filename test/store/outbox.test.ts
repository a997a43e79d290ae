import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OutboxEvent, StoredLetter } from '../../src/store/outbox.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { ShimStore } from '../../src/store/store.ts';

let folder: string;
let store: ShimStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  store = openSqlite(join(folder, 'shim.db'));
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** Without the last checkpoint, as after a kill: what was committed is all there is. */
function again(): void {
  store.commit();
  store.close();
  store = openSqlite(join(folder, 'shim.db'));
}

function checkpoint(): void {
  store.outbox.forgetNoted(0, 0);
  store.commit();
}

function event(number: number, contact: string | undefined = 'job-1'): OutboxEvent {
  const key = number.toString(16).padStart(64, '0');
  return {
    key,
    type: 'Ringing',
    contact,
    agent: 'agent@x',
    time: 0,
    kind: 'renamed',
    rule: 'Ringing',
    source: number,
    body: Buffer.from('{}'),
  };
}

const NEW = 'new';

function add(number: number, now: number = 0, contact?: string): boolean {
  return store.outbox.add(event(number, contact), [store.outbox.endpoint(NEW)], now);
}

function waiting(): readonly { readonly number: number; readonly place: number; readonly event: number }[] {
  return store.outbox
    .pending(store.outbox.endpoint(NEW), 0, 100_000)
    .map(({ key, place, event: at }) => ({ number: Number.parseInt(key, 16), place, event: at }));
}

function settle(number: number): void {
  for (const each of waiting()) if (each.number === number) store.outbox.settled(store.outbox.endpoint(NEW), each.event);
}

function settleAll(): void {
  for (const { event: at } of waiting()) store.outbox.settled(store.outbox.endpoint(NEW), at);
}

function wipe(before: number): void {
  while (store.outbox.wipe(before)) store.commit();
  store.commit();
}

function places(): readonly number[] {
  return waiting().map(({ place }) => place);
}

it('an event that is told again after a crash is taken in once', () => {
  expect(add(1)).toBe(true);
  again();
  expect(add(1)).toBe(false);
  expect(add(2)).toBe(true);
  expect(waiting()).toHaveLength(2);
});

it('an event that is told again is known also when its endpoints have taken it', () => {
  add(1);
  settleAll();
  again();
  expect(add(1)).toBe(false);
  expect(waiting()).toEqual([]);
});

it('places of a contact go on after a crash, a checkpoint, and both', () => {
  add(1);
  add(2);
  again();
  add(3);
  checkpoint();
  add(4);
  again();
  add(5);
  add(6, 0, 'job-2');
  expect(places()).toEqual([1, 2, 3, 4, 5, 1]);
});

it('places go on when a checkpoint follows a crash at once', () => {
  add(1);
  again();
  checkpoint();
  again();
  add(2);
  expect(places()).toEqual([1, 2]);
});

it('an event without a contact has no place', () => {
  const { contact: _, ...alone } = event(1);
  store.outbox.add({ ...alone, contact: undefined }, [store.outbox.endpoint(NEW)], 0);
  expect(places()).toEqual([0]);
});

it('only events that came before and that nobody waits for are wiped, however many there are', () => {
  const [old, young] = [5_000, 3_000];
  for (let number = 1; number <= old; number += 1) add(number, 100, `job-${number}`);
  settleAll();
  for (let number = 1; number <= young; number += 1) add(old + number, 200, `job-${old + number}`);
  settleAll();
  add(9_000, 50, 'job-9000');
  checkpoint();
  wipe(150);
  expect(count('events')).toBe(young + 1);
  wipe(250);
  // One waits still.
  expect(count('events')).toBe(1);
  settleAll();
  wipe(250);
  expect(count('events')).toBe(0);
});

it('places are forgotten with the last event of their contact, and not while one waits', () => {
  add(1, 100, 'job-1');
  settleAll();
  add(2, 100, 'job-2');
  checkpoint();
  wipe(150);
  add(3, 200, 'job-1');
  add(4, 200, 'job-2');
  expect(places()).toEqual([1, 2, 2]);
  settleAll();
  checkpoint();
  wipe(250);
  add(5, 300, 'job-1');
  expect(places()).toEqual([1]);
});

it('an endpoint gets the form of an event that was kept for it, again after a restart, and when it was given up', () => {
  const [plain, today, alike] = [NEW, 'today', 'alike'].map((name) => store.outbox.endpoint(name)) as [number, number, number];
  const form = { type: 'RingsToday', body: Buffer.from('{"today":1}') };
  store.outbox.add(event(1), [plain, today, alike], 100, [undefined, form, form]);
  again();
  const told = (endpoint: number): readonly string[] =>
    store.outbox.pending(endpoint, 0, 10).map(({ type, body }) => `${type} ${Buffer.from(body)}`);
  expect([plain, today, alike].map(told)).toEqual([['Ringing {}'], ['RingsToday {"today":1}'], ['RingsToday {"today":1}']]);
  expect(count('forms')).toBe(1);
  const [refused] = store.outbox.pending(today, 0, 1);
  if (refused === undefined) throw new Error('nothing waits');
  store.outbox.settled(today, refused.event);
  const id = store.outbox.dead({ stage: 'deliver', code: 'refused', message: '', at: 0, endpoint: 'today', ...refused });
  store.outbox.restore(store.outbox.letter(id) ?? stop(), 300);
  expect(told(today)).toEqual(['RingsToday {"today":1}']);
  expect(count('forms')).toBe(1);
});

it('forms are wiped with their events', () => {
  const [plain, today] = [NEW, 'today'].map((name) => store.outbox.endpoint(name)) as [number, number];
  for (const number of [1, 2]) store.outbox.add(event(number), [plain, today], 100, [undefined, { type: 'T', body: Buffer.from('1') }]);
  settleAll();
  store.outbox.settled(today, 1);
  checkpoint();
  wipe(150);
  expect([count('events'), count('forms')]).toEqual([1, 1]);
  store.outbox.settled(today, 2);
  wipe(150);
  expect([count('events'), count('forms')]).toEqual([0, 0]);
});

it('an event that was given up waits again in its place as long as it is there, and anew when it was wiped', () => {
  add(1, 100);
  add(2, 100);
  const [first] = store.outbox.pending(store.outbox.endpoint(NEW), 0, 1);
  if (first === undefined) throw new Error('nothing waits');
  const letter = { stage: 'deliver', code: 'refused', message: '', at: 0, endpoint: NEW, ...first } as const;
  const id = store.outbox.dead(letter);
  settleAll();
  const stored = store.outbox.letter(id);
  if (stored === undefined) throw new Error('no letter');
  expect(store.outbox.restore(stored, 300)?.delivery.event).toBe(first.event);
  settleAll();
  wipe(250);
  const anew = store.outbox.restore(stored, 300)?.delivery;
  expect(anew).toMatchObject({ key: first.key, place: first.place });
  expect(anew?.event).toBeGreaterThan(2);
});

function stop(): never {
  throw new Error('it is not there');
}

/** An event of a record that was noted at a time. */
function addNoted(number: number, at: number): void {
  const source = store.outbox.note(at, Buffer.from(`{"record":${number}}`));
  store.outbox.add({ ...event(number), source }, [store.outbox.endpoint(NEW)], at);
}

/** The first event that waits is given up; gives its letter. */
function giveUp(): StoredLetter {
  const endpoint = store.outbox.endpoint(NEW);
  const [first] = store.outbox.pending(endpoint, 0, 1);
  if (first === undefined) throw new Error('nothing waits');
  const id = store.outbox.dead({ stage: 'deliver', code: 'refused', message: '', at: 0, endpoint: NEW, ...first });
  store.outbox.settled(endpoint, first.event);
  return store.outbox.letter(id) ?? stop();
}

it('a record that a checkpoint holds is not told again, and is kept as long as an event waits that it may have led to', () => {
  for (const [number, at] of [100, 200, 300].entries()) addNoted(number + 1, at);
  store.outbox.forgetNoted(1_000, 50);
  again();
  expect([...store.outbox.noted()]).toEqual([]);
  expect(count('journal')).toBe(3);
  settle(1);
  store.outbox.forgetNoted(1_000, 50);
  // The second came at 200 and may come from a record of 150.
  expect(count('journal')).toBe(2);
  settleAll();
  store.outbox.forgetNoted(1_000, 50);
  expect(count('journal')).toBe(0);
});

it('an event that is given up again and again has its record each time, though the journal has forgotten it', () => {
  addNoted(1, 100);
  const letter = giveUp();
  expect(Buffer.from(letter.source ?? [])).toEqual(Buffer.from('{"record":1}'));
  store.outbox.forgetNoted(1_000_000, 0);
  expect(count('journal')).toBe(0);
  for (const body of ['{"as":"before"}', '{}', '{"as":"before"}']) {
    store.outbox.restore({ ...letter, body: Buffer.from(body) }, 2_000_000);
    const refused = giveUp();
    expect(refused).toMatchObject({ event: letter.event, key: letter.key, place: letter.place, kind: 'renamed' });
    expect(Buffer.from(refused.body).toString()).toBe(body);
    expect(Buffer.from(refused.source ?? []).toString()).toBe('{"record":1}');
  }
});

it('an event of which no journal has the record brings it along', () => {
  store.outbox.add({ ...event(1), source: 0, record: Buffer.from('{"held":1}') }, [store.outbox.endpoint(NEW)], 100);
  again();
  expect(Buffer.from(giveUp().source ?? []).toString()).toBe('{"held":1}');
});

/** Rows of a table, as another program sees them. */
function count(table: string): number {
  store.commit();
  store.close();
  const db = new Database(join(folder, 'shim.db'), { readonly: true });
  const found = db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  db.close();
  store = openSqlite(join(folder, 'shim.db'));
  return found;
}
