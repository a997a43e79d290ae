import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pictureOfLadder } from '../../bench/measure/picture.ts';
import { parseIdTable } from '../../src/event/id-file.ts';
import type { IdTable } from '../../src/event/ids.ts';
import { createIdTable } from '../../src/event/ids.ts';
import { explainCalls } from '../../src/explain/explain.ts';
import { explanationToHtml } from '../../src/report/explain-html.ts';
import { renderExplanation } from '../../src/report/explain-text.ts';
import { ladderOf } from '../../src/report/ladder.ts';
import { ladderToSvg } from '../../src/report/ladder-svg.ts';
import { WORKED } from '../scenarios/worked.ts';
import { legacyLines } from '../support/call.ts';
import { explainJob } from './job.ts';

/**
 * Every scenario as a ladder, in text and as a picture: `ladders/NAME.txt` and `ladders/NAME.svg`. A change of one of them is to be looked
 * at (`vitest -u` writes them anew).
 */
const VENDOR = [
  'agent-outbound', 'agent-outbound-agent-first', 'inbound-ivr', 'agent-to-agent', 'sip-phone-to-agent', 'sip-phone-to-customer',
  'back-to-back', 'hold-outbound', 'hold-inbound', 'blind-transfer-outbound', 'blind-transfer-inbound', 'attended-transfer-outbound',
  'attended-transfer-inbound',
]; // biome-ignore format: a list

const scenario = (name: string): string => fileURLToPath(new URL(`../scenarios/vendor/${name}`, import.meta.url));
const vendorIds = createIdTable(parseIdTable(readFileSync(scenario('ids.csv'), 'utf8'), 'ids.csv'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-ladders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function expectLadder(name: string, path: string, ids: IdTable): Promise<void> {
  const contact = /"contactId":"(\d+)"/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  const found = await explainCalls(await explainJob([path], { ids }), [contact]);
  expect(found.calls).toHaveLength(1);
  const text = renderExplanation(found, { showValues: true, states: false });
  await expect(text).toMatchFileSnapshot(`ladders/${name}.txt`);
  const [call] = found.calls;
  if (call === undefined) throw new Error('no call');
  await expect(ladderToSvg(ladderOf(call), { title: name })).toMatchFileSnapshot(`ladders/${name}.svg`);
  const drawn = text.split('\n\n')[2]?.split('\n') ?? [];
  expect(drawn.length).toBeGreaterThan(call.steps.length);
  expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(80);
  expectEvidence(explanationToHtml(found, true), readFileSync(path, 'utf8').trimEnd().split('\n'));
}

/** Every link of a page leads to a place in it; that of evidence to the very event. */
function expectEvidence(page: string, lines: readonly string[]): void {
  const places = new Map(
    [...page.matchAll(/<section class="step" id="([^"]+)">\n<h3>\S+ (\S+) <small>line (\d+)</g)].map(([, id, type, line]) => [
      id,
      { type, line },
    ]),
  );
  const links = [...page.matchAll(/<a href="#([^"]+)">([^<,]+), line (\d+)<\/a>/g)];
  for (const [, id, type, line] of links) {
    expect(places.get(id)).toEqual({ type, line });
    expect(/"eventType":"(\w+)"/i.exec(lines[Number(line) - 1] ?? '')?.[1]).toBe(type);
  }
  const synthesized = [...page.matchAll(/<li>(AgentRelease|StopConsultant), rule [^\n]*?<\/li>/g)];
  for (const [item] of synthesized) expect(item).toMatch(/<a href="#c1-\d+">/);
  for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(places.has(id ?? '')).toBe(true);
}

describe('a scenario of the vendor', () => {
  it.each(VENDOR)('%s is a ladder of 80 columns, and a picture', (name) =>
    expectLadder(name, scenario(`${name}.legacy.ndjson`), vendorIds),
  );
});

it('the picture of the README is what the program draws (npm run pictures)', async () => {
  const drawn = readFileSync(fileURLToPath(new URL('../../examples/pictures/ladder.svg', import.meta.url)), 'utf8');
  expect(drawn).toBe(await pictureOfLadder());
});

describe('a worked sequence', () => {
  it.each(WORKED)('$name is a ladder of 80 columns, and a picture', async ({ name, callType, legacy }) => {
    const path = join(folder, 'log.ndjson');
    writeFileSync(path, legacyLines(legacy, { callType }).join('\n'));
    await expectLadder(`worked-${name.replace(/[^a-zA-Z0-9]+/g, '-')}`, path, createIdTable([]));
  });
});
