import { describe, expect, it } from 'vitest';
import { legacyLines } from '../support/call.ts';
import { textOf, translate } from '../support/stream.ts';
import { cited, fieldsOf, list, marks, outputOf, told } from '../support/told.ts';

/** Consultations (semantics, section 3): whose leg, when they start, and every way in which they end. */
const TALKING = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallEstablished A, CallEstablished c';
const TALKED = '≠AgentDialing A, Dialing A, Ringing, AgentTalk A, Established A, Established';
const CONSULTING = `${TALKING}, AgentRinging A, Ringing B, AgentRinging B, AgentTalk B, CallEstablished B, AgentTalk A`;
const CONSULTED = `${TALKED}, ≠InitiateConsultant A>B, Ringing B, AgentRinging B, AgentTalk B, Established B, ≠StartConsultant A>B`;

describe.each([false, true])('one connectId for the whole call: %s', (oneLeg) => {
  it('a consultation that ends in a transfer stops with the AttendedTransfer, at its time', async () => {
    const translation = await translate(legacyLines(`${CONSULTING}, CallReleased A, AttendedTransfer A>B`, { oneLeg }));
    expect(marks(translation)).toEqual(list(`${CONSULTED}, +AgentRelease A, Released A, AttendedTransfer A, +StopConsultant A>B`));
    const stop = outputOf(translation, 'StopConsultant');
    expect(stop.time).toBe(outputOf(translation, 'AttendedTransfer').time);
    expect(cited(stop.evidence)).toEqual(['AttendedTransfer:14', 'AgentRinging:7']);
  });

  it('an AttendedTransfer that comes before the release ends it too, once', async () => {
    expect(await told(`${CONSULTING}, AttendedTransfer A>B, CallReleased A, AgentACW A`, { oneLeg })).toEqual(
      list(`${CONSULTED}, AttendedTransfer A, +StopConsultant A>B, +AgentRelease A, Released A`),
    );
  });

  it('without an AttendedTransfer the release of the consulting agent ends it when the wait runs out', async () => {
    expect(await told(`${CONSULTING}, CallReleased A, AgentReady A @60000`, { oneLeg })).toEqual(
      list(`${CONSULTED}, +AgentRelease A, Released A, +StopConsultant A>B …, AgentReady A`),
    );
  });

  it('given up: it ends with the release of the consulted agent, and the consulting agent goes on', async () => {
    expect(await told(`${CONSULTING}, CallReleased B, AgentACW B, CallReleased c, CallReleased A`, { oneLeg })).toEqual(
      list(`${CONSULTED}, +AgentRelease B, Released B, +StopConsultant A>B, Released, +AgentRelease A, Released A`),
    );
  });

  it('not answered: the consulted agent only rang and is not released', async () => {
    const sequence = `${TALKING}, AgentRinging A, AgentRinging B, Ringing B, CallReleased B, CallReleased c, CallReleased A`;
    expect(await told(sequence, { oneLeg })).toEqual(
      list(
        `${TALKED}, ≠InitiateConsultant A>B, AgentRinging B, Ringing B, Released B, +StopConsultant A>B, Released, +AgentRelease A, Released A`,
      ),
    );
  });

  it('two in one call with the same agent are two', async () => {
    const again =
      'AgentRinging A, Ringing B, AgentRinging B, AgentTalk B, CallEstablished B, AgentTalk A, CallReleased A, AttendedTransfer A>B, CallReleased B';
    expect(await told(`${CONSULTING}, CallReleased B, AgentACW B, ${again}`, { oneLeg })).toEqual(
      list(
        `${CONSULTED}, +AgentRelease B, Released B, +StopConsultant A>B, ≠InitiateConsultant A>B, Ringing B, AgentRinging B, AgentTalk B, Established B, ` +
          '≠StartConsultant A>B, +AgentRelease A, Released A, AttendedTransfer A, +StopConsultant A>B, +AgentRelease B, Released B',
      ),
    );
  });

  it('when the customer hangs up meanwhile it goes on until the agents part', async () => {
    expect(await told(`${CONSULTING}, CallReleased c, CallReleased A, CallReleased B`, { oneLeg })).toEqual(
      list(`${CONSULTED}, Released, +AgentRelease A, Released A, +StopConsultant A>B …, +AgentRelease B, Released B`),
    );
    expect(await told(`${CONSULTING}, CallReleased c, CallReleased B, CallReleased A`, { oneLeg })).toEqual(
      list(`${CONSULTED}, Released, +AgentRelease B, Released B, +StopConsultant A>B, +AgentRelease A, Released A`),
    );
  });

  it('with a number outside is with the destination of the next Ringing', async () => {
    const sequence = `${TALKING}, AgentRinging A, Ringing 13800001111, AgentTalk A, CallReleased A, AttendedTransfer A>13800001111`;
    expect(await told(sequence, { oneLeg })).toEqual(
      list(
        `${TALKED}, ≠InitiateConsultant A>13800001111, Ringing, ≠StartConsultant A>13800001111, +AgentRelease A, Released A, AttendedTransfer A, ` +
          '+StopConsultant A>13800001111',
      ),
    );
  });

  it('the second AgentTalk starts it, further ones are AgentTalk', async () => {
    expect(await told(`${CONSULTING}, AgentTalk A`, { oneLeg })).toEqual(list(`${CONSULTED}, AgentTalk A`));
  });

  it('that only the AgentACW of the consulting agent ends is stopped behind its AgentRelease, both marked', async () => {
    expect(await told(`${CONSULTING}, AgentACW A, AgentReady A @60000`, { oneLeg })).toEqual(
      list(`${CONSULTED}, +AgentRelease A …, +StopConsultant A>B …, AgentReady A`),
    );
  });
});

