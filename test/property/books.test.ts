import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { CURRENT_CALL_TYPES, CURRENT_EVENTS, LEGACY_CALL_TYPES, LEGACY_EVENTS } from '../../src/event/names.ts';
import { SLOTS } from '../../src/event/slots.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { ACCOUNTS } from '../../src/translate/outcome.ts';
import { mappingNamed } from '../support/stream.ts';
import { ndjson, type Ran, run, streamOf } from './streams.ts';

/** The books balance on every run, whatever came in (semantics, section 6); nothing throws, nothing stays held. */
function expectBalanced(ran: Ran, lines: number): void {
  expect(ran.imbalances).toEqual([]);
  const rows = [...ran.translator.books.input.values()];
  expect(rows.reduce((sum, row) => sum + row.in, 0)).toBe(lines);
  for (const account of ACCOUNTS) expect(rows.every((row) => row[account] >= 0)).toBe(true);
  expect(ran.translator.finish()).toEqual([]);
  for (const { bytes, start, end } of ran.outputs) {
    expect(typeof JSON.parse(Buffer.from(bytes.subarray(start, end)).toString())).toBe('object');
    expect(bytes.subarray(start, end).indexOf(0x0a)).toBe(end - start - 1);
  }
}

it('with losses, jitter, duplicates and types that nobody subscribed to', async () => {
  const options = fc.record({
    seed: fc.integer({ min: 1, max: 10_000 }).map(String),
    calls: fc.constant(25),
    open: fc.integer({ min: 1, max: 20 }),
    jitter: fc.constantFrom(0, 3000, 60_000),
    duplicates: fc.constantFrom(0, 0.2),
    loss: fc.constantFrom(0, 0.1, 0.5),
    connectIds: fc.constantFrom('party' as const, 'call' as const),
    without: fc.subarray([...LEGACY_EVENTS], { maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(options, fc.constantFrom('time' as const, 'arrival' as const), async (some, order) => {
      const { lines, ids } = streamOf(some);
      expectBalanced(await run(ndjson(lines), { ids, translator: { order } }), lines.length);
    }),
    { numRuns: 30, seed: 20210314 },
  );
});

const START = Date.UTC(2021, 2, 14);
/** What moves the state of a call, so that it is met more often. */
const ACTING = [
  'AgentRinging',
  'AgentTalk',
  'Dialing',
  'Ringing',
  'CallEstablished',
  'CallReleased',
  'AgentACW',
  'AttendedTransfer',
] as const;
const blank = fc.constantFrom(null, '', undefined);
const times = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0, max: 40_000 }).map((at) => new Date(START + at).toISOString()) },
  fc.integer({ min: 0, max: 40_000 }).map((at) => START + at),
  fc.constantFrom('2099-01-01T00:00:00Z', '1970-01-01 00:00:00', 'never', 0, -1, 1e300, null, {}, '2021-03-14T01:00:00+08:00'),
);
const type = fc.oneof(
  { weight: 25, arbitrary: fc.constantFrom(...LEGACY_EVENTS, ...ACTING) },
  fc.constantFrom(...CURRENT_EVENTS),
  fc.string(),
  fc.constantFrom(null, 7, 'toString'),
);
const agent = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom('A@old', 'B@old', 'C@old', 'alice@acme') },
  blank,
  fc.constantFrom('__proto__', 5, [], 'A@old,B@old'),
);
const anything = fc.jsonValue({ maxDepth: 2 });
const event = fc.record(
  {
    EventTime: times,
    EventType: type,
    contactId: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom('1', '1', '2', 3) },
      blank,
      fc.constantFrom('job-1', '__proto__', 'constructor', {}),
    ),
    connectId: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c', 'l2') }, blank, anything),
    channelId: fc.oneof({ weight: 8, arbitrary: blank }, fc.constantFrom('a', 'b', '0')),
    callType: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...LEGACY_CALL_TYPES) },
      fc.constantFrom(...CURRENT_CALL_TYPES),
      blank,
      anything,
    ),
    agentId: agent,
    skillGroupId: fc.oneof(fc.constantFrom('g1', 'g2', 'g1,g2', ',', ',,'), blank),
    skillGroupIds: fc.oneof(fc.constantFrom('g1', 'g1,g2', ','), blank),
    caller: fc.constantFrom('01088880100', '13900000139', null),
    callee: fc.constantFrom('13900000139', '01088880100', undefined),
    destination: fc.oneof(agent, fc.constantFrom('13900000139', '01088880100')),
    transferor: agent,
    result: fc.oneof({ weight: 30, arbitrary: fc.constantFrom('0', undefined, 0, null) }, fc.constantFrom('1', 3, 'x', {})),
    abandonPhase: fc.constantFrom('IVR', 'Ring', 'x', undefined),
    releaseReason: fc.constantFrom('200 - Okay', '603', '', 486, undefined),
  },
  { requiredKeys: ['EventTime', 'EventType'] },
);
/** Events with the keys that the engine reads, in any casing, and any JSON behind them. */
const wild = fc.dictionary(fc.oneof(fc.constantFrom(...SLOTS, 'EventTime', 'EventType', '__proto__', ''), fc.string()), anything, {
  maxKeys: 12,
});
const ids = createIdTable([
  { kind: 'agent', legacy: 'A@old', current: 'alice@acme' },
  { kind: 'skillGroup', legacy: 'g1', current: 'sales@acme' },
]);
const settings = fc.record({
  order: fc.constantFrom('time' as const, 'arrival' as const),
  lateness: fc.constantFrom(0, 1000, 5000, 1e9),
  hold: fc.constantFrom(0, 500, 3000, 1e9),
  idle: fc.constantFrom(0, 1000, 1e9),
  retention: fc.constantFrom(0, 1000, 1e9),
  hotCalls: fc.constantFrom(1, 2, 1000),
  listLeftOut: fc.boolean(),
});

