/** Holds a rate over any stretch of time, however much waits. Times are monotonic milliseconds. */
export interface RateLimit {
  /** What fits at once: more would never be let through. */
  readonly most: number;
  /** How long so many have to wait; 0: they may go now. */
  waitFor(count: number, now: number): number;
  /** So many go now; returns what {@link RateLimit.went} has to be told. */
  take(count: number, now: number): number;
  /** They went later than it was thought. */
  went(place: number, count: number, now: number): void;
}

const SECOND = 1_000;
/** A second is so much longer for what goes evenly: what is late by less than that need not make the next second late. */
const MARGIN = 4;
/** And so much longer in any case: clocks are read before and after. */
const LEAST_MARGIN = 0.5;
/** Timers are not exact: what could not go for so long may go together, so that the rate is reached all the same. */
const BURST = 50;

/**
 * At most `rate` in any second, evenly spread over it: 2,000 a second are 2 in each millisecond, not 2,000 at once and then none.
 * A rate below one a second lets one through in so many seconds.
 */
export function createRateLimit(rate: number): RateLimit {
  const most = Math.max(1, Math.floor(rate));
  const window = (most / rate) * SECOND + LEAST_MARGIN;
  const each = ((most / rate) * SECOND + MARGIN) / most;
  /** When those that went last went; `next` is the place of the oldest. */
  const went = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  /** When the next would go if all were even. */
  let even: number | undefined;
  const enter = (place: number, count: number, now: number): void => {
    for (let i = 0; i < count; i += 1) went[(place + i) % most] = now;
  };
  return {
    most,
    waitFor(count, now) {
      // The last of them takes the place of the one that went `most` before it.
      const behind = went[(next + count - 1) % most] as number;
      return Math.max(0, (even ?? now) - now, behind + window - now);
    },
    take(count, now) {
      const place = next;
      enter(place, count, now);
      next = (next + count) % most;
      even = Math.max(even ?? now, now - BURST) + count * each;
      return place;
    },
    went: enter,
  };
}
