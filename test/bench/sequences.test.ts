import { expect, test } from 'vitest';
import type { Item } from '../../bench/generate/delivery.ts';
import { callsOf, parse, play } from './play.ts';

const calls = [...callsOf(play({ calls: 1500, seed: 'sequences' })).values()];

const LATE = ['CDRReady', 'RecordingReady', 'DualTrackRecordingReady', 'TextStream', 'Held', 'Retrieved'];

/** Names of agents in order of appearance (A, B, C); c is the customer, o another number, - the centre or the call. */
function partyNames(items: readonly Item[]): (line: string) => string {
  const agents = new Map<unknown, string>();
  const legs = new Map<unknown, string>();
  for (const { truth } of items) {
    for (const { line } of truth) {
      const { agentId } = parse(line);
      if (agentId !== undefined && !agents.has(agentId)) agents.set(agentId, String.fromCharCode(65 + agents.size));
    }
  }
  return (line) => {
    const { agentId, channelId } = parse(line);
    if (agentId !== undefined) return agents.get(agentId) ?? '?';
    if (!legs.has(channelId)) legs.set(channelId, legs.size === 0 ? 'c' : 'o');
    return legs.get(channelId) ?? '?';
  };
}

/** A call in the notation of semantics section 7: records, transcripts and holds left out. */
function told(items: readonly Item[]): string {
  const nameOf = partyNames(items);
  const events = items.flatMap((item) => item.truth).filter((event) => !LATE.includes(event.type));
  return events
    .map((event) => {
      const mark = { renamed: '', resolved: event.type === 'AgentRinging' || event.type === 'AgentTalk' ? '' : '≠', synthesized: '+' }[
        event.kind
      ];
      return `${mark}${event.type} ${nameOf(event.line)}`;
    })
    .join(', ');
}

/** Every way in which a scenario was played, each once. */
function ways(scenario: string): string[] {
  return [...new Set(calls.filter((items) => items[0]?.scenario === scenario).map(told))].sort();
}

const OUT = '≠AgentDialing A, Dialing A, Ringing c, AgentTalk A, Established A, Established c';
const IN = 'Route2IVR c, Enqueue c, AssignAgent A, Ringing A, AgentRinging A, AgentTalk A, Established A';
const FREE = (agent: string): string => `+AgentRelease ${agent}, Released ${agent}`;

/** Both ways in which a transferred call can have begun and end. */
function around(middle: string, last: string): string[] {
  const begins = [OUT, IN];
  const ends = [`Released c, ${FREE(last)}`, `${FREE(last)}, Released c`];
  return begins.flatMap((begin) => ends.map((end) => `${begin}, ${middle}, ${end}`)).sort();
}

test('an outbound call, the customer hanging up first and the agent first', () => {
  expect(ways('agent-outbound')).toEqual([`${OUT}, Released c, ${FREE('A')}`]);
  expect(ways('agent-outbound-agent-first')).toEqual([`${OUT}, ${FREE('A')}, Released c`]);
});

test('an inbound call, both ways', () => {
  expect(ways('inbound-ivr')).toEqual([`${IN}, ${FREE('A')}, Released c`]);
  expect(ways('inbound-ivr-customer-first')).toEqual([`${IN}, Released c, ${FREE('A')}`]);
});

test('agent to agent: both legs come up in free order', () => {
  const begin = '≠AgentDialing A, Dialing A, AgentRinging B, Ringing B';
  const up = ['AgentTalk A, Established A, AgentTalk B, Established B', 'AgentTalk B, Established B, AgentTalk A, Established A'];
  const down = [`${FREE('B')}, ${FREE('A')}`, `${FREE('A')}, ${FREE('B')}`];
  expect(ways('agent-to-agent')).toEqual(up.flatMap((first) => down.map((last) => `${begin}, ${first}, ${last}`)).sort());
});

test('SIP phones in the order of the vendor', () => {
  const begin = '≠AgentDialing A, Ringing B, AgentRinging B, Dialing A, AgentTalk B, Established B, AgentTalk A, Established A';
  expect(ways('sip-phone-to-agent')).toContain(`${begin}, ${FREE('B')}, ${FREE('A')}`);
  const customer =
    'Ringing c, ≠AgentDialing A, Dialing A, Established c, AgentTalk A, Established A, Released c, +AgentRelease A, Released A';
  expect(ways('sip-phone-to-customer')).toEqual([customer]);
});

test('a double call has no agent', () => {
  expect(ways('back-to-back')).toEqual(['Dialing c, Ringing o, Ringing o, Established o, Established o, Released o, Released o']);
});

