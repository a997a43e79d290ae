import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
  // The other file is not left behind, nor its error hidden.
  expect(await run(['inspect', LOG, '--draft-ids', join(folder, 'other'), '--report', draft])).toMatchObject({ exit: 2 });
  writeFileSync(join(folder, 'r.html'), 'mine');
  expect((await run(['inspect', LOG, '--draft-ids', join(folder, 'other'), '--report', join(folder, 'r.html')])).exit).toBe(73);
  expect(readdirSync(folder).sort()).toEqual(['ids.csv', 'r.html']);
  expect((await run(['inspect', draft, '--draft-ids', draft, '--force'])).exit).toBe(2);
  expect((await run(['inspect', join(folder, 'none'), '--draft-ids', join(folder, 'new')])).exit).toBe(66);
  expect(existsSync(join(folder, 'new.partial'))).toBe(false);
});

describe('--draft-mapping', () => {
  const ODD = [
    '{"EventTime":"2021-03-01T00:00:00Z","EventType":"AgentNap","agentId":"a@b","mood":"good"}',
    '{"EventTime":"2021-03-01T00:00:01Z","EventType":"AgentBreak","agentId":"a@b","breakCode":"1","mood":"bad","site":"7"}',
    '{"EventTime":"2021-03-01T00:00:02Z","EventType":"AgentReady","agentId":"a@b"}',
  ];

  it('writes a mapping that knows what was unknown, with places to decide, and passes check', async () => {
    const log = join(folder, 'log');
    const draft = join(folder, 'draft');
    writeFileSync(log, ODD.join('\n'));
    expect((await run(['inspect', log, '--draft-mapping', draft])).exit).toBe(3);
    expect(await run(['check', draft])).toMatchObject({ exit: 0 });
    const nap = readFileSync(join(draft, 'events/AgentNap.yaml'), 'utf8');
    expect(nap).toContain(
      'own: true\n# TODO the 2.0 event that this becomes, with the steps for its fields; null drops it, counted.\nto: null\n',
    );
    const pause = readFileSync(join(draft, 'events/AgentBreak.yaml'), 'utf8');
    expect(pause).toContain('# TODO mood says something in 1 events (word)');
    // What was there stays as it is, comments too.
    for (const line of readFileSync(join(ROOT, 'mappings/ccc-2.0/events/AgentBreak.yaml'), 'utf8').trim().split('\n')) {
      expect(pause).toContain(line.trim());
    }
    expect(existsSync(join(draft, 'events/AgentReady.yaml'))).toBe(false);
    const after = await run(['inspect', log, '--mapping', draft]);
    expect(after.exit).toBe(0);
    expect(after.out).not.toContain('UNKNOWN');
  });

  it('over a draft drafts nothing more, and never writes over a folder (73)', async () => {
    const log = join(folder, 'log');
    writeFileSync(log, ODD.join('\n'));
    await run(['inspect', log, '--draft-mapping', join(folder, 'one')]);
    const again = await run(['inspect', log, '--mapping', join(folder, 'one'), '--draft-mapping', join(folder, 'two')]);
    expect(again.err).toContain('nothing to draft');
    expect(existsSync(join(folder, 'two'))).toBe(false);
    expect((await run(['inspect', log, '--draft-mapping', join(folder, 'one')])).exit).toBe(73);
  });
});

it('--report writes a page that needs nothing else', async () => {
  const page = join(folder, 'r.html');
  const odd = join(folder, 'log');
  writeFileSync(odd, '{"EventTime":"2021-03-01T00:00:00Z","EventType":"<script>alert(1)</script>","<b>":"&"}');
  expect((await run(['inspect', odd, LOG, '--report', page])).exit).toBe(3);
  const html = readFileSync(page, 'utf8');
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|<link|<img|<b>|https?:\/\//);
  expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
  expect(html.match(/<table>/g)?.length).toBeGreaterThan(20);
  expect((await run(['inspect', odd, '--report', join(folder, 'r.pdf')])).exit).toBe(2);
});
