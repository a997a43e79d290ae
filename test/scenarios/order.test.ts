import { describe, expect, it } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import { createIdTable } from '../../src/event/ids.ts';
import type { Translator, TranslatorOptions } from '../../src/translate/api.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import { legacyLines } from '../support/call.ts';
import { mappingNamed, recordsOf, translate } from '../support/stream.ts';
import { fieldsOf, legacyEvent, list, mark, marks, START } from '../support/told.ts';

/** Order, lateness, the clock, and waiting (semantics, sections 3 and 4). */
const HOUR = 3_600_000;
const ready = (agent: string, at: number): string => legacyEvent('AgentReady', { agentId: `${agent}@old` }, at);

async function translatorWith(options: Partial<TranslatorOptions> = {}): Promise<Translator> {
  return createTranslator({ mapping: await mappingNamed('ccc-2.0'), ids: createIdTable([]), ...options });
}

/** Pushes lines one by one; what came out after each, in short. */
async function step(translator: Translator, lines: readonly string[], nows: readonly number[] = []): Promise<string[]> {
  const records = await recordsOf(lines);
  return records.map((record, index) => {
    const outcomes = translator.push(record, nows[index]);
    return outcomes.flatMap(({ outputs }) => outputs.map(mark)).join(', ');
  });
}

const rest = (outcomes: ReturnType<Translator['finish']>): string => outcomes.flatMap(({ outputs }) => outputs.map(mark)).join(', ');

describe('within the lateness window', () => {
  it('events are put into event-time order', async () => {
    const { lines, translator } = await translate([ready('A', 5000), ready('B', 200), ready('C', 4999), ready('D', 1)]);
    expect(lines.map(fieldsOf).map(({ agentId }) => agentId)).toEqual(list('D@old, B@old, C@old, A@old'));
    expect(translator.books.late).toBe(0);
  });

  it('ties keep the order of the input', async () => {
    expect(marks(await translate([ready('C', 100), ready('A', 100), ready('B', 0), ready('D', 100)]))).toEqual(
      list('AgentReady B, AgentReady C, AgentReady A, AgentReady D'),
    );
  });

  it('an event is written as soon as nothing earlier can come', async () => {
    const translator = await translatorWith({ lateness: 1000 });
    expect(await step(translator, [ready('A', 0), ready('B', 999), ready('C', 1000), ready('D', 2500)])).toEqual([
      '',
      '',
      'AgentReady A',
      'AgentReady B, AgentReady C',
    ]);
  });

  it('evidence that comes in another order than it happened is the same evidence', async () => {
    const inOrder = legacyLines('AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallReleased A, AgentACW A');
    expect((await translate([...inOrder].reverse())).lines).toEqual((await translate(inOrder)).lines);
  });
});

/** The first three events of a run confirm each other; then the clock stands at `at`. */
const begin = (at: number): string[] => ['U', 'V', 'W'].map((agent, index) => ready(agent, at - 2 + index));

describe('an event later than the window', () => {
  it('is translated, written at once and counted', async () => {
    const translator = await translatorWith();
    const lines = [...begin(60_000), ready('B', 1000), ready('C', 55_000), ready('D', 54_999)];
    expect((await step(translator, lines)).slice(3)).toEqual(['AgentReady B', 'AgentReady C', 'AgentReady D']);
    expect(translator.books.late).toBe(2);
    expect(rest(translator.finish())).toBe('AgentReady U, AgentReady V, AgentReady W');
  });

  it('still is evidence', async () => {
    const call = (sequence: string): string[] => legacyLines(sequence, { callType: 'Internal' });
    const translation = await translate([...begin(0), ...call('AgentRinging A @10000'), ready('Z', 15_001), ...call('Dialing A @9999')]);
    expect(translation.translator.books.late).toBe(1);
    expect(marks(translation).slice(3)).toEqual(list('Dialing A, ≠AgentDialing A, AgentReady Z'));
  });

  it('waits for nothing: its best reading is taken', async () => {
    const lines = [...begin(60_000), ...legacyLines('AgentRinging A @1000')];
    expect(marks(await translate(lines))[0]).toBe('AgentRinging A …');
  });
});

