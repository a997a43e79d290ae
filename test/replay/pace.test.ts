import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pace } from '../../src/replay/pace.ts';
import { createPace } from '../../src/replay/pace.ts';

const NOW = 1_000_000;

function begun(options: Partial<Parameters<typeof createPace>[0]> = {}): Pace {
  const pace = createPace({ speed: 1, maxGap: undefined, startAt: undefined, ...options });
  pace.begin(pace.offsetOf(0), NOW);
  return pace;
}

describe('a pace', () => {
  it('is the distance in event time divided by the speed, from the start', () => {
    const pace = begun({ speed: 10 });
    expect(pace.due(pace.offsetOf(5_000))).toBe(NOW + 500);
    expect(pace.due(pace.offsetOf(65_000))).toBe(NOW + 6_500);
  });

  it('does not depend on when anybody asks: what is late makes nothing else late', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1 }), fc.double({ min: 0.1, max: 100, noNaN: true }), (steps, speed) => {
        const pace = begun({ speed });
        let time = 0;
        for (const step of steps) {
          time += step;
          expect(pace.due(pace.offsetOf(time))).toBeCloseTo(NOW + time / speed, 3);
        }
      }),
    );
  });

  it('sends an event with an earlier time together with the one before it', () => {
    const pace = begun();
    const first = pace.offsetOf(8_000);
    expect(pace.offsetOf(3_000)).toBe(first);
    expect(pace.offsetOf(9_000)).toBe(first + 1_000);
  });

  it('caps silences, and nothing else', () => {
    const pace = begun({ maxGap: 5_000 });
    expect(pace.due(pace.offsetOf(4_000))).toBe(NOW + 4_000);
    expect(pace.due(pace.offsetOf(3_604_000))).toBe(NOW + 9_000);
    expect(pace.due(pace.offsetOf(3_605_000))).toBe(NOW + 10_000);
  });

  it('at full speed has everything due at once', () => {
    const pace = begun({ speed: Number.POSITIVE_INFINITY });
    expect(pace.due(pace.offsetOf(1e12))).toBe(NOW);
  });

  it('waits for its start, and begins at once if that is past', () => {
    const later = createPace({ speed: 1, maxGap: undefined, startAt: NOW + 60_000 });
    later.begin(later.offsetOf(0), NOW);
    expect(later.due(later.offsetOf(1_000))).toBe(NOW + 61_000);
    const past = createPace({ speed: 1, maxGap: undefined, startAt: NOW - 60_000 });
    past.begin(past.offsetOf(0), NOW);
    expect(past.due(past.offsetOf(1_000))).toBe(NOW + 1_000);
  });

  it('that goes on has its first event due now, wherever it stands', () => {
    const pace = createPace({ speed: 2, maxGap: undefined, startAt: undefined });
    pace.offsetOf(0);
    const offset = pace.offsetOf(500_000);
    pace.begin(offset, NOW);
    expect(pace.due(offset)).toBe(NOW);
    expect(pace.due(pace.offsetOf(501_000))).toBe(NOW + 500);
  });

  it('stands still while it is paused: nothing is due in a burst afterwards', () => {
    const pace = begun();
    const offset = pace.offsetOf(10_000);
    pace.pause(NOW + 4_000);
    pace.pause(NOW + 5_000);
    expect(pace.isPaused).toBe(true);
    pace.resume(NOW + 64_000);
    expect(pace.isPaused).toBe(false);
    expect(pace.due(offset)).toBe(NOW + 70_000);
  });

  it('that is paused before its start is not late by the wait for it', () => {
    const pace = createPace({ speed: 1, maxGap: undefined, startAt: NOW + 10_000 });
    pace.begin(pace.offsetOf(0), NOW);
    pace.pause(NOW);
    pace.resume(NOW + 4_000);
    expect(pace.due(0)).toBe(NOW + 10_000);
    pace.pause(NOW + 8_000);
    pace.resume(NOW + 15_000);
    expect(pace.due(0)).toBe(NOW + 15_000);
  });

  it('changes its speed from where it is', () => {
    const pace = begun();
    const offset = pace.offsetOf(100_000);
    pace.setSpeed(10, NOW + 10_000);
    expect(pace.due(offset)).toBe(NOW + 10_000 + 9_000);
    pace.setSpeed(1, NOW + 10_000 + 1_000);
    expect(pace.due(offset)).toBe(NOW + 11_000 + 80_000);
    pace.setSpeed(Number.POSITIVE_INFINITY, NOW + 12_000);
    expect(pace.due(offset)).toBe(NOW + 12_000);
    pace.setSpeed(1, NOW + 13_000);
    expect(pace.due(pace.offsetOf(101_000))).toBe(NOW + 14_000);
  });

  it('moves back by the time in which the process was stopped', () => {
    const pace = begun();
    pace.skip(30_000);
    expect(pace.due(pace.offsetOf(1_000))).toBe(NOW + 31_000);
  });
});
