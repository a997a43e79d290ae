import { describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { legacyLines } from '../support/call.ts';
import { textOf, translate } from '../support/stream.ts';
import { fieldsOf, legacyEvent, list, marks, outputOf, timeAt } from '../support/told.ts';

/** Call records and recordings (semantics, section 3, "Call records"): what the context adds to them. */
const RECORD = 'CDRReady c @90000';

async function recordOf(sequence: string, callType = 'Outbound'): Promise<Record<string, unknown>> {
  return fieldsOf(textOf(outputOf(await translate(legacyLines(`${sequence}, ${RECORD}`, { callType })), 'CDRReady')));
}

const DIALLED = 'AgentRinging A @1000, Dialing A @2000, Ringing c @3000';
const CAME_IN = 'Route2IVR c @1000, Enqueue c @2000';
const RANG = `${CAME_IN}, AssignAgent A @3000, Ringing A @3100, AgentRinging A @3200`;

describe('CDRReady', () => {
  it('of an outbound call: from its Dialing, established with the customer, to the last Released', async () => {
    const sequence = `${DIALLED}, AgentTalk A @4000, CallEstablished A @4100, CallEstablished c @5000, CallReleased c @9000, CallReleased A @9500`;
    const { startTime, establishedTime, endTime, dispositionCode, agentIds } = await recordOf(sequence);
    expect({ startTime, establishedTime, endTime, dispositionCode, agentIds }).toEqual({
      startTime: timeAt(2000),
      establishedTime: timeAt(5000),
      endTime: timeAt(9500),
      dispositionCode: 'Success',
      agentIds: 'A@old',
    });
  });

  it('of an inbound call: from Route2IVR, established with the first agent', async () => {
    const sequence = `${RANG}, AgentTalk A @4000, CallEstablished A @4100, CallReleased A @9000, BlindTransfer A>B @9100, AgentRinging B @9200, Ringing B @9300, CallEstablished B @9400, CallReleased B @9600, CallReleased c @9700`;
    expect(await recordOf(sequence, 'Inbound')).toMatchObject({
      startTime: timeAt(1000),
      establishedTime: timeAt(4100),
      endTime: timeAt(9700),
      dispositionCode: 'Success',
      agentIds: 'A@old,B@old',
    });
  });

  it('of an internal call: established when the second party came up', async () => {
    const sequence =
      'AgentRinging A @1000, Dialing A @1100, Ringing B @2000, AgentRinging B @2100, CallEstablished B @3000, CallEstablished A @3050, CallReleased B @5000, CallReleased A @5100';
    expect(await recordOf(sequence, 'Internal')).toMatchObject({
      startTime: timeAt(1100),
      establishedTime: timeAt(3050),
      dispositionCode: 'Success',
      agentIds: 'A@old,B@old',
    });
  });

  it('of a double call: from the centre’s Dialing, established when the second customer came up, without agents', async () => {
    const sequence =
      'Dialing z @1000, Ringing x @2000, Ringing y @3000, CallEstablished x @4000, CallEstablished y @4100, CallReleased y @5000, CallReleased x @5100';
    const record = await recordOf(sequence, 'Back2Back');
    expect(record).toMatchObject({
      startTime: timeAt(1000),
      establishedTime: timeAt(4100),
      endTime: timeAt(5100),
      dispositionCode: 'Success',
    });
    expect(Object.keys(record)).not.toContain('agentIds');
  });

  it.each([
    ['AbandonedInContactFlow', 'CallAbandoned c abandonPhase=IVR', 'Inbound', CAME_IN],
    ['AbandonedInQueue', 'CallAbandoned c abandonPhase=Queuing', 'Inbound', CAME_IN],
    ['AbandonedInQueue', 'QueueingTimeout c', 'Inbound', CAME_IN],
    ['AbandonedRing', 'CallAbandoned c abandonPhase=Ring', 'Inbound', RANG],
    ['AbandonedRing', 'RingingTimeout A, CallReleased A', 'Inbound', RANG],
    ['AbandonedInQueue', 'RingingTimeout A, CallReleased A, CallAbandoned c abandonPhase=Queuing', 'Inbound', RANG],
    ['Success', 'RingingTimeout A, CallReleased A, AgentRinging B, Ringing B, CallEstablished B, CallReleased B', 'Inbound', RANG],
    ['Reject', 'CallReleased c releaseReason=603:DECLINE, CallReleased A', 'Outbound', DIALLED],
    ['Reject', 'CallReleased c releaseReason=486-Busy, CallReleased A', 'Outbound', DIALLED],
    ['NoAnswer', 'CallReleased c releaseReason=480:GONE, CallReleased A', 'Outbound', DIALLED],
    ['NoAnswer', 'CallReleased A releaseReason=603:DECLINE, CallReleased c', 'Outbound', DIALLED],
    ['NoAnswer', 'CallReleased c, CallReleased A', 'Outbound', DIALLED],
    ['Reject', 'CallReleased B releaseReason=603:DECLINE, CallReleased A', 'Internal', 'Dialing A, Ringing B, AgentRinging B'],
    ['NoAnswer', 'CallReleased A releaseReason=603:DECLINE, CallReleased B', 'Internal', 'Dialing A, Ringing B, AgentRinging B'],
  ])('says %s after: %s (%s)', async (code, end, callType, begin) => {
    expect(await recordOf(`${begin}, ${end.replaceAll(':', '-')}, CallReleased c`, callType)).toMatchObject({ dispositionCode: code });
  });

  it('of a call that nobody answered has no establishedTime', async () => {
    expect(Object.keys(await recordOf(`${DIALLED}, CallReleased c, CallReleased A`))).not.toContain('establishedTime');
  });

  it('lists agents and groups of every leg in order of appearance, also of one who only rang', async () => {
    const sequence = `${CAME_IN}, AssignAgent B, Ringing B skillGroupId=g2, AgentRinging B, RingingTimeout B, CallReleased B, Ringing A skillGroupId=g1, AgentRinging A, CallEstablished A skillGroupId=g1, CallReleased A, CallReleased c`;
    expect(await recordOf(sequence, 'Inbound')).toMatchObject({ agentIds: 'B@old,A@old', skillGroupIds: 'g2,g1' });
  });

  it('adds its own single agent and group, first if unseen', async () => {
    const base = `${DIALLED.replace('Dialing A', 'Dialing A skillGroupId=g1')}, CallReleased c, CallReleased A`;
    const translation = await translate(legacyLines(`${base}, CDRReady c agentId=Z@old skillGroupId=gz @90000`));
    expect(fieldsOf(translation.lines.at(-1))).toMatchObject({ agentIds: 'Z@old,A@old', skillGroupIds: 'gz,g1' });
    const known = await translate(legacyLines(`${base}, CDRReady c agentId=A@old skillGroupId=g1 @90000`));
    expect(fieldsOf(known.lines.at(-1))).toMatchObject({ agentIds: 'A@old', skillGroupIds: 'g1' });
  });

  it('of a call of which nothing is known gets nothing made up', async () => {
    const { lines } = await translate([
      legacyEvent('CDRReady', { contactId: '1', connectId: '2', caller: '13900000003', callee: '4008000004' }, 400),
    ]);
    expect(lines).toEqual([
      '{"eventTime":"2021-04-14T02:00:00.400Z","eventType":"CDRReady","contactId":"1","channelId":"2","caller":"13900000003","callee":"4008000004"}',
    ]);
  });

  it('that comes before the last Released waits for it, so that it has the end', async () => {
    const translation = await translate(legacyLines(`${DIALLED}, CallReleased c, CDRReady c, CallReleased A`));
    expect(marks(translation).slice(-3)).toEqual(list('CDRReady, +AgentRelease A, Released A'));
    expect(fieldsOf(textOf(outputOf(translation, 'CDRReady')))).toMatchObject({ endTime: timeAt(4200) });
  });

  it('of an older dump keeps the times, agents and group names that it brings', async () => {
    const ids = createIdTable([
      { kind: 'agent', legacy: 'A@old', current: 'alice@acme' },
      { kind: 'skillGroup', legacy: 'g1', current: 'sales@acme' },
    ]);
    const brought = { ContactId: '100', ConnectId: 'x', CallType: 'Outbound', AgentIds: 'A@old', SkillGroupIds: 'Sales,售后' };
    const times = { StartTime: '2021-04-14 10:00:00', EndTime: 1618365605123, Duration: 5 };
    const { lines, translator } = await translate(
      [...legacyLines(`${DIALLED}, CallReleased c, CallReleased A`), legacyEvent('CDRReady', { ...brought, ...times }, 90_000)],
      { ids },
    );
    const record = fieldsOf(lines.at(-1));
    expect(record).toMatchObject({ startTime: '2021-04-14T02:00:00.000Z', endTime: '2021-04-14T02:00:05.123Z', agentIds: 'alice@acme' });
    expect(record).toMatchObject({ skillGroupIds: 'Sales,售后' });
    expect([...(translator.tally.counts.get('unknownId')?.keys() ?? [])]).toEqual(['instance inst', 'skillGroup gA']);
  });
});

describe.each(['RecordingReady', 'DualTrackRecordingReady'])('%s', (type) => {
  it('gets start, end and agents of its call and the call form, and loses its skill group, counted', async () => {
    const sequence = `${DIALLED}, CallEstablished A @4000, CallEstablished c @4100, CallReleased c @9000, CallReleased A @9100, ${type} c agentId=A@old skillGroupId=g1 @90000`;
    const { lines, translator } = await translate(legacyLines(sequence));
    expect(lines.at(-1)).toBe(
      `{"eventTime":"${timeAt(90_000)}","eventType":"${type}","instanceId":"inst","contactId":"100","callType":"OUTBOUND","caller":"01088880100",` +
        `"callee":"13900000000","broker":"01088880100","startTime":"${timeAt(2000)}","endTime":"${timeAt(9100)}","agentIds":"A@old",` +
        '"fileName":"r.wav","downloadURL":"https://x/r.wav"}',
    );
    expect(translator.tally.counts.get('droppedField')?.get(`${type}.skillGroupId`)?.count).toBe(1);
  });

  it('of an older dump: Url serves where DownloadURL is missing, and is counted where it is not taken', async () => {
    const base = { ContactId: '1', FileName: 'a.wav', StartTime: '2021-04-14T02:00:00Z', EndTime: '2021-04-14T02:01:00+00:00' };
    const lines = [
      legacyEvent(type, { ...base, Url: 'http://u' }, 0),
      legacyEvent(type, { ...base, Url: 'http://u', DownloadURL: 'http://d' }, 1),
    ];
    const translation = await translate(lines);
    expect(translation.lines.map((line) => fieldsOf(line))).toEqual([
      expect.objectContaining({
        fileName: 'a.wav',
        downloadURL: 'http://u',
        startTime: '2021-04-14T02:00:00.000Z',
        endTime: '2021-04-14T02:01:00.000Z',
      }),
      expect.objectContaining({ downloadURL: 'http://d' }),
    ]);
    expect(translation.lines.join('')).not.toMatch(/"[Uu]rl"/);
    expect(translation.translator.tally.counts.get('droppedField')?.get(`${type}.Url`)?.count).toBe(1);
  });
});

describe.each([
  ['CallHeld', 'heldChannelId'],
  ['CallRetrieved', 'retrievedChannelId'],
])('%s', (type, field) => {
  it.each([
    ['an outbound call', DIALLED, 'Outbound', 'leg-100-c'],
    ['an inbound call', RANG, 'Inbound', 'leg-100-c'],
    ["a customer's leg with an agentId", 'AgentRinging A, Dialing A, Ringing c>A', 'Outbound', 'leg-100-c'],
    ['a call whose customer only came up', 'Dialing A, CallEstablished c', 'Outbound', 'leg-100-c'],
    ['a call of which only the agent was seen: unknown, left out', 'Dialing A', 'Outbound', undefined],
    ['a call without any other event: unknown, left out', '', 'Outbound', undefined],
  ])(`of the agent names the customer's leg in %s`, async (_, begin, callType, leg) => {
    const { lines } = await translate(legacyLines(`${begin}, ${type} A`, { callType }));
    expect(fieldsOf(lines.at(-1))[field]).toBe(leg);
  });

  it('names the one leg where a call has one', async () => {
    const { lines } = await translate(legacyLines(`${DIALLED}, ${type} A`, { oneLeg: true }));
    expect(fieldsOf(lines.at(-1))).toMatchObject({ channelId: 'leg-100', [field]: 'leg-100' });
  });

  it('names the customer, not a number outside that is consulted meanwhile', async () => {
    const { lines } = await translate(legacyLines(`${DIALLED}, CallEstablished A, AgentRinging A, Ringing x destination=138, ${type} A`));
    expect(fieldsOf(lines.at(-1))[field]).toBe('leg-100-c');
  });
});
