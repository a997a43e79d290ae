import { describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { legacyLines } from '../support/call.ts';
import { translate } from '../support/stream.ts';
import { cited, fieldsOf, legacyEvent, list, marks, outputOf, START, told } from '../support/told.ts';

/** AgentRinging (semantics, section 3): each kind of evidence alone, before the event and after it, decides at once. */
type Case = readonly [name: string, callType: string, legacy: string, current: string];

const DIALING: readonly Case[] = [
  ['a Dialing of its leg came before', 'Internal', 'Dialing A, AgentRinging A', 'Dialing A, ≠AgentDialing A'],
  ['a Dialing of its leg comes after', 'Internal', 'AgentRinging A, Dialing A', '≠AgentDialing A, Dialing A'],
  [
    'the call goes out and nobody has been in it, as an event before says',
    'Outbound',
    'Ringing c, AgentRinging A',
    'Ringing, ≠AgentDialing A',
  ],
  [
    'the call goes out and nobody has been in it, as an event after says',
    'Outbound',
    'AgentRinging A, Ringing c',
    '≠AgentDialing A, Ringing',
  ],
];

const RINGING: readonly Case[] = [
  ['a Ringing of its agentId came before', 'Inbound', 'Ringing A destination=80001234, AgentRinging A', 'Ringing A, AgentRinging A'],
  ['a Ringing of its agentId comes after', 'Inbound', 'AgentRinging A, Ringing A destination=80001234', 'AgentRinging A, Ringing A'],
  ['a Ringing with it as destination came before', 'Inbound', 'Ringing x destination=A@old, AgentRinging A', 'Ringing, AgentRinging A'],
  ['a Ringing with it as destination comes after', 'Inbound', 'AgentRinging A, Ringing x destination=A@old', 'AgentRinging A, Ringing'],
  ['the call was assigned to it before', 'Inbound', 'AssignAgent A, AgentRinging A', 'AssignAgent A, AgentRinging A'],
  ['the call is assigned to it after', 'Inbound', 'AgentRinging A, AssignAgent A', 'AgentRinging A, AssignAgent A'],
  [
    'an outbound call was assigned to it, so it is no matter that nobody has been in the call',
    'Outbound',
    'AssignAgent A, AgentRinging A',
    'AssignAgent A, AgentRinging A',
  ],
  ['a blind transfer to it came before', 'Inbound', 'BlindTransfer B>A, AgentRinging A', 'BlindTransfer B, AgentRinging A'],
  ['a blind transfer to it comes after', 'Inbound', 'AgentRinging A, BlindTransfer B>A', 'AgentRinging A, BlindTransfer B'],
  ['another agent dialled the contact before', 'Internal', 'Dialing B, AgentRinging A', 'Dialing B, AgentRinging A'],
  ['another agent dials the contact after', 'Internal', 'AgentRinging A, Dialing B', 'AgentRinging A, Dialing B'],
];

const TALKING = 'AssignAgent A, AgentRinging A, AgentTalk A';
const TALKED = TALKING;

const CONSULTING: readonly Case[] = [
  [
    'the agent talks already, and the consulted agent rings',
    'Inbound',
    `${TALKING}, AgentRinging A, AgentRinging B`,
    `${TALKED}, ≠InitiateConsultant A>B, AgentRinging B`,
  ],
  [
    'the agent talks already, as its CallEstablished alone says',
    'Inbound',
    'AssignAgent A, AgentRinging A, CallEstablished A, AgentRinging A, AgentRinging B',
    'AssignAgent A, AgentRinging A, Established A, ≠InitiateConsultant A>B, AgentRinging B',
  ],
  [
    'it dialled a leg of call type Consult before',
    'Inbound',
    'Dialing A callType=Consult connectId=l2, AgentRinging A connectId=l2, AgentRinging B',
    'Dialing A, ≠InitiateConsultant A>B, AgentRinging B',
  ],
  [
    'it rang here before, and dialled a leg of call type Consult since; its AgentTalk never came',
    'Inbound',
    'Ringing A, AgentRinging A, Dialing A callType=Consult connectId=l2, AgentRinging A connectId=l2, AgentRinging B',
    'Ringing A, AgentRinging A, Dialing A, ≠InitiateConsultant A>B, AgentRinging B',
  ],
  [
    'it dials a leg of call type Consult after',
    'Inbound',
    'AgentRinging A connectId=l2, Dialing A callType=Consult connectId=l2, AgentRinging B',
    '≠InitiateConsultant A>B, Dialing A, AgentRinging B',
  ],
];

describe.each([false, true])('one connectId for the whole call: %s', (oneLeg) => {
  describe('AgentRinging becomes AgentDialing when', () => {
    it.each(DIALING)('%s', async (_, callType, legacy, current) => {
      expect(await told(legacy, { callType, oneLeg })).toEqual(list(current));
    });
  });
  describe('AgentRinging stays AgentRinging when', () => {
    it.each(RINGING)('%s', async (_, callType, legacy, current) => {
      expect(await told(legacy, { callType, oneLeg })).toEqual(list(current));
    });
  });
});

describe('AgentRinging becomes InitiateConsultant when', () => {
  it.each(CONSULTING)('%s', async (_, callType, legacy, current) => {
    expect(await told(legacy, { callType })).toEqual(list(current));
  });
});

describe('AgentRinging', () => {
  it('of the agent for whom a consultation waits stays AgentRinging', async () => {
    expect(await told('CallEstablished A, AgentRinging A, AgentRinging B', { callType: 'Inbound' })).toEqual(
      list('Established A, ≠InitiateConsultant A>B, AgentRinging B'),
    );
  });

  it('cites the event that decided it, wherever that stands', async () => {
    const before = await translate(legacyLines('Dialing A, AgentRinging A', { callType: 'Internal' }));
    expect(cited(outputOf(before, 'AgentDialing').evidence)).toEqual(['Dialing:1']);
    const after = await translate(legacyLines('AgentRinging A, AssignAgent A', { callType: 'Inbound' }));
    expect(cited(outputOf(after, 'AgentRinging').evidence)).toEqual(['AssignAgent:2']);
    const consult = await translate(legacyLines(`${TALKING}, AgentRinging A, Ringing B`, { callType: 'Inbound' }));
    expect(cited(outputOf(consult, 'InitiateConsultant').evidence)).toEqual(['AgentTalk:3', 'Ringing:5']);
  });

  it('without any evidence keeps its name when the wait runs out, and is marked', async () => {
    expect(await told('AgentRinging A')).toEqual(list('AgentRinging A …'));
    expect(await told('AgentRinging A, Ringing c @9000', { callType: 'Inbound' })).toEqual(list('AgentRinging A …, Ringing'));
  });

  it('of an agent who talks is InitiateConsultant without a counterparty when nobody rings within the wait, and is marked', async () => {
    expect(await told(`${TALKING}, AgentRinging A`, { callType: 'Inbound' })).toEqual(list(`${TALKED}, ≠InitiateConsultant A …`));
  });

  it('waits for evidence no longer than the hold time', async () => {
    const sequence = 'AgentRinging A @0, Dialing A @2900';
    expect(await told(sequence, { callType: 'Internal' })).toEqual(list('≠AgentDialing A, Dialing A'));
    expect(await told('AgentRinging A @0, AgentReady Z @3500, Dialing A @4000', { callType: 'Internal' })).toEqual(
      list('AgentRinging A …, AgentReady Z, Dialing A'),
    );
    expect(await told('AgentRinging A @0, AgentReady Z @3500, Dialing A @4000', { callType: 'Internal', with: { hold: 10_000 } })).toEqual(
      list('≠AgentDialing A, AgentReady Z, Dialing A'),
    );
  });
});

describe('a Dialing, Ringing or AssignAgent is evidence once:', () => {
  it('the Dialing of a first engagement does not make the second one AgentDialing', async () => {
    const first = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallReleased A, BlindTransfer A>B, AgentRinging B, AgentTalk B';
    expect(await told(`${first}, CallReleased B, BlindTransfer B>A, AgentRinging A, AgentTalk A`)).toEqual(
      list(
        '≠AgentDialing A, Dialing A, Ringing, AgentTalk A, +AgentRelease A, Released A, BlindTransfer A, AgentRinging B, AgentTalk B, +AgentRelease B, Released B, BlindTransfer B, AgentRinging A, AgentTalk A',
      ),
    );
  });

  it('the AssignAgent of a first engagement says nothing about a later one', async () => {
    const first = 'AssignAgent A, Ringing A, AgentRinging A, RingingTimeout A, CallReleased A';
    const translation = await translate(legacyLines(`${first}, AgentRinging A @60000`, { callType: 'Inbound' }));
    expect(marks(translation).at(-1)).toBe('AgentRinging A …');
    expect(outputOf(translation, 'AgentRinging', 1).evidence).toEqual([]);
    expect(await told(`${first}, AssignAgent A @60000, AgentRinging A @60100`, { callType: 'Inbound' })).toEqual(
      list('AssignAgent A, Ringing A, AgentRinging A, RingingTimeout A, Released A, AssignAgent A, AgentRinging A'),
    );
  });

  it('a blind transfer is evidence for its destination, not for another agent who rings meanwhile', async () => {
    const ids = createIdTable(['A', 'B', 'D'].map((name) => ({ kind: 'agent', legacy: `${name}@old`, current: `${name}@new` })));
    const sequence = 'AgentTalk B, CallReleased B, BlindTransfer B>D, AgentRinging A, AgentRinging D';
    const translation = await translate(legacyLines(sequence, { callType: 'Inbound' }), { ids });
    expect(marks(translation).slice(-2)).toEqual(list('AgentRinging A@new …, AgentRinging D@new'));
    const scenarios = translation.lines
      .map(fieldsOf)
      .flatMap(({ agentId, scenario }) => (scenario === undefined ? [] : [agentId, scenario]));
    expect(scenarios).toEqual(['D@new', 'BLIND_TRANSFER']);
  });

  it('a failed Dialing is no evidence', async () => {
    expect(await told('AgentRinging A, Dialing A result=1', { callType: 'Internal' })).toEqual(list('AgentRinging A …'));
  });

  it('evidence in another contact is none', async () => {
    const lines = [
      ...legacyLines('AgentRinging A', { contact: '1' }),
      ...legacyLines('Dialing A', { contact: '2', callType: 'Internal', start: START + 100 }),
    ];
    expect(marks(await translate(lines))).toEqual(list('AgentRinging A …, Dialing A'));
  });
});

describe("a customer's leg that carries an agentId", () => {
  it.each([false, true])('is told by its destination, so the agent is not rung by it (one connectId: %s)', async (oneLeg) => {
    const sequence = 'AgentRinging A, Ringing c>A, AgentTalk A, CallEstablished A, CallReleased A';
    expect(await told(sequence, { oneLeg })).toEqual(
      list('≠AgentDialing A, Ringing A, AgentTalk A, Established A, +AgentRelease A, Released A'),
    );
  });

  it('is told by its role: its release is not the release of the agent', async () => {
    const sequence =
      'AgentRinging A, Dialing A, Ringing c>A, AgentTalk A, CallEstablished A, CallEstablished c>A, CallReleased c>A, CallReleased A';
    expect(await told(sequence)).toEqual(
      list('≠AgentDialing A, Dialing A, Ringing A, AgentTalk A, Established A, Established A, Released A, +AgentRelease A, Released A'),
    );
  });

  it('in an inbound call is the leg that came through the IVR', async () => {
    const sequence =
      'Route2IVR c, Enqueue c, AssignAgent c>A, Ringing A, AgentRinging A, AgentTalk A, CallEstablished A, CallReleased c>A, CallReleased A';
    expect((await told(sequence, { callType: 'Inbound' })).slice(-3)).toEqual(list('Released A, +AgentRelease A, Released A'));
  });
});

it('an id that 1.0 writes in two ways is one agent: the table decides, not the spelling', async () => {
  const ids = createIdTable([{ kind: 'agent', legacy: 'A@old', current: 'alice@acme' }]);
  const lines = [
    legacyEvent('AgentRinging', { contactId: '1', connectId: '2', agentId: 'A@old' }),
    legacyEvent('Dialing', { contactId: '1', connectId: '2', callType: 'Internal', agentId: 'alice@acme' }, 100),
  ];
  expect(marks(await translate(lines, { ids }))).toEqual(list('≠AgentDialing alice@acme, Dialing alice@acme'));
});
