import { describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { legacyLines } from '../support/call.ts';
import { translate } from '../support/stream.ts';
import { expectBalance, fieldsOf, legacyEvent, timeAt } from '../support/told.ts';

/** Rules that need no memory (semantics, section 2): names, fields, times, ids, outcomes. */
const CALL = { contactId: '1', connectId: '2', callType: 'Inbound', caller: '13900000003', callee: '4008000004' };
const IDS = createIdTable([
  { kind: 'instance', legacy: 'i-old', current: 'acme' },
  { kind: 'agent', legacy: 'A@old', current: 'alice@acme' },
  { kind: 'agent', legacy: 'B@old', current: 'bob@acme' },
  { kind: 'skillGroup', legacy: 'g1', current: 'sales@acme' },
  { kind: 'skillGroup', legacy: 'g2', current: 'support@acme' },
]);

async function one(
  type: string,
  fields: Readonly<Record<string, unknown>>,
  options: Parameters<typeof translate>[1] = {},
): Promise<Record<string, unknown>> {
  const translation = await translate([legacyEvent(type, fields)], options);
  expectBalance(translation);
  expect(translation.lines.length).toBe(1);
  return fieldsOf(translation.lines[0]);
}

describe('names', () => {
  it.each([
    ['CallEstablished', 'Established'],
    ['CallReleased', 'Released'],
    ['CallHeld', 'Held'],
    ['CallRetrieved', 'Retrieved'],
    ['CallAbandoned', 'Abandoned'],
  ])('%s becomes %s', async (legacy, current) => {
    expect(await one(legacy, CALL)).toMatchObject({ eventType: current, channelId: '2', callType: 'INBOUND' });
  });

  it.each([
    ['Inbound', 'INBOUND'],
    ['Outbound', 'OUTBOUND'],
    ['Back2Back', 'BACK2BACK'],
    ['Internal', 'INTERNAL'],
    ['PredictiveDial', 'PREDICTIVE'],
    ['Consult', 'CONSULTANT'],
  ])('callType %s becomes %s', async (legacy, current) => {
    expect(await one('Dialing', { ...CALL, callType: legacy })).toMatchObject({ callType: current });
  });

  it('Call2RoutePoint has no counterpart: the field is left out, and counted', async () => {
    const { lines, translator } = await translate([legacyEvent('Dialing', { ...CALL, callType: 'Call2RoutePoint' })]);
    expect(lines[0]).not.toContain('callType');
    expect([...(translator.tally.counts.get('unknownValue') ?? [])].map(([name, { count }]) => `${name} ${count}`)).toEqual([
      'call-type: Call2RoutePoint 1',
    ]);
  });

  it.each([
    ['IVR', 'IVR'],
    ['Queuing', 'Queuing'],
    ['Ring', 'Ringing'],
  ])('abandonPhase %s becomes %s', async (legacy, current) => {
    expect(await one('CallAbandoned', { ...CALL, abandonPhase: legacy })).toMatchObject({ abandonPhase: current });
  });

  it('the misprint skillGrou is skillGroupId', async () => {
    expect(await one('AssignAgent', { ...CALL, skillGrou: 'g1' }, { ids: IDS })).toMatchObject({ skillGroupId: 'sales@acme' });
    expect(await one('RingingTimeout', { ...CALL, skillGrou: 'g1' }, { ids: IDS })).toMatchObject({ skillGroupId: 'sales@acme' });
  });

  it('whole records in PascalCase are the same events', async () => {
    const pascal = {
      ContactId: '1',
      ConnectId: '2',
      CallType: 'Inbound',
      Caller: '13900000003',
      Callee: '4008000004',
      AgentId: 'A@old',
      SkillGroupId: 'g1',
      InstanceId: 'i-old',
    };
    const camel = {
      contactId: '1',
      connectId: '2',
      callType: 'Inbound',
      caller: '13900000003',
      callee: '4008000004',
      agentId: 'A@old',
      skillGroupId: 'g1',
      instanceId: 'i-old',
    };
    expect((await translate([legacyEvent('Dialing', pascal)], { ids: IDS })).lines).toEqual(
      (await translate([legacyEvent('Dialing', camel)], { ids: IDS })).lines,
    );
  });

  it('the channelId of a TextStream is the audio track: the leg comes from connectId', async () => {
    const { lines, translator } = await translate([
      legacyEvent('TextStream', { ...CALL, channelId: '0', channelType: 'agent', text: 'hi' }),
    ]);
    expect(fieldsOf(lines[0])).toMatchObject({ channelId: '2', channelType: 'agent', text: 'hi' });
    expect(translator.tally.counts.get('droppedField')?.get('TextStream.channelId')?.count).toBe(1);
    const { lines: without } = await translate([legacyEvent('TextStream', { contactId: '1', channelId: '0', text: 'hi' })]);
    expect(without[0]).not.toContain('channelId');
  });
});

describe('values', () => {
  it('absent, null and empty values are left out', async () => {
    const { lines } = await translate([
      legacyEvent('Dialing', { ...CALL, agentId: null, skillGroupId: '', broker: null, extra: '', more: null }),
    ]);
    expect(lines).toEqual([
      `{"eventTime":"${timeAt(0)}","eventType":"Dialing","contactId":"1","channelId":"2","callType":"INBOUND","caller":"13900000003","callee":"4008000004"}`,
    ]);
  });

  it('a value that no rule touches leaves as it came, digit by digit', async () => {
    const line = `{"EventTime":"${timeAt(0)}","EventType":"Dialing","contactId":"1","caller":9007199254740993,"x":1.0,"y":1E400,"z":-0,"w":[1.50 , {"a":1e1}],"u":"\\u00e9\\/"}`;
    const { lines } = await translate([line]);
    expect(lines).toEqual([
      `{"eventTime":"${timeAt(0)}","eventType":"Dialing","contactId":"1","caller":9007199254740993,"x":1.0,"y":1E400,"z":-0,"w":[1.50 , {"a":1e1}],"u":"\\u00e9\\/"}`,
    ]);
  });

  it('a contactId that is a JSON number stays one, beyond 2^53 too, also where the context fills it in', async () => {
    const events = ['AgentRinging', 'Dialing', 'CallReleased'].map((EventType, at) =>
      JSON.stringify({ EventTime: timeAt(at), EventType, agentId: 'A', contactId: 0 }).replace(
        '"contactId":0',
        '"contactId":90071992547409931',
      ),
    );
    const { lines } = await translate(events);
    expect(lines.length).toBe(4);
    for (const line of lines) expect(line).toContain('"contactId":90071992547409931,'.replace(/,$/, ''));
    expect(lines.join('')).not.toContain('"90071992547409931"');
  });

  it('a key such as __proto__ is data', async () => {
    const line = `{"EventTime":"${timeAt(0)}","EventType":"Dialing","contactId":"__proto__","agentId":"constructor","__proto__":{"x":1},"toString":"y"}`;
    const { lines } = await translate([line, line.replace('Dialing', 'CallReleased').replace(timeAt(0), timeAt(1))]);
    expect(lines.length).toBe(3);
    expect(lines[0]).toBe(
      `{"eventTime":"${timeAt(0)}","eventType":"Dialing","contactId":"__proto__","agentId":"constructor","__proto__":{"x":1},"toString":"y"}`,
    );
    expect(lines[1]).toContain('"eventType":"AgentRelease"');
  });

  it.each([0, '0', null, '', undefined])('result %s means that it succeeded', async (result) => {
    expect(await one('AgentReady', { agentId: 'A@old', result })).toEqual({
      eventTime: timeAt(0),
      eventType: 'AgentReady',
      agentId: 'A@old',
    });
  });

  it.each([
    ['AgentReady', '1'],
    ['AgentReady', 1],
    ['AgentACW', '3'],
    ['Dialing', 'x'],
    ['AgentRinging', true],
  ])('%s with result %s is set aside: nothing happened', async (type, result) => {
    const translation = await translate([legacyEvent(type, { ...CALL, agentId: 'A@old', result })]);
    expectBalance(translation);
    expect(translation.outcomes.map(({ account, reason }) => [account, reason])).toEqual([['setAside', 'failed-operation']]);
    expect(translation.lines).toEqual([]);
  });

  it.each([
    ['result and remark', 'AgentReady', { result: '0', remark: 'r' }, ['AgentReady.result', 'AgentReady.remark']],
    ['breakReason', 'AgentBreak', { breakReason: 'lunch', breakCode: '1' }, ['AgentBreak.breakReason']],
    ['contactFlowName', 'Route2IVR', { ...CALL, contactFlowId: 'f', contactFlowName: 'main' }, ['Route2IVR.contactFlowName']],
    ['initiator', 'CallReleased', { ...CALL, initiator: '3' }, ['CallReleased.initiator']],
    ["a transfer's skillGroupIds", 'BlindTransfer', { ...CALL, skillGroupIds: 'g1' }, ['BlindTransfer.skillGroupIds']],
    ["a transfer's skillGroupIds", 'AttendedTransfer', { ...CALL, skillGroupIds: 'g1' }, ['AttendedTransfer.skillGroupIds']],
  ])('%s is dropped by decision and counted by name (%s)', async (_, type, fields, counted) => {
    const { lines, translator } = await translate([legacyEvent(type, fields)]);
    expect([...(translator.tally.counts.get('droppedField')?.keys() ?? [])].sort()).toEqual([...counted].sort());
    for (const name of counted) expect(lines[0]).not.toContain(`"${name.split('.')[1]}"`);
  });

  it('a dropped event is counted, and says why', async () => {
    const { outcomes } = await translate([legacyEvent('AgentACW', { agentId: 'A@old', contactId: '1' })]);
    expect(outcomes.map(({ account, reason }) => [account, reason])).toEqual([['dropped', 'dropped-by-mapping']]);
  });
});

describe('ids', () => {
  it('are translated wherever they stand, also in comma-separated lists', async () => {
    const all = { ...CALL, agentId: 'A@old', skillGroupIds: 'g1,g2', transferor: 'A@old', destination: 'B@old', instanceId: 'i-old' };
    expect(await one('BlindTransfer', all, { ids: IDS })).toMatchObject({
      agentId: 'alice@acme',
      originator: 'alice@acme',
      destination: 'bob@acme',
      instanceId: 'acme',
    });
    expect(await one('Ringing', { ...CALL, destination: 'B@old' }, { ids: IDS })).toMatchObject({ destination: 'bob@acme' });
    expect(await one('AgentReady', { agentId: 'A@old', skillGroupIds: 'g2,g1' }, { ids: IDS })).toMatchObject({
      skillGroupIds: 'support@acme,sales@acme',
    });
    expect(await one('Ringing', { ...CALL, destination: 'g1' }, { ids: IDS })).toMatchObject({ destination: 'sales@acme' });
  });

  it('numbers and extensions in their place stay, and are not counted', async () => {
    const { lines, translator } = await translate([legacyEvent('Ringing', { ...CALL, destination: '80001234' })], { ids: IDS });
    expect(fieldsOf(lines[0])).toMatchObject({ destination: '80001234' });
    expect(translator.tally.counts.get('unknownId')).toBeUndefined();
  });

  it('as counterparty are those of 2.0', async () => {
    const { lines } = await translate(legacyLines('CallEstablished A, AgentRinging A, AgentRinging B'), { ids: IDS });
    expect(fieldsOf(lines[1])).toMatchObject({ agentId: 'alice@acme', counterparty: 'bob@acme' });
  });

  it('that the table lacks are kept and counted by kind with their first place', async () => {
    const lines = [
      legacyEvent('AgentReady', { agentId: 'Z@old', skillGroupIds: 'g1,g9' }),
      legacyEvent('AgentBreak', { agentId: 'Z@old' }, 1),
    ];
    const translation = await translate(lines, { ids: IDS });
    expect(fieldsOf(translation.lines[0])).toMatchObject({ agentId: 'Z@old', skillGroupIds: 'sales@acme,g9' });
    expect([...(translation.translator.tally.counts.get('unknownId') ?? [])]).toEqual([
      ['skillGroup g9', { count: 1, source: 0, offset: 0, line: 1 }],
      ['agent Z@old', { count: 2, source: 0, offset: 0, line: 1 }],
    ]);
  });
});
