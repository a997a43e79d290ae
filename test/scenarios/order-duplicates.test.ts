import { describe, expect, it } from 'vitest';
import { legacyLines } from '../support/call.ts';
import { translate } from '../support/stream.ts';
import { expectBalance, fieldsOf, legacyEvent, list, marks, START } from '../support/told.ts';

/** Duplicates, retention, and calls that never end (semantics, sections 3 and 4). */
const HOUR = 3_600_000;
const ready = (agent: string, at: number): string => legacyEvent('AgentReady', { agentId: `${agent}@old` }, at);
/** Three events that move the clock over any gap. */
const wake = (at: number): string[] => [0, 1, 2].map((second) => ready('W', at + second * 1000));

function accountsOf(translation: Awaited<ReturnType<typeof translate>>): string[] {
  expectBalance(translation);
  return translation.outcomes.map(({ account, type }) => `${type} ${account}`);
}

const turned = (line: string): string => JSON.stringify(Object.fromEntries(Object.entries(fieldsOf(line)).reverse()));

describe('an event sent again', () => {
  const call = legacyLines('Dialing A, AgentRinging A, AgentTalk A, CallReleased A', { callType: 'Internal' });

  it('with the same bytes is counted and not translated', async () => {
    const once = await translate(call);
    const twice = await translate(call.flatMap((line) => [line, line]));
    expect(twice.lines).toEqual(once.lines);
    expect(accountsOf(twice).filter((each) => each.endsWith('duplicates')).length).toBe(4);
  });

  it('with the same fields in another order is counted and not translated', async () => {
    const translation = await translate([...call, ...call.map(turned)]);
    expect(translation.lines).toEqual((await translate(call)).lines);
    expect(accountsOf(translation).filter((each) => each.endsWith('duplicates')).length).toBe(4);
  });

  it('with one value changed is another event', async () => {
    const [dialing = ''] = call;
    expect(accountsOf(await translate([dialing, dialing.replace('01088880100', '01088880101')]))).toEqual(
      list('Dialing translated, Dialing translated'),
    );
  });

  it.each([
    ['hours later', 5 * HOUR],
    ['a day later', 25 * HOUR],
  ])('%s is still recognised, and is not late', async (_, gap) => {
    const translation = await translate([...call, ...wake(gap), ...call]);
    expect(accountsOf(translation).filter((each) => each.endsWith('duplicates')).length).toBe(4);
    expect(translation.translator.books.late).toBe(0);
  });

  it('after the retention is not', async () => {
    const translation = await translate([...call, ...wake(60 * HOUR), call[0] ?? '']);
    expect(accountsOf(translation).filter((each) => each.endsWith('duplicates'))).toEqual([]);
    expect(translation.translator.books.late).toBe(1);
  });

  it('without a call is recognised for as long', async () => {
    const again = (gap: number, retention: number): ReturnType<typeof translate> =>
      translate([ready('A', 0), ...wake(gap), ready('A', 0)], { retention });
    expect(accountsOf(await again(5 * HOUR, 6 * HOUR)).filter((each) => each.endsWith('duplicates')).length).toBe(1);
    expect(accountsOf(await again(7 * HOUR, 6 * HOUR)).filter((each) => each.endsWith('duplicates')).length).toBe(0);
  });

  it('does not count for another agent or another call that says the same', async () => {
    const event = (contactId: string, agentId: string): string => legacyEvent('AgentTalk', { contactId, agentId });
    expect(accountsOf(await translate([event('1', 'a'), event('2', 'a'), event('1', 'b')]))).toEqual(Array(3).fill('AgentTalk translated'));
  });

  it('that failed, or is of 2.0, is a duplicate too', async () => {
    const failed = legacyEvent('AgentTalk', { contactId: '1', agentId: 'a', result: '1' });
    const current = '{"eventTime":"2021-04-14T02:00:00.000Z","eventType":"Muted","contactId":"1","channelId":"2"}';
    expect(accountsOf(await translate([failed, failed, current, current])).sort()).toEqual(
      list('AgentTalk duplicates, AgentTalk setAside, Muted copied, Muted duplicates')
        .map((each) => each.replace('copied', 'translated'))
        .sort(),
    );
  });

  it('many events of one call are remembered one by one', async () => {
    const texts = Array.from({ length: 200 }, (_, at) => legacyEvent('TextStream', { contactId: '1', connectId: '2', text: `${at}` }, at));
    const translation = await translate([...texts, ...texts]);
    expect(translation.lines.length).toBe(200);
    expect(accountsOf(translation).filter((each) => each.endsWith('duplicates')).length).toBe(200);
  });
});

