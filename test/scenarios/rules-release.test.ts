import { describe, expect, it } from 'vitest';
import { legacyLines } from '../support/call.ts';
import { textOf, translate } from '../support/stream.ts';
import { cited, fieldsOf, legacyEvent, list, marks, outputOf, START, timeAt, told } from '../support/told.ts';

/** AgentRelease, which 1.0 never sent (semantics, section 3): who gets one, when, and from which evidence. */
const TALKING = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A';
const TALKED = '≠AgentDialing A, Dialing A, Ringing, AgentTalk A';

describe.each([false, true])('one connectId for the whole call: %s', (oneLeg) => {
  it('an agent who talked is released directly before the Released of the same leg, at its time', async () => {
    const translation = await translate(legacyLines(`${TALKING}, CallReleased c, CallReleased A`, { oneLeg }));
    expect(marks(translation)).toEqual(list(`${TALKED}, Released, +AgentRelease A, Released A`));
    const release = outputOf(translation, 'AgentRelease');
    expect(release.time).toBe(outputOf(translation, 'Released', 1).time);
    expect(cited(release.evidence)).toEqual(['CallReleased:6', 'AgentTalk:4']);
  });

  it('an agent who only dialled is released too', async () => {
    expect(await told('AgentRinging A, Dialing A, CallReleased A', { oneLeg })).toEqual(
      list('≠AgentDialing A, Dialing A, +AgentRelease A, Released A'),
    );
  });

  it('an agent who only rang is not, whatever follows', async () => {
    const rang = 'AssignAgent A, Ringing A, AgentRinging A';
    expect(await told(`${rang}, CallReleased A, AgentACW A, AgentReady A`, { oneLeg, callType: 'Inbound' })).toEqual(
      list(`${rang}, Released A, AgentReady A`),
    );
    expect(await told(`${rang}, AgentACW A, AgentBreak A, AgentCheckOut A @90000`, { oneLeg, callType: 'Inbound' })).toEqual(
      list(`${rang}, AgentBreak A, AgentCheckOut A`),
    );
  });

  it('two engagements of one agent in a call are released twice', async () => {
    const back =
      'BlindTransfer A>B, AgentRinging B, AgentTalk B, CallReleased B, BlindTransfer B>A, AgentRinging A, AgentTalk A, CallReleased A';
    const marked = await told(`${TALKING}, CallReleased A, ${back}`, { oneLeg });
    expect(marked.filter((each) => each.includes('AgentRelease'))).toEqual(list('+AgentRelease A, +AgentRelease B, +AgentRelease A'));
  });

  it('a second CallReleased of the same agent synthesizes nothing more', async () => {
    expect(await told(`${TALKING}, CallReleased A, CallReleased A connectId=l9, AgentACW A`, { oneLeg })).toEqual(
      list(`${TALKED}, +AgentRelease A, Released A, Released A`),
    );
  });
});

