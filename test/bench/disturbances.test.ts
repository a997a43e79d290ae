import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import { parseOptions } from '../../bench/generate/flags.ts';
import { legacyLines, legacyTime, parse, play, truthOf } from './play.ts';

const clean = legacyLines(play());

describe('the 1.0 stream', () => {
  test('spells keys and times as asked', () => {
    const [line] = legacyLines(play({ casing: 'camel', time: 'local' }));
    expect(parse(line ?? '')).toMatchObject({
      eventType: 'AgentCheckIn',
      eventTime: expect.stringMatching(/^2021-03-01 08:3\d:\d\d\.\d{3}$/),
    });
    const pascal = legacyLines(play({ casing: 'pascal', time: 'millis' })).map(parse);
    expect(pascal.every((record) => Object.keys(record).every((key) => /^[A-Z]/.test(key)))).toBe(true);
    expect(pascal.some((record) => 'DownloadURL' in record)).toBe(true);
    expect(pascal.map(({ EventTime }) => EventTime)).toEqual(clean.map((one) => legacyTime(one)));
  });

  test('has one connectId a call when asked', () => {
    const ids = new Map<unknown, Set<unknown>>();
    for (const { contactId, connectId } of legacyLines(play({ connectIds: 'call' })).map(parse)) {
      if (connectId !== undefined) ids.set(contactId, (ids.get(contactId) ?? new Set()).add(connectId));
    }
    expect(Math.max(...[...ids.values()].map((set) => set.size))).toBe(1);
  });

  test('is out of order by no more than the jitter, and otherwise the same', () => {
    const late = legacyLines(play({ jitter: 3000 }));
    expect(late).not.toEqual(clean);
    expect([...late].sort()).toEqual([...clean].sort());
    let latest = 0;
    for (const time of late.map((line) => legacyTime(line))) {
      expect(latest - time).toBeLessThanOrEqual(3000);
      latest = Math.max(latest, time);
    }
  });

  test('repeats a share of the events, some with their fields in another order', () => {
    const items = play({ duplicates: 0.05 });
    const repeats = items.filter((item) => item.legacy?.duplicate === true);
    expect(repeats.length / clean.length).toBeGreaterThan(0.03);
    const known = new Set(clean);
    const moved = repeats.filter((item) => !known.has(item.legacy?.line ?? ''));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThan(repeats.length / 2);
    const sorted = (line: string): string => JSON.stringify(Object.entries(parse(line)).sort());
    const contents = new Set(clean.map(sorted));
    for (const item of repeats) expect(contents).toContain(sorted(item.legacy?.line ?? ''));
  });

  test('loses a share of the events, and the truth says what can still be known', () => {
    const items = play({ loss: 0.05 });
    expect(legacyLines(items).length / clean.length).toBeCloseTo(0.95, 1);
    const sources = new Set(items.flatMap((item) => (item.legacy === undefined ? [] : [item.legacy.id])));
    for (const { kind, survived, source, evidence } of truthOf(items)) {
      const proofs = kind === 'synthesized' ? evidence : [source];
      expect(survived).toBe(proofs.some((id) => sources.has(id)));
    }
  });

  test('has no event of a type that was not subscribed to', () => {
    const items = play({ without: ['CallReleased', 'AgentACW'] });
    expect(legacyLines(items).some((line) => /"EventType":"(CallReleased|AgentACW)"/.test(line))).toBe(false);
    const releases = truthOf(items).filter((event) => event.type === 'AgentRelease');
    expect(releases.every((event) => event.survived)).toBe(true);
  });

  test('takes its options from flags', () => {
    expect(parseOptions({ calls: '5', jitter: '3s', 'connect-id': 'call', without: 'AgentACW,Dialing' })).toEqual({
      calls: 5,
      jitter: 3000,
      connectIds: 'call',
      without: ['AgentACW', 'Dialing'],
    });
    expect(() => parseOptions({ time: 'unix' })).toThrow('--time: expected iso, local, millis, got unix');
  });
});

test('memory stays flat however many calls are played', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const marks: number[] = [];
  let bytes = 0;
  let calls = 0;
  for (const { legacy, truth } of generateCalls({ calls: 20_000, open: 100, jitter: 3000, duplicates: 0.02 }).items) {
    bytes += legacy?.line.length ?? 0;
    if (truth[0]?.type !== 'CDRReady') continue;
    calls += 1;
    if (calls % 6000 !== 0) continue;
    collect();
    marks.push(process.memoryUsage().heapUsed / 1e6);
  }
  expect(bytes).toBeGreaterThan(80e6);
  expect(Math.max(...marks) - (marks[0] ?? 0)).toBeLessThan(15);
});
