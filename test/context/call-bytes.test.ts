import { fc, it } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { AgentPart, CallContext, Consultation, Leg, Opening } from '../../src/context/call.ts';
import { newCall } from '../../src/context/call.ts';
import { packCall, unpackCall } from '../../src/context/call-bytes.ts';
import type { Evidence } from '../../src/event/facts.ts';

const maybe = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(each, { nil: undefined });
// Texts of an event may be anything that JSON can say: lone surrogates, other scripts, hundreds of characters.
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 250, maxLength: 300 }), fc.constant('\ud800'));
const time = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
const seq = fc.nat(2 ** 40);
const evidence: fc.Arbitrary<Evidence> = fc.record({ type: text, source: fc.nat(100_000), offset: fc.nat(2 ** 50), line: seq });
const opening: fc.Arbitrary<Opening> = fc.record({
  how: fc.constantFrom('Dialing' as const, 'Ringing' as const, 'AssignAgent' as const),
  seq,
  time,
  consult: fc.boolean(),
  on: evidence,
});
const part: fc.Arbitrary<AgentPart> = fc.record({
  agent: text,
  state: fc.constantFrom('out' as const, 'ringing' as const, 'dialing' as const, 'talking' as const),
  since: time,
  endedAt: maybe(time),
  announced: fc.boolean(),
  talked: fc.boolean(),
  up: fc.boolean(),
  answered: fc.boolean(),
  via: maybe(fc.constantFrom('BLIND_TRANSFER' as const, 'CONSULTED' as const)),
  leg: maybe(text),
  group: maybe(text),
  groups: maybe(text),
  openings: fc.array(opening, { maxLength: 3 }),
  on: maybe(evidence),
  dialledOn: maybe(evidence),
});
const leg: fc.Arbitrary<Leg> = fc.record({
  id: text,
  time,
  seq,
  agents: fc.array(text, { maxLength: 3 }),
  outside: fc.boolean(),
  consultBy: maybe(text),
});
const consultation: fc.Arbitrary<Consultation> = fc.record({
  by: text,
  time,
  seq,
  with: maybe(text),
  leg: maybe(text),
  ownLeg: fc.boolean(),
  started: fc.boolean(),
  inferred: fc.boolean(),
  unanswered: fc.boolean(),
  joined: fc.boolean(),
  on: evidence,
});
const call: fc.Arbitrary<CallContext> = fc.record({
  contact: text,
  numeric: fc.boolean(),
  first: time,
  last: time,
  ended: fc.boolean(),
  mixed: fc.boolean(),
  instance: maybe(text),
  callType: maybe(text),
  callTypeOn: maybe(evidence),
  caller: maybe(text),
  callee: maybe(text),
  broker: maybe(text),
  flow: maybe(text),
  parts: fc.array(part, { maxLength: 3 }),
  legs: fc.array(leg, { maxLength: 3 }),
  outsideLeg: maybe(text),
  outsideReleased: fc.boolean(),
  consultation: maybe(consultation),
  transfer: maybe(fc.record({ by: maybe(text), to: maybe(text), on: evidence })),
  times: fc.record({
    dialing: maybe(time),
    route: maybe(time),
    outsideUp: maybe(time),
    agentUp: maybe(time),
    ups: fc.array(time, { maxLength: 300 }),
    released: maybe(time),
  }),
  onRecord: fc.array(text, { maxLength: 3 }),
  abandonPhase: maybe(text),
  queueTimedOut: fc.boolean(),
  ringTimedOut: fc.boolean(),
  refused: fc.boolean(),
  recorded: fc.boolean(),
  seen: fc.array(fc.nat(2 ** 53 - 1), { maxLength: 300 }),
});

it.prop([call], { seed: 11 })('a call comes back from its bytes as it was, in every field', (before) => {
  expect(unpackCall(packCall(before).slice())).toEqual(before);
});

it('a call from its bytes has its fields in the order of a new one, so that both have one shape in memory', () => {
  const fresh = newCall('1', 0);
  expect(Object.keys(unpackCall(packCall(fresh)))).toEqual(Object.keys(fresh));
  expect(Object.keys(unpackCall(packCall(fresh)).times)).toEqual(Object.keys(fresh.times));
});
