import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import { parseIdTable } from '../../src/event/id-file.ts';
import { createIdTable } from '../../src/event/ids.ts';
import { draftOf } from '../../src/inspect/ids.ts';
import type { InspectJob } from '../../src/inspect/inspect.ts';
import { runInspect } from '../../src/inspect/inspect.ts';
import type { Inspection } from '../../src/inspect/inspection.ts';
import { findingsOf } from '../../src/report/findings.ts';
import { mappingNamed } from '../support/stream.ts';

/** What a log holds is named before it is converted: a log of the generator in which something odd was planted tells it. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-inspect-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const generated = generateCalls({ seed: '3', calls: 120, open: 20, agents: 30 });
const LINES = [...generated.items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line]));
const ROWS = generated.ids;

async function inspect(lines: readonly string[], change: Partial<InspectJob> = {}): Promise<Inspection> {
  const input = join(folder, 'in');
  writeFileSync(input, `${lines.join('\n')}\n`);
  return runInspect({
    inputs: [input],
    mapping: await mappingNamed('ccc-2.0'),
    ids: createIdTable(ROWS),
    timeZone: 'Asia/Shanghai',
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    eventAt: undefined,
    rs: false,
    allowTruncated: false,
    limit: undefined,
    ...change,
  });
}

const codesOf = (found: Inspection): readonly string[] => [...new Set(findingsOf(found, 5000).map(({ code }) => code))];
const said = (found: Inspection): string =>
  findingsOf(found, 5000)
    .map(({ what, hint }) => `${what} | ${hint}`)
    .join('\n');

describe('a log in which nothing is odd', () => {
  it('has no findings, and its books of types and fields', async () => {
    const found = await inspect(LINES);
    expect(said(found)).toBe('');
    expect(found.records).toBe(LINES.length);
    const released = found.types.find(({ type }) => type === 'CallReleased');
    expect(released).toMatchObject({ mapped: { fate: 'resolved', target: 'Released' }, current: 0 });
    expect(released?.count).toBe(LINES.filter((line) => line.includes('"CallReleased"')).length);
    const field = (name: string) => released?.fields.find((each) => each.name === name);
    expect(field('connectId')?.mapped).toEqual({ fate: 'renamed', target: 'channelId' });
    expect(field('contactId')?.mapped).toEqual({ fate: 'kept', target: 'contactId' });
    expect(field('eventTime')?.spellings).toEqual(['EventTime']);
    const types = new Set(field('callType')?.values?.map(([value]) => value));
    expect([...types].sort()).toEqual(['Back2Back', 'Consult', 'Inbound', 'Internal', 'Outbound']);
    const dropped = found.types.find(({ type }) => type === 'AgentReady')?.fields.find(({ name }) => name === 'result');
    expect(dropped?.mapped.fate).toBe('dropped');
    expect(dropped?.values?.map(([value]) => value)).toEqual(['0', '1']);
    expect(dropped?.values?.reduce((sum, [, count]) => sum + count, 0)).toBe(dropped?.filled);
    expect(found.types.find(({ type }) => type === 'AgentACW')?.mapped.fate).toBe('dropped');
    expect(found.connectIds.verdict).toBe('party');
    expect(found.times).toMatchObject({ disordered: 0, jumps: 0, forms: [['ISO 8601, UTC (Z)', LINES.length]] });
  });

  it('never tells a phone number', async () => {
    const found = await inspect(LINES);
    const numbers = LINES.flatMap((line) => /"(?:caller|callee)":"(1\d{10})"/.exec(line)?.[1] ?? []);
    expect(numbers.length).toBeGreaterThan(50);
    const told = JSON.stringify(found);
    for (const number of numbers) expect(told).not.toContain(number);
    const caller = found.types.find(({ type }) => type === 'Dialing')?.fields.find(({ name }) => name === 'callee');
    expect(caller?.values).toBeUndefined();
    expect(caller?.shapes[0]?.[0]).toBe('phone number');
  });
});

describe('what is odd about a log is named', () => {
  it.each<readonly [string, string, (line: string, index: number) => readonly string[], RegExp]>([
    [
      'an unknown type',
      'unknown-type',
      (line, index) => (index === 40 ? [line, line.replace(/"EventType":"[^"]+"/, '"EventType":"AgentNap"')] : [line]),
      /no event AgentNap: 1 events would be dead letters .*line 42, byte \d+/,
    ],
    [
      'an unknown field',
      'unknown-field',
      (line) => [line.includes('"Ringing"') ? line.replace('}', ',"mood":"good"}') : line],
      /no step names Ringing\.mood \(\d+ times\): it would be kept/,
    ],
    [
      'a record that is none',
      'refused',
      (line, index) => (index === 7 ? ['{"broken', line] : [line]),
      /1 of [\d,]+ records .*: bad-json \| .*line 8/,
    ],
    ['an event without a time', 'refused', (line, index) => [index === 9 ? line.replace('"EventTime"', '"At"') : line], /no-time/],
    ['an event that is sent again', 'repeats', (line, index) => (index % 50 === 0 ? [line, line] : [line]), /came before/],
    [
      'an event of 2099',
      'jump',
      (line, index) => [index === 60 ? line.replace(/"EventTime":"[^"]+"/, '"EventTime":"2099-01-01T00:00:00.000Z"') : line],
      /1 times are more than an hour ahead/,
    ],
    [
      'a 2.0 event',
      'mixed',
      (line, index) =>
        index === 50
          ? [line, '{"eventTime":"2021-03-01T00:31:00.000Z","eventType":"AgentRelease","agentId":"x@y","contactId":"1","channelId":"c"}']
          : [line],
      /1 events are 2\.0 already/,
    ],
    [
      'a type that was not subscribed to',
      'type-missing',
      (line) => (line.includes('"CallReleased"') ? [] : [line]),
      /no CallReleased at all/,
    ],
    [
      'one connectId for each call',
      'one-leg-per-call',
      (line) => [line.replace(/"connectId":"[^"]*"/, () => `"connectId":"leg-${/"contactId":"(\d+)"/.exec(line)?.[1] ?? ''}"`)],
      /stands for a call/,
    ],
  ])('%s', async (_, code, plant, told) => {
    const found = await inspect(LINES.flatMap(plant));
    expect(codesOf(found)).toContain(code);
    expect(said(found)).toMatch(told);
  });

  it('half of the ids missing, of each kind, and as a table to be filled in', async () => {
    const half = ROWS.filter((_, index) => index % 2 === 0);
    const found = await inspect(LINES, { ids: createIdTable(half) });
    const missing = new Set(ROWS.filter((_, index) => index % 2 === 1).map(({ legacy }) => legacy));
    const lacking = found.ids.flatMap((kind) => kind.lacking.map(([id]) => id));
    expect(lacking.length).toBeGreaterThan(10);
    for (const id of lacking) expect(missing).toContain(id);
    const seen = [...missing].filter((id) => LINES.some((line) => line.includes(id)));
    expect(new Set(lacking)).toEqual(new Set(seen));
    const filled = draftOf(found.ids).replaceAll(/^(\w+,.+),$/gm, '$1,new@acme');
    expect(parseIdTable(filled, 'draft.csv')).toHaveLength(lacking.length);
  });

  it('events out of order, and the lateness that is enough', async () => {
    const late = [...LINES];
    const [moved = ''] = late.splice(100, 1);
    late.splice(160, 0, moved);
    const found = await inspect(late);
    const most = Math.max(...LINES.slice(101, 161).map((line) => Date.parse(line.slice(14, 38)))) - Date.parse(moved.slice(14, 38));
    expect(found.times?.disordered).toBe(1);
    expect(found.times?.lateness.at(-1)).toEqual({ share: 1, millis: most });
    expect(most).toBeGreaterThan(5000);
    expect(said(found)).toContain(`--lateness ${most}ms puts all of them in order (99 % need 0 ms`);
    expect(findingsOf(found, most)).toEqual([]);
  });

  it.each([
    [1, true],
    [9, false],
  ])('times of a day that begins at %i: in another zone: %s', async (morning, isDoubted) => {
    const lines = [0, 1, 2].flatMap((day) =>
      Array.from({ length: 600 }, (_, index) => {
        const minute = morning * 60 + index;
        const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:0${day}`;
        return `{"EventTime":"2021-03-0${day + 1}T${clock}","EventType":"AgentReady","agentId":"a@b","result":"0"}`;
      }),
    );
    const found = await inspect(lines, { ids: createIdTable([{ kind: 'agent', legacy: 'a@b', current: 'c@d' }]) });
    expect(codesOf(found).includes('zone')).toBe(isDoubted);
    expect(found.times?.forms[0]?.[0]).toBe('ISO 8601 without a zone');
    expect(found.times?.gaps).toHaveLength(2);
  });
});