describe('an overdue AgentRelease', () => {
  it.each([
    ['AgentACW A', 'its AgentACW', `${TALKED}, +AgentRelease A …`],
    ['AgentReady A', 'its AgentReady', `${TALKED}, +AgentRelease A …, AgentReady A`],
    ['AgentBreak A', 'its AgentBreak', `${TALKED}, +AgentRelease A …, AgentBreak A`],
    ['AgentCheckOut A', 'its AgentCheckOut', `${TALKED}, +AgentRelease A …, AgentCheckOut A`],
  ])('%s: an agent whose CallReleased is lost is released by %s, before it, at its time', async (event, _, current) => {
    const translation = await translate(legacyLines(`${TALKING}, ${event} @30000`));
    expect(marks(translation)).toEqual(list(current));
    const release = outputOf(translation, 'AgentRelease');
    expect(fieldsOf(textOf(release))).toMatchObject({ eventTime: timeAt(30_000) });
    expect(cited(release.evidence)).toEqual([`${event.slice(0, -2)}:5`, 'AgentTalk:4']);
  });

  it.each(['AgentRinging A', 'Dialing A', 'AgentTalk A'])("comes before %s of the agent's next call", async (next) => {
    const lines = [...legacyLines(TALKING), ...legacyLines(`${next}, Dialing A`, { contact: '200', start: START + 60_000 })];
    const translation = await translate(lines);
    const at = translation.outputs.findIndex((output) => output.kind === 'synthesized');
    const { contactId, eventTime, agentId } = fieldsOf(translation.lines[at]);
    expect([contactId, eventTime, agentId]).toEqual(['100', timeAt(60_400), 'A@old']);
    expect(fieldsOf(translation.lines[at + 1])).toMatchObject({ contactId: '200' });
    expect(marks(translation).filter((each) => each.startsWith('+'))).toEqual(['+AgentRelease A …']);
  });

  it("is not taken from another agent's events", async () => {
    expect(await told(`${TALKING}, AgentReady B @30000, AgentACW B @31000`)).toEqual(list(`${TALKED}, AgentReady B`));
  });

  it('closes each of several calls in a row: by the next call, and the last one by AgentReady', async () => {
    const lines = ['100', '200', '300'].flatMap((contact, index) => legacyLines(TALKING, { contact, start: START + index * 60_000 }));
    const { outputs } = await translate([...lines, ...legacyLines('AgentReady A', { start: START + 180_000 })]);
    const released = outputs.filter((output) => output.type === 'AgentRelease').map(({ contact, time }) => [contact, time - START]);
    expect(released).toEqual([
      ['100', 60_400],
      ['200', 120_400],
      ['300', 180_400],
    ]);
  });

  it('waits for the CallReleased, which is the better evidence and then stands directly before Released', async () => {
    const translation = await translate(legacyLines(`${TALKING}, AgentACW A, CallReleased A, AgentReady A`));
    expect(marks(translation)).toEqual(list(`${TALKED}, +AgentRelease A, Released A, AgentReady A`));
    expect(outputOf(translation, 'AgentRelease').rule).toBe('CallReleased');
    expect(await told(`${TALKING}, AgentReady A, CallReleased A`)).toEqual(list(`${TALKED}, AgentReady A, +AgentRelease A, Released A`));
  });

  it('is not repeated by the CallReleased that comes after the wait', async () => {
    expect(await told(`${TALKING}, AgentACW A @10000, AgentReady Z @15000, CallReleased A @20000`)).toEqual(
      list(`${TALKED}, +AgentRelease A …, AgentReady Z, Released A`),
    );
  });

  it('is not concluded from events that failed', async () => {
    expect(await told(`${TALKING}, AgentACW A result=3 @10000, AgentReady A result=1 @20000`)).toEqual(list(TALKED));
  });

  it('is not concluded from an event that is older than the talk', async () => {
    expect(await told('AgentReady A @100, Dialing A @1000, AgentRinging A @1100, AgentTalk A @1200')).toEqual(
      list('AgentReady A, Dialing A, ≠AgentDialing A, AgentTalk A'),
    );
  });

  it('is not concluded from an event of the same millisecond, nor from one that is sent again: which was first is not known', async () => {
    const sequence = 'AgentReady A @1200, Dialing A @1200, AgentRinging A @1200, AgentTalk A @1200, AgentReady A @1200';
    expect(await told(sequence)).toEqual(list('AgentReady A, Dialing A, ≠AgentDialing A, AgentTalk A'));
  });

  it('comes from a late event at once, whatever else the older call still waits for', async () => {
    const talks = 'AssignAgent A, Ringing A, AgentRinging A, AgentTalk A';
    const undecided = 'AgentRinging B @20000';
    const late = 'AgentReady Z @27000, AgentReady A @21000';
    const translation = await translate(legacyLines(`${talks}, ${undecided}, ${late}`, { callType: 'Inbound' }), { hold: 60_000 });
    expect(translation.translator.books.late).toBe(1);
    expect(marks(translation)).toEqual(list(`${talks}, +AgentRelease A …, AgentReady A, AgentRinging B …, AgentReady Z`));
  });

  it('an agent who was released by AgentACW gets no second one from AgentReady', async () => {
    expect(await told(`${TALKING}, AgentACW A, AgentReady A @60000`)).toEqual(list(`${TALKED}, +AgentRelease A …, AgentReady A`));
  });

  it('says what is known: the groups of the agent, its leg, call type and group, as for any other', async () => {
    const sequence = TALKING.replace('Dialing A', 'Dialing A skillGroupId=g1');
    const { lines } = await translate(legacyLines(`${sequence}, AgentReady A @30000`));
    expect(lines.at(-2)).toBe(
      '{"eventTime":"2021-04-14T02:00:30.000Z","eventType":"AgentRelease","instanceId":"inst","skillGroupIds":"gA","agentId":"A@old",' +
        '"contactId":"100","channelId":"leg-100-A","callType":"OUTBOUND","skillGroupId":"g1"}',
    );
  });
});