test('blind transfer', () => {
  const middle = `${FREE('A')}, BlindTransfer A, AgentRinging B, Ringing B, AgentTalk B, Established B`;
  expect(ways('blind-transfer')).toEqual(around(middle, 'B'));
});

const consulted = (a: string, b: string): string =>
  `≠InitiateConsultant ${a}, Ringing ${b}, AgentRinging ${b}, AgentTalk ${b}, Established ${b}, ≠StartConsultant ${a}`;
const transferred = (a: string): string => `${FREE(a)}, AttendedTransfer ${a}, +StopConsultant ${a}`;

test('attended transfer', () => {
  expect(ways('attended-transfer')).toEqual(around(`${consulted('A', 'B')}, ${transferred('A')}`, 'B'));
});

test('a consultation given up, or not answered', () => {
  const givenUp = `${consulted('A', 'B')}, ${FREE('B')}, +StopConsultant A`;
  expect(ways('consult-given-up')).toEqual(expect.arrayContaining(around(givenUp, 'A')));
  const unanswered = '≠InitiateConsultant A, Ringing B, AgentRinging B, RingingTimeout B, Released B, +StopConsultant A';
  expect(ways('consult-unanswered')).toEqual(expect.arrayContaining(around(unanswered, 'A')));
});

test('a chain: blind to B, who consults C and transfers', () => {
  const middle = `${FREE('A')}, BlindTransfer A, AgentRinging B, Ringing B, AgentTalk B, Established B, ${consulted('B', 'C')}, ${transferred('B')}`;
  expect(ways('transfer-chain')).toEqual(around(middle, 'C'));
});

test('a consultation with a number outside: the counterparty is the number, and given up it leaves A with the customer', () => {
  const asked = '≠InitiateConsultant A, Ringing o, Established o, ≠StartConsultant A';
  const told = ways('consult-outside');
  expect(told.some((way) => way.endsWith(`${asked}, ${transferred('A')}, Released c, Released o`))).toBe(true);
  expect(told.some((way) => way.includes(`${asked}, Released o, +StopConsultant A, `))).toBe(true);
  for (const items of calls.filter((one) => one[0]?.scenario === 'consult-outside')) {
    const events = items.flatMap((item) => item.truth);
    const { counterparty } = parse(events.find(({ type }) => type === 'InitiateConsultant')?.line ?? '{}');
    expect(String(counterparty)).toMatch(/^1\d{10}$/);
    expect(events.some(({ line }) => line.includes(`"destination":"${counterparty}"`))).toBe(true);
  }
});

test('half of the consulted legs say Consult, and only their own call events', () => {
  const kinds = new Map<string, number>();
  for (const { type, line } of calls.flat().flatMap((item) => item.truth)) {
    const { callType } = parse(line);
    if (callType === 'CONSULTANT') kinds.set(type, (kinds.get(type) ?? 0) + 1);
  }
  expect([...kinds.keys()].sort()).toEqual(['Established', 'Released', 'Ringing']);
  const consults = calls
    .flat()
    .flatMap((item) => item.truth)
    .filter(({ type }) => type === 'InitiateConsultant').length;
  expect((kinds.get('Ringing') ?? 0) / consults).toBeGreaterThan(0.35);
  expect((kinds.get('Ringing') ?? 0) / consults).toBeLessThan(0.65);
});

test('an agent that only rang has no AgentRelease', () => {
  for (const way of ways('ring-abandoned')) expect(way).not.toContain('AgentRelease');
});

test('call records follow the definitions of the vendor', () => {
  const codes = new Map<string, Set<string>>();
  for (const items of calls) {
    const event = items.flatMap((item) => item.truth).find(({ type }) => type === 'CDRReady');
    if (event === undefined) continue;
    const { startTime, establishedTime, endTime, dispositionCode } = parse(event.line);
    expect(String(startTime) < String(endTime)).toBe(true);
    expect(establishedTime !== undefined).toBe(dispositionCode === 'Success');
    const scenario = items[0]?.scenario ?? '';
    codes.set(scenario, (codes.get(scenario) ?? new Set()).add(String(dispositionCode)));
  }
  expect(codes.get('outbound-unanswered')).toEqual(new Set(['Reject', 'NoAnswer']));
  expect(codes.get('ivr-abandoned')).toEqual(new Set(['AbandonedInContactFlow']));
  expect(codes.get('queue-abandoned')).toEqual(new Set(['AbandonedInQueue']));
  expect(codes.get('queue-timed-out')).toEqual(new Set(['AbandonedInQueue']));
  expect(codes.get('ring-abandoned')).toEqual(new Set(['AbandonedRing']));
  expect(codes.get('ringing-timed-out')).toEqual(new Set(['Success', 'AbandonedInQueue', 'AbandonedRing']));
});