describe('a leg of its own', () => {
  const OWN = `${TALKING}, AgentRinging A connectId=l2, Ringing B, AgentRinging B, AgentTalk B, CallEstablished B, AgentTalk A connectId=l2`;

  it('first seen when the consultation begins: its release ends the consultation, not the engagement', async () => {
    const sequence = `${OWN}, CallReleased A connectId=l2, CallReleased B, CallReleased c, CallReleased A`;
    expect(await told(sequence)).toEqual(
      list(`${CONSULTED}, Released A, +StopConsultant A>B …, +AgentRelease B, Released B, Released, +AgentRelease A, Released A`),
    );
  });

  it('is the channel of all three consultant events', async () => {
    const { lines } = await translate(legacyLines(`${OWN}, CallReleased A, AttendedTransfer A>B`));
    const channels = lines.map(fieldsOf).filter(({ eventType }) => String(eventType).endsWith('Consultant'));
    expect(channels.map(({ eventType, channelId }) => [eventType, channelId])).toEqual([
      ['InitiateConsultant', 'l2'],
      ['StartConsultant', 'l2'],
      ['StopConsultant', 'l2'],
    ]);
  });

  it('of call type Consult: its Dialing and Established are translated like any other, CONSULTANT where 1.0 says so', async () => {
    const sequence =
      `${TALKING}, AgentRinging A connectId=l2, Dialing A connectId=l2 callType=Consult, Ringing B callType=Consult, AgentRinging B, ` +
      'AgentTalk B, CallEstablished B callType=Consult, AgentTalk A connectId=l2, CallEstablished A connectId=l2 callType=Consult, ' +
      'CallReleased A connectId=l2 callType=Consult, CallReleased B callType=Consult, CallReleased c, CallReleased A';
    const translation = await translate(legacyLines(sequence));
    expect(marks(translation)).toEqual(
      list(
        `${TALKED}, ≠InitiateConsultant A>B, Dialing A, Ringing B, AgentRinging B, AgentTalk B, Established B, ≠StartConsultant A>B, Established A, ` +
          'Released A, +StopConsultant A>B …, +AgentRelease B, Released B, Released, +AgentRelease A, Released A',
      ),
    );
    const callTypes = translation.lines.map(fieldsOf).map(({ eventType, agentId, callType }) => `${eventType} ${agentId}: ${callType}`);
    expect(callTypes.slice(6)).toEqual([
      'InitiateConsultant A@old: OUTBOUND',
      'Dialing A@old: CONSULTANT',
      'Ringing B@old: CONSULTANT',
      'AgentRinging B@old: OUTBOUND',
      'AgentTalk B@old: OUTBOUND',
      'Established B@old: CONSULTANT',
      'StartConsultant A@old: OUTBOUND',
      'Established A@old: CONSULTANT',
      'Released A@old: CONSULTANT',
      'StopConsultant A@old: OUTBOUND',
      'AgentRelease B@old: OUTBOUND',
      'Released B@old: CONSULTANT',
      'Released undefined: OUTBOUND',
      'AgentRelease A@old: OUTBOUND',
      'Released A@old: OUTBOUND',
    ]);
  });

  it('of a number outside: its release ends the consultation, and the consulting agent goes on', async () => {
    const sequence = `${TALKING}, AgentRinging A connectId=l2, Ringing x destination=138, CallEstablished x, AgentTalk A connectId=l2, CallReleased x, CallReleased c, CallReleased A`;
    expect(await told(sequence)).toEqual(
      list(
        `${TALKED}, ≠InitiateConsultant A>138, Ringing, Established, ≠StartConsultant A>138, Released, +StopConsultant A>138, Released, ` +
          '+AgentRelease A, Released A',
      ),
    );
  });
});

