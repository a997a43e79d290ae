/** State of the way to an endpoint. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** Keeps a sender from an endpoint that is down: it lets one attempt through now and then, until one succeeds. */
export interface Breaker {
  /** True if an attempt may start now (monotonic milliseconds); in an open circuit only one at a time. */
  mayTry(now: number): boolean;
  /** When `mayTry` is to be asked again, if it said no; undefined while an attempt is under way. */
  nextTry(): number | undefined;
  succeeded(): void;
  /**
   * The endpoint could not be reached or has trouble of its own. `wait`: it asked not to be tried for so long. `began`: when the
   * attempt began, now unless told.
   */
  failed(now: number, wait: number | undefined, began?: number): void;
  readonly state: BreakerState;
}

/** Failures in a row, whichever events they were of, that open the circuit. */
const FAILURES = 5;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** A closed circuit. `random` gives numbers in [0, 1). */
export function createBreaker(random: () => number): Breaker {
  let failures = 0;
  let pause = FIRST_PAUSE;
  let state: BreakerState = 'closed';
  let until = 0;
  return {
    mayTry(now) {
      if (state === 'closed') return true;
      if (state === 'half-open' || now < until) return false;
      state = 'half-open';
      return true;
    },
    nextTry: () => (state === 'open' ? until : undefined),
    succeeded() {
      failures = 0;
      pause = FIRST_PAUSE;
      state = 'closed';
    },
    failed(now, wait, began = now) {
      failures += 1;
      if (state === 'closed' && failures < FAILURES) return;
      // An attempt that began before the circuit opened tells nothing new, least of all of the one that finds out how things stand.
      if (state === 'open' || (state === 'half-open' && began < until)) return;
      state = 'open';
      until = now + Math.max(wait ?? 0, pause / 2 + (random() * pause) / 2);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    },
    get state() {
      return state;
    },
  };
}