describe('the context of a call', () => {
  const call = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallEstablished A, CallEstablished c, CallReleased c, CallReleased A';
  const record = (at: number): string[] => legacyLines('CDRReady c', { start: START + at });

  it('serves a record and a recording that come hours later', async () => {
    const recording = legacyLines('RecordingReady c', { start: START + 20 * HOUR });
    const { lines } = await translate([...legacyLines(call), ...wake(5 * HOUR), ...record(6 * HOUR), ...wake(20 * HOUR), ...recording]);
    const found = lines.map(fieldsOf).filter(({ eventType }) => String(eventType).endsWith('Ready') && eventType !== 'AgentReady');
    expect(found.map(({ agentIds, startTime }) => [agentIds, startTime])).toEqual([
      ['A@old', '2021-04-14T02:00:00.800Z'],
      ['A@old', '2021-04-14T02:00:00.800Z'],
    ]);
  });

  it('is gone after the retention: nothing is guessed', async () => {
    const { lines } = await translate([...legacyLines(call), ...wake(30 * HOUR), ...record(30 * HOUR)]);
    const found = lines.map(fieldsOf).find(({ eventType }) => eventType === 'CDRReady');
    expect(Object.keys(found ?? {})).not.toContain('agentIds');
    expect(Object.keys(found ?? {})).not.toContain('dispositionCode');
  });

  it('lives as long as it is told', async () => {
    const lines = [...legacyLines(call), ...wake(30 * HOUR), ...record(30 * HOUR)];
    const { lines: kept } = await translate(lines, { retention: 48 * HOUR });
    expect(kept.map(fieldsOf).find(({ eventType }) => eventType === 'CDRReady')).toMatchObject({ agentIds: 'A@old' });
  });
});

describe('a call that never ends', () => {
  const TALKING = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A';

  it('is counted as unfinished, one that ended is not', async () => {
    const open = await translate([
      ...legacyLines(TALKING, { contact: '1' }),
      ...legacyLines('Dialing B', { contact: '2', start: START + 9000 }),
    ]);
    expect(open.translator.unfinished()).toBe(2);
    const ended = await translate(legacyLines(`${TALKING}, CallReleased c, CallReleased A`));
    expect(ended.translator.unfinished()).toBe(0);
  });

  it('is closed after the idle time, and nothing is invented for it', async () => {
    const lines = [...legacyLines(TALKING), ...wake(2 * HOUR), ready('A', 2 * HOUR + 9000)];
    const closed = await translate(lines, { idle: HOUR });
    expect(marks(closed).filter((each) => each.startsWith('+'))).toEqual([]);
    expect(closed.translator.unfinished()).toBe(1);
    const open = await translate(lines, { idle: 3 * HOUR });
    expect(marks(open).filter((each) => each.startsWith('+'))).toEqual(['+AgentRelease A …']);
  });

  it('that was closed is not released by its own late AgentACW either', async () => {
    const lines = [...legacyLines(TALKING), ...wake(2 * HOUR), ...legacyLines('AgentACW A', { start: START + 2 * HOUR })];
    expect(marks(await translate(lines, { idle: HOUR, retention: HOUR })).filter((each) => each.startsWith('+'))).toEqual([]);
  });
});
