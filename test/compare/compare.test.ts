import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import type { CompareJob } from '../../src/compare/compare.ts';
import { noiseOf, runCompare } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';

/** Whatever was changed in one of two equal streams is found, and nothing else. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-compare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const TRUTH = [...generateCalls({ seed: '5', calls: 300, open: 30, agents: 60 }).items].flatMap(({ truth }) =>
  truth.map(({ line }) => line),
);
const WINDOW = 2000;
const timeOf = (line: string): number => Date.parse(/"eventTime":"([^"]+)"/.exec(line)?.[1] ?? '');
const contactOf = (line: string): string | undefined => /"contactId":"([^"]+)"/.exec(line)?.[1];
const at = (line: string, time: number): string => line.replace(/"eventTime":"[^"]+"/, `"eventTime":"${new Date(time).toISOString()}"`);

function put(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function job(ours: readonly string[], theirs: readonly string[], change: Partial<CompareJob> = {}): CompareJob {
  return {
    ours: [put('ours', ours)],
    theirs: [put('theirs', theirs)],
    window: WINDOW,
    match: undefined,
    contacts: undefined,
    ignore: new Set(),
    showsValues: false,
    timeZone: 'Asia/Shanghai',
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    eventAt: undefined,
    rs: false,
    allowTruncated: false,
    ...change,
  };
}

function figures({ missing, extra, different, shifted, swapped }: Comparison): Readonly<Record<string, number>> {
  return { missing, extra, different, shifted, swapped };
}

const NOTHING = { missing: 0, extra: 0, different: 0, shifted: 0, swapped: 0 };

describe('two streams that are the same', () => {
  it('agree, event by event', async () => {
    const found = await runCompare(job(TRUTH, TRUTH));
    expect(found).toMatchObject({ ...NOTHING, ours: TRUTH.length, theirs: TRUTH.length, pairs: TRUTH.length, fields: [], shifts: [] });
  });

  it('agree in whatever order their lines stand within the window', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: WINDOW }), { minLength: 1, maxLength: 53 });
    await fc.assert(
      fc.asyncProperty(delays, async (some) => {
        const arrivals = TRUTH.map((line, index) => ({ line, time: timeOf(line) + (some[index % some.length] ?? 0) }));
        const shuffled = arrivals.sort((a, b) => a.time - b.time).map(({ line }) => line);
        expect(figures(await runCompare(job(TRUTH, shuffled)))).toEqual(NOTHING);
      }),
      { numRuns: 8, seed: 20210314 },
    );
  });

  it('agree with provenance in the events of one, fields in another order, and blank fields', async () => {
    const other = TRUTH.map((line, index) => {
      const fields = Object.entries(JSON.parse(line) as Record<string, unknown>);
      return JSON.stringify({ ...Object.fromEntries(index % 2 === 0 ? fields.reverse() : fields), tags: '', _upcast: { id: 'x' } });
    });
    expect(figures(await runCompare(job(other, TRUTH)))).toEqual(NOTHING);
  });
});

describe('each planted difference is found, and nothing else', () => {
  const every = (step: number, from: number) => TRUTH.flatMap((_, index) => (index % step === from ? [index] : []));

  it('missing and extra events', async () => {
    const gone = new Set(every(37, 5));
    const kept = TRUTH.filter((_, index) => !gone.has(index));
    const without = await runCompare(job(kept, TRUTH));
    expect(figures(without)).toEqual({ ...NOTHING, missing: gone.size });
    expect(without.types.reduce((sum, { missing }) => sum + missing, 0)).toBe(gone.size);
    expect(figures(await runCompare(job(TRUTH, kept)))).toEqual({ ...NOTHING, extra: gone.size });
  });

  it('changed, added and lost fields, by name, with examples', async () => {
    const changed = every(41, 3).filter((index) => TRUTH[index]?.includes('"callType"'));
    const odd = TRUTH.map((line, index) => (changed.includes(index) ? line.replace(/"callType":"[^"]+"/, '"callType":"MONITOR"') : line));
    const found = await runCompare(job(odd, TRUTH));
    expect(figures(found)).toEqual({ ...NOTHING, different: changed.length });
    expect(found.fields.every(({ field }) => field === 'callType')).toBe(true);
    expect(found.fields.reduce((sum, { count }) => sum + count, 0)).toBe(changed.length);
    expect(found.fields[0]?.samples[0]).toMatchObject({ ours: '"MONITOR"', place: expect.stringMatching(/ours, line \d+, byte \d+$/) });
    const lost = await runCompare(
      job(
        TRUTH.map((line) => line.replace(/,"skillGroupId":"[^"]+"/, '')),
        TRUTH,
      ),
    );
    expect([...new Set(lost.fields.map(({ field }) => field))]).toEqual(['skillGroupId']);
    expect(lost.fields[0]?.samples[0]?.ours).toBeUndefined();
  });

  it('shifted times, and by how much', async () => {
    const late = new Set(every(29, 7));
    const odd = TRUTH.map((line, index) => (late.has(index) ? at(line, timeOf(line) + 500) : line));
    const found = await runCompare(job(odd, TRUTH));
    expect({ ...figures(found), swapped: 0 }).toEqual({ ...NOTHING, shifted: late.size });
    expect(found.shifts).toEqual([{ from: 100, to: 1000, count: late.size }]);
    expect((await runCompare(job(TRUTH, odd))).shifts).toEqual([{ from: -1000, to: -100, count: late.size }]);
  });

  it('events of a call that stand in each other’s place', async () => {
    const odd = [...TRUTH];
    let swaps = 0;
    for (let index = 0; index + 1 < odd.length; index += 23) {
      const next = odd.findIndex((line, other) => other > index && contactOf(line) === contactOf(odd[index] ?? ''));
      const [a = '', b = ''] = [odd[index], odd[next]];
      const apart = timeOf(b) - timeOf(a);
      if (next < 0 || contactOf(a) === undefined || apart <= 0 || apart > WINDOW) continue;
      [odd[index], odd[next]] = [at(a, timeOf(b)), at(b, timeOf(a))];
      swaps += 1;
    }
    expect(swaps).toBeGreaterThan(20);
    const found = await runCompare(job(odd, TRUTH));
    expect({ ...figures(found), shifted: 0, swapped: 0 }).toEqual(NOTHING);
    expect(found.swapped).toBeGreaterThanOrEqual(swaps);
  });

  it('records that are no events', async () => {
    const found = await runCompare(job([...TRUTH, '{"broken', '{"eventType":"X"}'], TRUTH));
    expect([found.refused, figures(found)]).toEqual([{ ours: 2, theirs: 0 }, NOTHING]);
  });
});

describe('streams with other contact ids', () => {
  const renamed = (line: string): string => line.replace(/"contactId":"([^"]+)"/, '"contactId":"job-$1"');

  it('agree by a table of contacts', async () => {
    const contacts = new Map(
      TRUTH.flatMap((line) => (contactOf(line) === undefined ? [] : [[contactOf(line) ?? '', `job-${contactOf(line)}`] as const])),
    );
    expect(figures(await runCompare(job(TRUTH, TRUTH.map(renamed), { contacts })))).toEqual(NOTHING);
    const without = await runCompare(job(TRUTH, TRUTH.map(renamed)));
    expect(without.missing).toBeGreaterThan(TRUTH.length / 2);
  });

  it('agree by the numbers of their parties', async () => {
    const ignore = new Set(['contactId', 'channelId', 'heldChannelId', 'retrievedChannelId']);
    expect(figures(await runCompare(job(TRUTH, TRUTH.map(renamed), { match: ['caller', 'callee'], ignore })))).toEqual(NOTHING);
  });
});

it('what differs in a baseline is noise, and only that', async () => {
  const noisy = TRUTH.map((line, index) => line.replace(/"channelId":"[^"]+"/, `"channelId":"${index}"`));
  const noise = await noiseOf(job(TRUTH, noisy));
  expect(noise.every((name) => name.endsWith('.channelId'))).toBe(true);
  const changed = noisy.map((line) => line.replace('"callType":"INBOUND"', '"callType":"MONITOR"'));
  const found = await runCompare(job(changed, TRUTH, { ignore: new Set(noise) }));
  expect([...new Set(found.fields.map(({ field }) => field))]).toEqual(['callType']);
});

it('examples hold no phone numbers unless they are asked for', async () => {
  const odd = TRUTH.map((line) => line.replace(/"callee":"1\d{10}"/, '"callee":"13900000001"'));
  const text = (found: Comparison): string => JSON.stringify(found.fields);
  expect(text(await runCompare(job(odd, TRUTH)))).not.toMatch(/1\d{10}/);
  expect(text(await runCompare(job(odd, TRUTH, { showsValues: true })))).toContain('13900000001');
});