it('with any events, any settings, a store or none', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 60, size: 'max' }),
      settings,
      fc.boolean(),
      async (events, some, stored) => {
        const lines = events.map((each) => JSON.stringify(each));
        const store = stored ? createMemoryStore() : undefined;
        expectBalanced(await run(ndjson(lines), { ids, translator: { ...some, store } }), lines.length);
      },
    ),
    { numRuns: 400, seed: 20210314 },
  );
});

it('with any JSON objects, and every policy', async () => {
  const mapping = await mappingNamed('ccc-2.0');
  const policies = fc.record({
    unknownId: fc.constantFrom('keep' as const, 'dead-letter' as const, 'fail' as const),
    unknownField: fc.constantFrom('keep' as const, 'drop' as const),
    unknownType: fc.constantFrom('dead-letter' as const, 'pass' as const),
    undecidedVersion: fc.constantFrom('legacy' as const, 'current' as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(event, wild), { minLength: 1, maxLength: 30 }), policies, async (events, some) => {
      const lines = events.map((each) => JSON.stringify(each));
      const ran = await run(ndjson(lines), { ids, translator: { mapping: { ...mapping, policies: { ...mapping.policies, ...some } } } });
      expectBalanced(ran, lines.length);
    }),
    { numRuns: 300, seed: 20210314 },
  );
});

it('no output of a garbage stream says what no input of its call said', async () => {
  const words = (text: string): string[] => text.match(/[A-Za-z0-9@]+/g) ?? [];
  const known = new Set([...CURRENT_EVENTS, ...CURRENT_CALL_TYPES].flatMap((each) => words(each)));
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40, size: 'max' }), async (events) => {
      const lines = events.map((each) => JSON.stringify(each));
      const said = new Set(lines.flatMap(words));
      const { outputs } = await run(ndjson(lines), { ids: createIdTable([]) });
      for (const output of outputs.filter(({ kind }) => kind === 'synthesized')) {
        const { agentId, contactId, channelId, counterparty } = JSON.parse(
          Buffer.from(output.bytes.subarray(output.start, output.end)).toString(),
        ) as Record<string, unknown>;
        for (const value of [agentId, contactId, channelId, counterparty]) {
          for (const word of value === undefined ? [] : words(JSON.stringify(value))) expect(said.has(word) || known.has(word)).toBe(true);
        }
      }
    }),
    { numRuns: 150, seed: 20210314 },
  );
});
