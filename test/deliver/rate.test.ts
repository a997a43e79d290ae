import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/deliver/rate.ts';

/** Sends as fast as the limit lets it; each look comes `late` milliseconds later than it was asked for. */
function play(rate: number, seconds: number, late: () => number, count = 1): number[] {
  const limit = createRateLimit(rate);
  const sent: number[] = [];
  for (let now = 0; now < seconds * 1000; ) {
    const wait = limit.waitFor(count, now);
    if (wait > 0) now += wait + late();
    else {
      limit.take(count, now);
      for (let i = 0; i < count; i += 1) sent.push(now);
    }
  }
  return sent;
}

/** The most that went in any second. */
function mostInASecond(sent: readonly number[]): number {
  let [first, most] = [0, 0];
  sent.forEach((at, index) => {
    while (at - (sent[first] as number) >= 1000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

describe('a rate limit', () => {
  it('is never above its rate in any second, however late its timers are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.double({ min: 0, max: 120, noNaN: true }), { minLength: 1 }),
        (rate, lates) => {
          let at = 0;
          const late = (): number => {
            at += 1;
            return lates[at % lates.length] as number;
          };
          expect(mostInASecond(play(rate, 3, late))).toBeLessThanOrEqual(rate);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reaches its rate within one per cent with timers that are a millisecond late', () => {
    for (const rate of [100, 500, 2000, 10_000]) {
      const sent = play(rate, 20, () => 1);
      expect(sent.length / 20 / rate).toBeGreaterThan(0.99);
      expect(sent.length / 20 / rate).toBeLessThanOrEqual(1);
    }
  });

  it('spreads what it lets through over the second', () => {
    const sent = play(1000, 5, () => 0).filter((at) => at >= 1000);
    for (let at = 1000; at < 4900; at += 50) {
      const count = sent.filter((each) => each >= at && each < at + 100).length;
      expect(Math.abs(count - 100)).toBeLessThanOrEqual(5);
    }
  });

  it('below one a second waits as long as that says', () => {
    const sent = play(0.5, 21, () => 0);
    expect(sent.length).toBe(11);
    expect((sent[1] as number) - (sent[0] as number)).toBeGreaterThanOrEqual(2000);
  });

  it('does not let through at once what could not go for a long time', () => {
    const limit = createRateLimit(100);
    limit.take(1, 0);
    let went = 0;
    while (limit.waitFor(1, 60_000) === 0) {
      limit.take(1, 60_000);
      went += 1;
    }
    expect(went).toBeLessThanOrEqual(6);
  });

  it('counts what goes together', () => {
    const sent = play(1000, 5, () => 1, 50);
    expect(mostInASecond(sent)).toBeLessThanOrEqual(1000);
    expect(sent.length).toBeGreaterThan(4_900);
  });
});