describe('consultant events', () => {
  it('carry the call form of their contact, the agent, its group and the counterparty', async () => {
    const translation = await translate(
      legacyLines(`${TALKING.replace('Dialing A', 'Dialing A skillGroupId=g1')}, AgentRinging A, Ringing B`),
    );
    expect(textOf(outputOf(translation, 'InitiateConsultant'))).toBe(
      '{"eventTime":"2021-04-14T02:00:02.800Z","eventType":"InitiateConsultant","instanceId":"inst","contactId":"100","channelId":"leg-100-A",' +
        '"callType":"OUTBOUND","caller":"01088880100","callee":"13900000000","broker":"01088880100","agentId":"A@old","skillGroupId":"g1","counterparty":"B@old"}',
    );
  });

  it('scenario CONSULTED stands on AgentRinging, Ringing and AgentTalk of the consulted agent and nowhere else', async () => {
    const { lines } = await translate(legacyLines(`${CONSULTING}, CallReleased A, AttendedTransfer A>B, CallReleased c, CallReleased B`));
    const marked = lines.map(fieldsOf).filter(({ scenario }) => scenario !== undefined);
    expect(marked.map(({ eventType, agentId, scenario }) => `${eventType} ${agentId} ${scenario}`)).toEqual([
      'Ringing B@old CONSULTED',
      'AgentRinging B@old CONSULTED',
      'AgentTalk B@old CONSULTED',
    ]);
  });

  it('scenario BLIND_TRANSFER stands on AgentRinging, Ringing and AgentTalk of the agent brought in and nowhere else', async () => {
    const sequence = `${TALKING}, CallReleased A, BlindTransfer A>B, AgentRinging B, Ringing B, AgentTalk B, CallEstablished B, CallReleased B`;
    const { lines } = await translate(legacyLines(sequence));
    const marked = lines.map(fieldsOf).filter(({ scenario }) => scenario !== undefined);
    expect(marked.map(({ eventType, agentId, scenario }) => `${eventType} ${agentId} ${scenario}`)).toEqual([
      'AgentRinging B@old BLIND_TRANSFER',
      'Ringing B@old BLIND_TRANSFER',
      'AgentTalk B@old BLIND_TRANSFER',
    ]);
  });
});
