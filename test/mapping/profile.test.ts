import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Mapping } from '../../src/mapping/model.ts';
import { differenceInDecisions } from '../../src/mapping/profile.ts';
import { loadMapping } from '../../src/source/mapping-folder.ts';
import { mappingNamed } from '../support/stream.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'decides-'));
  mkdirSync(join(folder, 'events'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A mapping that extends `ccc-2.0` by some lines of its mapping.yaml and an event file. */
async function extended(lines: string, event = '', text = ''): Promise<Mapping> {
  writeFileSync(join(folder, 'mapping.yaml'), `name: own\nversion: "1"\nextends: ccc-2.0\n${lines}`);
  if (event !== '') writeFileSync(join(folder, 'events', `${event}.yaml`), text);
  return loadMapping(folder);
}

async function difference(mapping: Mapping): Promise<string | undefined> {
  return differenceInDecisions(await mappingNamed('ccc-2.0'), mapping, ['idle', 'retention']);
}

it('the mapping of what 2.0 sends today decides as that of the page of 2021 does', async () => {
  expect(await difference(await mappingNamed('ccc-2.0-current'))).toBeUndefined();
});

it.each([
  ['other names, fields and unknown fields', 'policies: { unknownField: drop, contactId: "job-{contactId}" }', 'AgentReady',
   'event: AgentReady\nto: AgentReady\nuse: [event]\nsteps: [{ drop: [skillGroupIds] }, { id: { kind: agent, fields: [agentId] } }]'],
  ['waits by which a live event does not go', 'waits: { lateness: 1m, hold: 1m }', '', ''],
])('%s decide nothing', async (_what, lines, event, text) => {
  expect(await difference(await extended(lines, event, text))).toBeUndefined();
}); // biome-ignore format: a table

it.each([
  ['policies: { unknownId: dead-letter }', '', '', 'the policy unknownId'],
  ['policies: { unknownType: pass }', '', '', 'the policy unknownType'],
  ['policies: { undecidedVersion: current }', '', '', 'the policy undecidedVersion'],
  ['waits: { idle: 1h }', '', '', 'the wait idle'],
  ['', 'AgentReady', 'event: AgentReady\nto: null', 'only one of them drops AgentReady'],
  ['', 'AgentACW', 'event: AgentACW\nto: AgentBreak\nrule: AgentACW\nuse: [event, agent]', 'only one of them drops AgentACW'],
  ['', 'AgentRinging', 'event: AgentRinging\nto: AgentRinging\nuse: [event, agent, agentCall]', 'the rule for AgentRinging'],
  ['', 'SomethingOfOurs', 'event: SomethingOfOurs\nto: AgentReady\nuse: [event]', 'only one of them knows SomethingOfOurs'],
])('a mapping with "%s" %s decides otherwise', async (lines, event, text, words) => {
  expect(await difference(await extended(lines, event, text))).toBe(words);
}); // biome-ignore format: a table

it('where unknown ids refuse an event, it matters which ids an event has', async () => {
  const strict = await extended('policies: { unknownId: dead-letter }');
  const loose = await extended(
    'policies: { unknownId: dead-letter }',
    'AgentReady',
    'event: AgentReady\nto: AgentReady\nuse: [event]\nsteps: [{ copy: [agentId] }, { id: { kind: skillGroup, fields: [skillGroupIds] } }]',
  );
  expect(differenceInDecisions(strict, loose, [])).toBe('the ids of AgentReady');
  expect(differenceInDecisions(strict, strict, [])).toBeUndefined();
});
