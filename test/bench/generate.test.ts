import { describe, expect, test } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import { SCENES } from '../../bench/generate/scenes/table.ts';
import { callsOf, currentTime, legacyLines, legacyTime, parse, play, truthOf } from './play.ts';
import { CURRENT_FIELDS, LEGACY_FIELDS } from './vendor-fields.ts';

const day = play();

/** Whether the keys are a subsequence of the documented ones: none unknown, none out of place. */
function inOrder(keys: readonly string[], documented: readonly string[]): boolean {
  let from = 0;
  return keys.every((key) => {
    from = documented.indexOf(key, from) + 1;
    return from > 0;
  });
}

describe('the generator', () => {
  test('gives the same bytes for the same seed and others for another', () => {
    const again = play();
    expect(legacyLines(again)).toEqual(legacyLines(day));
    expect(truthOf(again)).toEqual(truthOf(day));
    expect(legacyLines(play({ seed: '2' }))).not.toEqual(legacyLines(day));
  });

  test('leaves calls and truth alone when only the 1.0 stream is disturbed', () => {
    const disturbed = play({ jitter: 3000, duplicates: 0.05, loss: 0.02, time: 'millis', casing: 'pascal' });
    expect(truthOf(disturbed).map((event) => event.line)).toEqual(truthOf(day).map((event) => event.line));
  });

  test('plays every scenario', () => {
    const played = new Set(day.map((item) => item.scenario));
    for (const [name] of SCENES) expect(played).toContain(name);
    expect(played).toContain('agent-shift');
  });

  test('sends every 1.0 event type, with documented fields only, in the order of the tables', () => {
    const seen = new Set<string>();
    for (const line of legacyLines(day)) {
      const record = parse(line);
      const { EventType } = record;
      const type = String(EventType);
      seen.add(type);
      const documented = (LEGACY_FIELDS[type] ?? '').split(' ');
      expect(inOrder(Object.keys(record), documented), line).toBe(true);
    }
    expect([...seen].sort()).toEqual(Object.keys(LEGACY_FIELDS).sort());
  });

  test('sends 2.0 events with the fields of the 2021 page in its order, and none empty', () => {
    const seen = new Set<string>();
    for (const { line, type } of truthOf(day)) {
      seen.add(type);
      const record = parse(line);
      expect(inOrder(Object.keys(record), (CURRENT_FIELDS[type] ?? '').split(' ')), line).toBe(true);
      for (const value of Object.values(record)) expect(value === '' || value === null, line).toBe(false);
      expect(currentTime(line)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    expect([...seen].sort()).toEqual(Object.keys(CURRENT_FIELDS).sort());
  });

  test('writes about 350 bytes an event', () => {
    const lines = legacyLines(day);
    const mean = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
    expect(mean).toBeGreaterThan(300);
    expect(mean).toBeLessThan(400);
  });

  test('keeps both streams in order of time, and events of a call at least 5 ms apart', () => {
    const times = legacyLines(day).map((line) => legacyTime(line));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const items of callsOf(day).values()) {
      const own = items.map((item) => legacyTime(item.legacy?.line ?? '{}'));
      for (let i = 1; i < own.length; i++) expect((own[i] ?? 0) - (own[i - 1] ?? 0)).toBeGreaterThanOrEqual(5);
    }
  });

  test('maps every id by its table and leaves no 1.0 id in the truth', () => {
    const { ids } = generateCalls({ calls: 600, open: 40 });
    const legacy = new Set(ids.map((row) => row.legacy));
    expect(legacy.size).toBe(ids.length);
    expect(new Set(ids.map((row) => row.current)).size).toBe(ids.length);
    for (const { line } of truthOf(day)) {
      for (const value of Object.values(parse(line))) {
        for (const part of String(value).split(',')) expect(legacy.has(part)).toBe(false);
      }
    }
  });
});

describe('the truth', () => {
  test('has nothing for a failed operation or AgentACW, and something for all else', () => {
    for (const { legacy, truth } of day) {
      const { EventType, result } = parse(legacy?.line ?? '{}');
      const silent = EventType === 'AgentACW' || (result !== undefined && result !== '0');
      expect(truth.length === 0, legacy?.line).toBe(silent);
      if (result !== undefined && result !== '0') expect(result).toBe(EventType === 'AgentACW' ? '3' : '1');
    }
  });

  test('puts AgentRelease directly before the Released of the same agent, at the same time, with evidence', () => {
    const truth = truthOf(day);
    const releases = truth.filter((event) => event.type === 'AgentRelease');
    expect(releases.length).toBeGreaterThan(100);
    truth.forEach((event, index) => {
      if (event.type !== 'AgentRelease') return;
      const next = truth[index + 1];
      expect([next?.type, next?.agentId, next?.source]).toEqual(['Released', event.agentId, event.source]);
      expect(event.evidence.length).toBeGreaterThanOrEqual(2);
    });
  });

  test('keeps an agent in one call at a time', () => {
    const busyUntil = new Map<string, { contact: string; until: string }>();
    for (const [contact, items] of callsOf(day)) {
      const events = items.flatMap((item) => item.truth).filter((event) => event.type.startsWith('Agent') && event.agentId !== undefined);
      for (const agent of new Set(events.map((event) => event.agentId ?? ''))) {
        const times = events.filter((event) => event.agentId === agent).map((event) => currentTime(event.line));
        const before = busyUntil.get(agent);
        if (before !== undefined) expect((times[0] ?? '') > before.until, `${agent} in ${before.contact} and ${contact}`).toBe(true);
        busyUntil.set(agent, { contact, until: times.at(-1) ?? '' });
      }
    }
  });
});
