import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import { createRandom } from '../../bench/generate/random.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { run } from '../cli/io.ts';

/** A thousand differences of each kind, planted in 200,000 events: all are found, and nothing else. */
const EVENTS = 200_000;
const EACH = 1000;
const WINDOW = 2000;

const timeOf = (line: string): number => Date.parse(/"eventTime":"([^"]+)"/.exec(line)?.[1] ?? '');
const contactOf = (line: string): string | undefined => /"contactId":"([^"]+)"/.exec(line)?.[1];
const at = (line: string, time: number): string => line.replace(/"eventTime":"[^"]+"/, `"eventTime":"${new Date(time).toISOString()}"`);

let folder: string;
let truth: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-planted-'));
  truth = [];
  for (const { truth: made } of generateCalls({ seed: '200000', calls: 15_000, open: 200, agents: 400 }).items) {
    for (const { line } of made) truth.push(line);
    if (truth.length >= EVENTS) break;
  }
  truth.length = EVENTS;
  writeFileSync(join(folder, 'theirs.ndjson'), truth.map((line) => `${line}\n`).join(''));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function compared(lines: readonly string[]): Promise<{ readonly exit: number; readonly found: Comparison }> {
  const ours = join(folder, 'ours.ndjson');
  writeFileSync(ours, lines.map((line) => `${line}\n`).join(''));
  const { exit, out } = await run(['compare', ours, join(folder, 'theirs.ndjson'), '--window', `${WINDOW}ms`, '--json']);
  return { exit, found: JSON.parse(out) as Comparison };
}

/** The next event of the same call with another time within the window, or none. */
function partnerOf(index: number): number | undefined {
  const time = timeOf(truth[index] ?? '');
  for (let other = index + 1; other < truth.length; other += 1) {
    const apart = timeOf(truth[other] ?? '') - time;
    if (apart > WINDOW) return undefined;
    if (apart > 0 && contactOf(truth[other] ?? '') === contactOf(truth[index] ?? '')) return other;
  }
  return undefined;
}

/** Lines with differences; the events in which they are planted are far from each other. */
function planted(): string[] {
  const lines: (readonly string[])[] = truth.map((line) => [line]);
  const left = { missing: EACH, extra: EACH, changed: EACH, shifted: EACH, swapped: EACH };
  const used = new Set<string>();
  for (let index = 0, kind = 0; index < truth.length; index += 7) {
    const line = truth[index] ?? '';
    const contact = contactOf(line);
    const name = (Object.keys(left) as (keyof typeof left)[])[kind % 5];
    const partner = partnerOf(index);
    if (contact === undefined || used.has(contact) || !line.includes('"callType"') || name === undefined || left[name] === 0) continue;
    if (name === 'swapped' && partner === undefined) continue;
    used.add(contact);
    kind += 1;
    left[name] -= 1;
    if (name === 'missing') lines[index] = [];
    if (name === 'extra') lines[index] = [line, line.replace(/"eventType":"\w+"/, '"eventType":"Muted"')];
    if (name === 'changed') lines[index] = [line.replace(/"callType":"\w+"/, '"callType":"BARGE"')];
    if (name === 'shifted') lines[index] = [at(line, timeOf(line) + 700)];
    if (name === 'swapped' && partner !== undefined) {
      const other = truth[partner] ?? '';
      [lines[index], lines[partner]] = [[at(other, timeOf(line))], [at(line, timeOf(other))]];
    }
  }
  expect(left).toEqual({ missing: 0, extra: 0, changed: 0, shifted: 0, swapped: 0 });
  return lines.flat();
}

describe('two streams of 200,000 events', () => {
  it('with a thousand differences of each kind: every one is found', async () => {
    const { exit, found } = await compared(planted());
    expect(exit).toBe(3);
    expect(found).toMatchObject({ missing: EACH, extra: EACH, different: EACH, shifted: 3 * EACH });
    expect(found.swapped).toBeGreaterThanOrEqual(EACH);
    expect(found.fields.map(({ field, count }) => [field, count]).filter(([field]) => field !== 'callType')).toEqual([]);
  }, 180_000);

  it('of which one is shuffled within the window: none is found', async () => {
    const random = createRandom('shuffle');
    const shuffled = truth
      .map((line) => ({ line, time: timeOf(line) + random.int(0, WINDOW) }))
      .sort((a, b) => a.time - b.time)
      .map(({ line }) => line);
    const { exit, found } = await compared(shuffled);
    expect(exit).toBe(0);
    expect(found).toMatchObject({ missing: 0, extra: 0, different: 0, shifted: 0, swapped: 0, pairs: EVENTS });
  }, 180_000);
});
