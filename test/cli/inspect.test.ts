import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT } from '../support/example.ts';
import { run } from './io.ts';

const LOG = join(ROOT, 'examples/legacy.ndjson');
const IDS = join(ROOT, 'examples/ids.csv');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-inspect-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('tells what is in a log and what becomes of it, on stdout, and writes nothing', async () => {
  const { exit, out, err } = await run(['inspect', LOG, '--ids', IDS]);
  expect([exit, err]).toEqual([0, '']);
  expect(out).toContain('Nothing stands out: every type and field is known to the mapping, every id to the table.');
  expect(out).toMatch(/^CallReleased +85 +13\.9 % +\. +Released, or what its call decides$/m);
  expect(out).toMatch(/^connectId +100\.0 % +digits +channelId$/m);
});

it('as JSON for programs', async () => {
  const { exit, out } = await run(['inspect', LOG, '--json', '--limit', '100']);
  const found = JSON.parse(out) as { readonly records: number; readonly findings: readonly { readonly code: string }[] };
  expect([exit, found.records]).toEqual([0, 100]);
  expect(found.findings.map(({ code }) => code)).toContain('id-lacking');
});

it('drafts an id table, which then lacks nothing', async () => {
  const draft = join(folder, 'ids.csv');
  expect((await run(['inspect', LOG, '--draft-ids', draft])).exit).toBe(0);
  writeFileSync(draft, readFileSync(draft, 'utf8').replaceAll(/,$/gm, ',new@acme'));
  expect((await run(['inspect', LOG, '--ids', draft])).out).not.toContain('lacks');
});

it('ends with 3 if some of it would be dead letters', async () => {
  const log = join(folder, 'log');
  writeFileSync(log, '{"EventTime":"2021-03-01T00:00:00Z","EventType":"Nonsense"}\n{"broken\n');
  const { exit, out } = await run(['inspect', log]);
  expect(exit).toBe(3);
  expect(out).toContain('the mapping has no event Nonsense: 1 events would be dead letters');
  expect(out).toContain('1 of 2 records would be dead letters: bad-json');
});

it('refuses to draft over what is there, and over its input (73, 2)', async () => {
  const draft = join(folder, 'ids.csv');
  writeFileSync(draft, 'mine');
  expect((await run(['inspect', LOG, '--draft-ids', draft])).exit).toBe(73);
  expect(readFileSync(draft, 'utf8')).toBe('mine');
  expect((await run(['inspect', draft, '--draft-ids', draft, '--force'])).exit).toBe(2);
  expect((await run(['inspect', join(folder, 'none'), '--draft-ids', join(folder, 'new')])).exit).toBe(66);
  expect(existsSync(join(folder, 'new.partial'))).toBe(false);
});