describe('the clock', () => {
  it('is not moved by one event dated 2099', async () => {
    const future = JSON.stringify({ EventTime: '2099-01-01T00:00:00Z', EventType: 'AgentReady', agentId: 'X@old' });
    const call = legacyLines('AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallReleased A');
    const expected = (await translate(call)).lines;
    for (const at of [0, 1, 3, 5]) {
      const translation = await translate([...call.slice(0, at), future, ...call.slice(at)]);
      expect(translation.lines.slice(0, -1)).toEqual(expected);
      expect(fieldsOf(translation.lines.at(-1))).toMatchObject({ eventTime: '2099-01-01T00:00:00.000Z' });
      expect(translation.translator.books.late).toBe(0);
    }
  });

  it('is not moved by two of them, nor by a few that lie apart', async () => {
    const future = (year: number): string =>
      JSON.stringify({ EventTime: `${year}-01-01T00:00:00Z`, EventType: 'AgentReady', agentId: 'X@old' });
    const translation = await translate([
      ready('A', 0),
      future(2099),
      future(2098),
      future(2097),
      ready('B', 1000),
      future(2099),
      ready('C', 2000),
    ]);
    expect(translation.translator.books.late).toBe(0);
    expect(marks(translation).slice(0, 3)).toEqual(list('AgentReady A, AgentReady B, AgentReady C'));
  });

  it('is not moved by events dated 2099 that lie scattered among late ones: those contradict them', async () => {
    const future = (minute: number): string =>
      JSON.stringify({ EventTime: `2099-01-01T00:0${minute}:00Z`, EventType: 'AgentReady', agentId: 'X@old' });
    const translator = await translatorWith();
    const ahead = ready('A', 3_500_000);
    await step(translator, [
      ...begin(0),
      ahead,
      future(1),
      ready('B', 10_000),
      future(2),
      ready('C', 20_000),
      future(3),
      ready('D', 30_000),
    ]);
    expect(translator.clock()).toBe(START + 3_500_000);
    expect(translator.books.late).toBe(3);
  });

  it('is not moved by one that was sent three times', async () => {
    const future = JSON.stringify({ EventTime: '2099-01-01T00:00:00Z', EventType: 'AgentReady', agentId: 'X@old' });
    const translation = await translate([ready('A', 0), future, future, future, ready('B', 1000)]);
    const { books } = translation.translator;
    expect([books.late, books.input.get('AgentReady')?.duplicates]).toEqual([0, 2]);
    expect(marks(translation).slice(0, 2)).toEqual(list('AgentReady A, AgentReady B'));
  });

  it('is moved by a gap that the events after it confirm, such as a night', async () => {
    const translator = await translatorWith();
    const out = await step(translator, [
      ...legacyLines('AgentRinging A @0'),
      ready('B', 9 * HOUR),
      ready('C', 9 * HOUR + 1000),
      ready('D', 9 * HOUR + 2000),
      ready('E', 9 * HOUR + 9000),
    ]);
    expect(out.slice(0, 3)).toEqual(['', '', '']);
    expect(out.slice(3).join(', ')).toContain('AgentRinging A …');
    expect(translator.clock()).toBe(START + 9 * HOUR + 9000);
  });

  it('follows an event that jumps less than the limit at once', async () => {
    const translator = await translatorWith({ maxJump: 10 * HOUR });
    expect((await step(translator, [...begin(0), ready('B', 9 * HOUR)])).at(-1)).toBe('AgentReady U, AgentReady V, AgentReady W');
  });
});

describe('waiting', () => {
  it('never holds an event longer than the hold time of event time', async () => {
    const translator = await translatorWith({ lateness: 0, hold: 3000 });
    const lines = [...legacyLines('AgentRinging A @0'), ...[1000, 2000, 3000, 3001].map((at) => ready('Z', at))];
    expect(await step(translator, lines)).toEqual([
      '',
      '',
      '',
      '',
      'AgentRinging A …, AgentReady Z, AgentReady Z, AgentReady Z, AgentReady Z',
    ]);
  });

  it('does not delay the decisions of other calls: their waits end at their own time', async () => {
    const one = legacyLines('AgentRinging A @0', { contact: '1' });
    const other = legacyLines('AgentRinging B @500, Dialing B @600', { contact: '2', callType: 'Internal' });
    expect(marks(await translate([...one, ...other, ready('Z', 20_000)]))).toEqual(
      list('AgentRinging A …, ≠AgentDialing B, Dialing B, AgentReady Z'),
    );
    const live = await translatorWith({ order: 'arrival' });
    expect(await step(live, [...one, ...other], [0, 1, 2])).toEqual(['', '', '≠AgentDialing B, Dialing B']);
  });

  it('puts the output as a whole into event-time order', async () => {
    const { ids, items } = generateCalls({ calls: 80, open: 20, jitter: 3000, seed: 'order' });
    const lines = [...items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line]));
    const translation = await translate(lines, { ids: createIdTable(ids) });
    const times = translation.outputs.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(translation.translator.books.late).toBe(0);
  });

  it('holds nothing after the end of the input', async () => {
    const translator = await translatorWith({ hold: 24 * HOUR, lateness: 24 * HOUR });
    await step(translator, legacyLines('AgentRinging A, AgentRinging B, Ringing c'));
    expect(translator.finish().length).toBe(3);
    expect(translator.finish()).toEqual([]);
  });
});

describe('live (order arrival)', () => {
  it('events leave in the order in which they came, and none is late', async () => {
    const translator = await translatorWith({ order: 'arrival' });
    expect(await step(translator, [ready('A', 60_000), ready('B', 1000), ready('C', 0)], [1, 2, 3])).toEqual(
      list('AgentReady A, AgentReady B, AgentReady C'),
    );
    expect(translator.books.late).toBe(0);
  });

  it('only the events of its own call wait behind an undecided one, and those of its agent', async () => {
    const translator = await translatorWith({ order: 'arrival', hold: 1000 });
    const lines = [
      ...legacyLines('AgentRinging A, CallReleased c', { contact: '1', callType: 'Inbound' }),
      ...legacyLines('Route2IVR c', { contact: '2', callType: 'Inbound' }),
      ready('B', 2000),
      ready('A', 3000),
    ];
    expect(await step(translator, lines, [0, 1, 2, 3, 4])).toEqual(['', '', 'Route2IVR', 'AgentReady B', '']);
    expect(rest(translator.advance(1000))).toBe('');
    expect(rest(translator.advance(1001))).toBe('AgentRinging A …, Released, AgentReady A');
  });

  it('the wait is of the wall clock, whatever the events say', async () => {
    const translator = await translatorWith({ order: 'arrival', hold: 1000 });
    expect(await step(translator, [...legacyLines('AgentRinging A'), ready('Z', 90_000)], [500, 600])).toEqual(['', 'AgentReady Z']);
    expect(rest(translator.advance(1501))).toBe('AgentRinging A …');
    expect(rest(translator.finish())).toBe('');
  });

  it('evidence that arrives within the wait decides', async () => {
    const translator = await translatorWith({ order: 'arrival', hold: 1000 });
    expect(await step(translator, legacyLines('AgentRinging A, Dialing A', { callType: 'Internal' }), [0, 999])).toEqual([
      '',
      '≠AgentDialing A, Dialing A',
    ]);
  });
});
