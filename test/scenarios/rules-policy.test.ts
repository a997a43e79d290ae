import { describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { contactIdOp } from '../../src/mapping/compile.ts';
import type { Policies } from '../../src/mapping/model.ts';
import { legacyLines } from '../support/call.ts';
import { mappingNamed, textOf, translate } from '../support/stream.ts';
import { expectBalance, fieldsOf, legacyEvent, list, marks, outputOf, timeAt, translateBy } from '../support/told.ts';

/** What the mapping leaves to policies, which version an event is, the forms of time, and the newer profile (semantics, section 2). */
const CALL = { contactId: '1', connectId: '2', callType: 'Inbound', caller: '13900000003', callee: '4008000004', broker: '13900000005' };
const IDS = createIdTable([
  { kind: 'instance', legacy: 'i-old', current: 'acme' },
  { kind: 'agent', legacy: 'A@old', current: 'alice@acme' },
  { kind: 'skillGroup', legacy: 'g1', current: 'sales@acme' },
]);

async function withPolicies(policies: Partial<Policies>, lines: readonly string[]): ReturnType<typeof translate> {
  const mapping = await mappingNamed('ccc-2.0');
  const translation = await translateBy({ mapping: { ...mapping, policies: { ...mapping.policies, ...policies } }, ids: IDS }, lines);
  expectBalance(translation);
  return translation;
}

describe('policies', () => {
  const odd = legacyEvent('Dialing', { ...CALL, colour: 'red', 'a b': [1] });

  it('an unknown field is kept under its own name, and counted', async () => {
    const { lines, translator } = await withPolicies({}, [odd]);
    expect(fieldsOf(lines[0])).toMatchObject({ colour: 'red', 'a b': [1] });
    expect([...(translator.tally.counts.get('unknownField')?.keys() ?? [])]).toEqual(['Dialing.colour', 'Dialing.a b']);
  });

  it('an unknown field can be dropped, and is counted all the same', async () => {
    const { lines, translator } = await withPolicies({ unknownField: 'drop' }, [odd]);
    expect(lines[0]).not.toContain('red');
    expect([...(translator.tally.counts.get('unknownField')?.keys() ?? [])]).toEqual(['Dialing.colour', 'Dialing.a b']);
  });

  const unknown = legacyEvent('CallPaused', { contactId: '1', x: 1.5 });

  it('an unknown type goes to the dead letters, and is counted', async () => {
    const { outcomes, lines, translator } = await withPolicies({}, [unknown]);
    expect(outcomes.map(({ account, reason }) => [account, reason])).toEqual([['deadLetters', 'unknown-type']]);
    expect(outcomes[0]?.message).toContain('CallPaused');
    expect(lines).toEqual([]);
    expect(translator.tally.counts.get('unknownType')?.get('CallPaused')?.count).toBe(1);
  });

  it('an unknown type can pass through as it came', async () => {
    expect((await withPolicies({ unknownType: 'pass' }, [unknown])).lines).toEqual([unknown]);
  });

  it('an event with an id that the table lacks can go to the dead letters', async () => {
    const events = [
      legacyEvent('AgentReady', { agentId: 'Z@old' }),
      legacyEvent('AgentReady', { agentId: 'A@old', skillGroupIds: 'g1,g9' }, 1),
      legacyEvent('AgentReady', { agentId: 'A@old', skillGroupIds: 'g1' }, 2),
    ];
    const { outcomes } = await withPolicies({ unknownId: 'dead-letter' }, events);
    expect(outcomes.map(({ account, reason }) => [account, reason])).toEqual([
      ['deadLetters', 'unknown-id'],
      ['deadLetters', 'unknown-id'],
      ['translated', undefined],
    ]);
    expect(outcomes.map(({ message }) => message?.split(' ').slice(-2).join(' '))).toEqual(['agent Z@old', 'skillGroup g9', undefined]);
  });

  it('with dead letters for unknown ids a number or an extension is still no id', async () => {
    const { outcomes } = await withPolicies({ unknownId: 'dead-letter' }, [legacyEvent('Ringing', { ...CALL, destination: '80001234' })]);
    expect(outcomes[0]?.account).toBe('translated');
  });

  it('a contactId template makes the ids of 2.0, in synthesized events too', async () => {
    const mapping = await mappingNamed('ccc-2.0');
    const lines = legacyLines('Dialing A, AgentRinging A, CallReleased A, CDRReady c');
    const translation = await translateBy({ mapping: { ...mapping, contactId: contactIdOp('job-{contactId}') } }, lines);
    expect(translation.lines.map((line) => fieldsOf(line)).map(({ eventType, contactId }) => `${eventType} ${contactId}`)).toEqual(
      list('Dialing job-100, AgentDialing job-100, AgentRelease job-100, Released job-100, CDRReady job-100'),
    );
  });
});

describe('the version of an event', () => {
  const current = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify({ eventTime: timeAt(0), ...fields });
  const kindOf = async (line: string, policies: Partial<Policies> = {}): Promise<string | undefined> =>
    (await withPolicies(policies, [line])).outputs[0]?.kind;

  it.each([
    ['PascalCase EventType', legacyEvent('Dialing', { channelId: 'x' })],
    ['connectId', current({ eventType: 'Dialing', connectId: '1', callType: 'INBOUND' })],
    ['result', current({ eventType: 'AgentReady', result: '0', agentId: 'alice@acme' })],
    ['a name that only 1.0 has', current({ eventType: 'CallReleased', contactId: '1' })],
    ['a call type as only 1.0 spells it', current({ eventType: 'Dialing', callType: 'Inbound', contactId: '1' })],
    ['nothing of either', current({ eventType: 'Dialing', contactId: '1' })],
    ['the channelId of a TextStream, which proves nothing', current({ eventType: 'TextStream', channelId: '0', contactId: '1' })],
  ])('is 1.0 by %s', async (_, line) => {
    expect(await kindOf(line)).toBe('renamed');
  });

  it.each([
    ['channelId', current({ eventType: 'Dialing', channelId: 'x' })],
    ['a name that only 2.0 has', current({ eventType: 'AgentRelease', agentId: 'a' })],
    ['an upper-case call type', current({ eventType: 'Dialing', callType: 'INBOUND' })],
    ['a contactId job-…', current({ eventType: 'Dialing', contactId: 'job-1' })],
    ["an instance of the table's current column", current({ eventType: 'AgentReady', instanceId: 'acme' })],
    ["an agent of the table's current column", current({ eventType: 'AgentReady', agentId: 'alice@acme' })],
    ["a skill group of the table's current column", current({ eventType: 'Dialing', skillGroupId: 'sales@acme' })],
  ])('is 2.0 by %s', async (_, line) => {
    expect(await kindOf(line)).toBe('copied');
  });

  it('can be said to be 2.0 where neither shows', async () => {
    expect(await kindOf(current({ eventType: 'Dialing', contactId: '1' }), { undecidedVersion: 'current' })).toBe('copied');
  });
});

describe('eventTime', () => {
  it.each([
    ['UTC with milliseconds', '2021-04-14T02:00:00.123Z', '2021-04-14T02:00:00.123Z'],
    ['UTC without fraction', '2021-04-14T02:00:00Z', '2021-04-14T02:00:00.000Z'],
    ['an offset', '2021-04-14T10:00:00.5+08:00', '2021-04-14T02:00:00.500Z'],
    ['no zone: Asia/Shanghai', '2021-04-14 10:00:00.001', '2021-04-14T02:00:00.001Z'],
    ['a number: milliseconds', 1618365600001, '2021-04-14T02:00:00.001Z'],
    ['a number below 10^11: seconds', 1618365600, '2021-04-14T02:00:00.000Z'],
  ])('of %s becomes UTC, ISO 8601, milliseconds', async (_, EventTime, eventTime) => {
    const { lines } = await translate([JSON.stringify({ EventTime, EventType: 'AgentReady', agentId: 'a' })]);
    expect(lines).toEqual([`{"eventTime":"${eventTime}","eventType":"AgentReady","agentId":"a"}`]);
  });

  it('without a zone is read in the configured one', async () => {
    const line = JSON.stringify({ EventTime: '2021-04-14 10:00:00', EventType: 'AgentReady' });
    expect((await translate([line], { timeZone: 'Europe/Berlin' })).lines[0]).toContain('2021-04-14T08:00:00.000Z');
  });

  it.each([
    ['no-time', '{"EventType":"AgentReady"}'],
    ['no-time', '{"EventType":"AgentReady","EventTime":""}'],
    ['no-time', '{"EventType":"AgentReady","EventTime":null}'],
    ['bad-time', '{"EventType":"AgentReady","EventTime":"yesterday"}'],
    ['bad-time', '{"EventType":"AgentReady","EventTime":{}}'],
    ['bad-time', '{"EventType":"AgentReady","EventTime":"2021-02-30T00:00:00Z"}'],
    ['no-type', `{"EventTime":"${timeAt(0)}"}`],
    ['no-type', `{"EventTime":"${timeAt(0)}","EventType":7}`],
    ['no-type', `{"EventTime":"${timeAt(0)}","EventType":""}`],
    ['no-type', '{}'],
  ])('%s: %s is a dead letter with that reason', async (reason, line) => {
    const translation = await translate([line]);
    expectBalance(translation);
    expect(translation.outcomes.map((outcome) => [outcome.account, outcome.reason])).toEqual([['deadLetters', reason]]);
  });
});

describe('profile ccc-2.0-current', () => {
  const asNow = (lines: readonly string[]): ReturnType<typeof translate> => translate(lines, { mapping: 'ccc-2.0-current', ids: IDS });

  it('makes RingingTimeout an AgentRingingTimeout in agent form, without the numbers, counted', async () => {
    const event = legacyEvent('RingingTimeout', { ...CALL, agentId: 'A@old', skillGrou: 'g1', instanceId: 'i-old' });
    const translation = await asNow([event]);
    expect(translation.lines).toEqual([
      `{"eventTime":"${timeAt(0)}","eventType":"AgentRingingTimeout","instanceId":"acme","agentId":"alice@acme","contactId":"1","channelId":"2",` +
        '"callType":"INBOUND","skillGroupId":"sales@acme","mediaType":"AUDIO"}',
    ]);
    expect([...(translation.translator.tally.counts.get('droppedField')?.keys() ?? [])]).toEqual([
      'RingingTimeout.caller',
      'RingingTimeout.callee',
      'RingingTimeout.broker',
    ]);
    const before = await translate([event], { ids: IDS });
    expect(before.outputs[0]?.type).toBe('RingingTimeout');
  });

  it('says mediaType AUDIO on call and agent-call events, synthesized ones too, and nowhere else', async () => {
    const translation = await asNow(
      legacyLines('Dialing A, AgentRinging A, AgentTalk A, CallReleased A, AgentReady A, CDRReady c, RecordingReady c'),
    );
    expect(translation.outputs.filter((output) => textOf(output).includes('"mediaType":"AUDIO"')).map(({ type }) => type)).toEqual(
      list('Dialing, AgentDialing, AgentTalk, AgentRelease, Released'),
    );
    expect((await translate(legacyLines('Dialing A'))).lines[0]).not.toContain('mediaType');
  });

  it('keeps initiator as releaseInitiator, an id of the table included', async () => {
    const event = (initiator: string, at: number): string => legacyEvent('CallReleased', { ...CALL, initiator }, at);
    const { lines } = await asNow([event('3', 0), event('A@old', 1)]);
    expect(lines.map(fieldsOf).map(({ releaseInitiator }) => releaseInitiator)).toEqual(['3', 'alice@acme']);
    expect((await translate([event('3', 0)])).lines[0]).not.toContain('nitiator');
  });

  it.each([
    ['CallAbandoned c abandonPhase=Ring', 'AbandonedInRing', 'AbandonedRing'],
    ['CallAbandoned c abandonPhase=IVR', 'AbandonedInIVR', 'AbandonedInContactFlow'],
    ['CallAbandoned c abandonPhase=Queuing', 'AbandonedInQueue', 'AbandonedInQueue'],
  ])('after %s the disposition is %s, in the older profile %s', async (end, now, before) => {
    const lines = legacyLines(`Route2IVR c, ${end}, CallReleased c, CDRReady c`, { callType: 'Inbound' });
    expect(fieldsOf(textOf(outputOf(await asNow(lines), 'CDRReady')))).toMatchObject({ dispositionCode: now });
    expect(fieldsOf(textOf(outputOf(await translate(lines), 'CDRReady')))).toMatchObject({ dispositionCode: before });
  });

  it('decides types as the older profile does', async () => {
    const lines = legacyLines('AgentRinging A, Dialing A, AgentTalk A, AgentRinging A, Ringing B, AgentRinging B, CallReleased A');
    expect(marks(await asNow(lines))).toEqual(marks(await translate(lines, { ids: IDS })));
  });
});
