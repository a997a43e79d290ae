import { describe, expect, it } from 'vitest';
import type { Breaker } from '../../src/deliver/breaker.ts';
import { createBreaker } from '../../src/deliver/breaker.ts';

const half = (): number => 0.5;

function fail(breaker: Breaker, times: number, now = 0): void {
  for (let at = 0; at < times; at += 1) breaker.failed(now, undefined);
}

/** An open circuit, and when it may be tried. */
function open(random = half): { readonly breaker: Breaker; readonly until: number } {
  const breaker = createBreaker(random);
  fail(breaker, 5);
  return { breaker, until: breaker.nextTry() as number };
}

describe('a closed circuit', () => {
  it('lets every attempt through, at once', () => {
    const breaker = createBreaker(half);
    expect(breaker.state).toBe('closed');
    expect([0, 0, 1].map((now) => breaker.mayTry(now))).toEqual([true, true, true]);
    expect(breaker.nextTry()).toBeUndefined();
  });

  it('stays closed through four failures in a row', () => {
    const breaker = createBreaker(half);
    fail(breaker, 4);
    expect(breaker.state).toBe('closed');
    expect(breaker.mayTry(0)).toBe(true);
  });

  it('opens with the fifth', () => {
    const breaker = createBreaker(half);
    fail(breaker, 5);
    expect(breaker.state).toBe('open');
    expect(breaker.mayTry(0)).toBe(false);
  });

  it('forgets its failures with every success', () => {
    const breaker = createBreaker(half);
    for (let round = 0; round < 10; round += 1) {
      fail(breaker, 4);
      breaker.succeeded();
    }
    expect(breaker.state).toBe('closed');
    fail(breaker, 5);
    expect(breaker.state).toBe('open');
  });
});

describe('an open circuit', () => {
  it.each([
    [0, 500],
    [0.5, 750],
    [1, 1_000],
  ])('is tried after half a second to a whole one (chance %f: %i ms)', (chance, until) => {
    expect(open(() => chance).until).toBe(until);
  });

  it('lets nothing through before its time, and says when that is', () => {
    const { breaker, until } = open();
    expect([0, 1, until - 0.01].map((now) => breaker.mayTry(now))).toEqual([false, false, false]);
    expect(breaker.nextTry()).toBe(until);
    expect(breaker.mayTry(until)).toBe(true);
  });

  it('counts from when it opened, on the clock it is given', () => {
    const breaker = createBreaker(half);
    fail(breaker, 5, 1_000_000);
    expect(breaker.nextTry()).toBe(1_000_750);
  });

  it('lets one attempt through and no other while that one is under way', () => {
    const { breaker, until } = open();
    expect(breaker.mayTry(until)).toBe(true);
    expect(breaker.state).toBe('half-open');
    expect([until, until + 1, until + 1e9].map((now) => breaker.mayTry(now))).toEqual([false, false, false]);
    expect(breaker.nextTry()).toBeUndefined();
  });

  it('does not wait longer because attempts fail that began before it opened', () => {
    const { breaker, until } = open();
    fail(breaker, 20, until - 1);
    expect(breaker.nextTry()).toBe(until);
  });

  it('closes when an attempt succeeds, and lets everything through again', () => {
    const { breaker, until } = open();
    breaker.mayTry(until);
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
    expect([until, until].map((now) => breaker.mayTry(now))).toEqual([true, true]);
  });

  it('needs five failures again to open after it has closed', () => {
    const { breaker, until } = open();
    breaker.mayTry(until);
    breaker.succeeded();
    fail(breaker, 4, until);
    expect(breaker.state).toBe('closed');
  });

  it('opens again with the one attempt that failed, for twice as long, up to 30 s', () => {
    const { breaker, until } = open(() => 1);
    let now = until;
    const pauses = Array.from({ length: 8 }, () => {
      expect(breaker.mayTry(now)).toBe(true);
      breaker.failed(now, undefined);
      expect(breaker.state).toBe('open');
      const pause = (breaker.nextTry() as number) - now;
      now += pause;
      return pause;
    });
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it('waits for that attempt, whatever becomes of those that began before it opened', () => {
    const { breaker, until } = open();
    expect(breaker.mayTry(until)).toBe(true);
    breaker.failed(until + 10, undefined, until - 500);
    expect(breaker.state).toBe('half-open');
    breaker.failed(until + 20, undefined, until);
    expect(breaker.state).toBe('open');
  });

  it('begins with the short pause when it opens after a success', () => {
    const { breaker, until } = open();
    breaker.mayTry(until);
    breaker.failed(until, undefined);
    breaker.succeeded();
    fail(breaker, 5, 10_000);
    expect(breaker.nextTry()).toBe(10_750);
  });
});

describe('an endpoint that asks not to be tried for a while', () => {
  it('is left alone so long', () => {
    const breaker = createBreaker(half);
    fail(breaker, 4);
    breaker.failed(0, 60_000);
    expect(breaker.nextTry()).toBe(60_000);
  });

  it('is not tried sooner than by the circuit’s own pause', () => {
    const breaker = createBreaker(half);
    fail(breaker, 4);
    breaker.failed(0, 10);
    expect(breaker.nextTry()).toBe(750);
  });

  it('does not open the circuit by that alone: other events may get through', () => {
    const breaker = createBreaker(half);
    breaker.failed(0, 60_000);
    expect(breaker.mayTry(0)).toBe(true);
  });
});