describe('a mixed archive', () => {
  const release = (at: number): string =>
    `{"eventTime":"${timeAt(at)}","eventType":"AgentRelease","instanceId":"inst","agentId":"A@old","contactId":"100","channelId":"x" , "n":1.0}`;

  const muted = `{"eventTime":"${timeAt(5000)}","eventType":"Muted","contactId":"100","channelId":"x"}`;

  it.each([
    ['before the CallReleased, the first 2.0 event of its call,', 5900, [], 'AgentRelease A, Released A'],
    ['after the CallReleased, the first 2.0 event of its call,', 6100, [], 'Released A, AgentRelease A'],
    ['before the CallReleased, after other 2.0 events,', 5900, [muted], 'Muted, AgentRelease A, Released A'],
    ['after the CallReleased, after other 2.0 events,', 6100, [muted], 'Muted, Released A, AgentRelease A'],
  ])('with an AgentRelease %s keeps it, byte for byte, and adds none', async (_, at, current, end) => {
    const lines = [...legacyLines(`${TALKING}, CallReleased A @6000`), ...current, release(at)];
    const translation = await translate(lines);
    expect(marks(translation)).toEqual(list(`${TALKED}, ${end}`));
    expect(translation.lines).toContain(release(at));
    expect(outputOf(translation, 'AgentRelease').kind).toBe('copied');
  });

  it.each([
    ['before', 4900],
    ['after', 5300],
  ])('with a StopConsultant of its own %s the AttendedTransfer adds none', async (_, at) => {
    const stop = `{"eventTime":"${timeAt(at)}","eventType":"StopConsultant","contactId":"100","channelId":"leg-100-A","agentId":"A@old","counterparty":"B@old"}`;
    const sequence = `${TALKING}, AgentRinging A, Ringing B, AgentTalk A, AttendedTransfer A>B @5000, CallReleased A @5100`;
    const marked = marks(await translate([muted.replace(timeAt(5000), timeAt(0)), ...legacyLines(sequence), stop]));
    expect(marked.filter((each) => each.includes('Stop'))).toEqual(['StopConsultant A>B']);
  });

  it('with an AgentRelease that comes after the AgentACW keeps it and adds none', async () => {
    const marked = marks(await translate([...legacyLines(`${TALKING}, AgentACW A @6000`), release(6100)]));
    expect(marked).toEqual(list(`${TALKED}, AgentRelease A`));
  });

  it('with 2.0 events but without an AgentRelease of its own gets one when the wait ends', async () => {
    const ringing = legacyEvent('Ringing', {}, 0).replace('EventTime', 'eventTime').replace('EventType', 'eventType');
    const current = ringing.replace('}', ',"contactId":"100","channelId":"ch","callType":"OUTBOUND"}');
    const marked = marks(await translate([current, ...legacyLines(`${TALKING}, CallReleased A @6000`)]));
    expect(marked.filter((each) => each.includes('Release'))).toEqual(list('+AgentRelease A, Released A'));
  });

  it('with an AgentDialing of its own decides the state of the call by it', async () => {
    const dialing = `{"eventTime":"${timeAt(100)}","eventType":"AgentDialing","agentId":"A@old","contactId":"100","channelId":"leg-100-A"}`;
    expect(marks(await translate([dialing, ...legacyLines('CallReleased A')]))).toEqual(
      list('AgentDialing A, +AgentRelease A, Released A'),
    );
  });

  it('2.0 events leave unchanged, whatever they hold', async () => {
    const odd = `{ "eventType" : "Muted","eventTime":"2021-04-14T02:00:00+00:00", "x":1E400,"contactId":"job-1","channelId":"c","remark":"","__proto__":{"a":[1, 2]},"callType":"OUTBOUND","z":null}`;
    const translation = await translate([odd]);
    expect(translation.lines).toEqual([odd]);
    expect(translation.outputs[0]?.kind).toBe('copied');
  });
});
