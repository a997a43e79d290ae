import type { Breaker, BreakerState } from './breaker.ts';
import { createBreaker } from './breaker.ts';
import type { Attempt } from './client.ts';

/** `paused`: the endpoint answers 401 or 403; `disabled`: 410. */
export type GateState = BreakerState | 'paused' | 'disabled';

/** Whether anything may be sent to an endpoint, by what it answered. Times are monotonic milliseconds. */
export interface Gate {
  /** Takes in what an attempt that began then says of the endpoint. */
  judge(attempt: Attempt, began: number, now: number): void;
  /** How long nothing may be sent; 0: it may be now, Infinity: until somebody says so. */
  closedFor(now: number): number;
  /** True if an attempt may start: one alone where it is to find out how things stand. */
  mayStart(now: number): boolean;
  /** Begins anew with an endpoint that was paused or disabled. */
  resume(): void;
  readonly state: GateState;
}

const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 15 * 60_000;

/** A gate that is open, unless the endpoint was `disabled` before. */
export function createGate(random: () => number, disabled: boolean): Gate {
  const breaker: Breaker = createBreaker(random);
  let isDisabled = disabled;
  let pausedUntil = 0;
  let pause = FIRST_PAUSE;
  const unpause = (): void => {
    pausedUntil = 0;
    pause = FIRST_PAUSE;
  };
  return {
    judge({ outcome, wait }, began, now) {
      if (outcome === 'again' || outcome === 'unreachable') {
        breaker.failed(now, wait, began);
        return;
      }
      // It answers: the way is open.
      breaker.succeeded();
      if (outcome === 'delivered') unpause();
      else if (outcome === 'gone') isDisabled = true;
      else if (outcome === 'unauthorized') {
        // A wrong secret must not drain the outbox into the dead letters.
        pausedUntil = now + pause;
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    },
    closedFor: (now) => (isDisabled ? Number.POSITIVE_INFINITY : Math.max(pausedUntil - now, (breaker.nextTry() ?? 0) - now, 0)),
    mayStart(now) {
      if (pausedUntil > 0) pausedUntil = now + pause;
      return breaker.mayTry(now);
    },
    resume() {
      isDisabled = false;
      unpause();
    },
    get state() {
      return isDisabled ? 'disabled' : pausedUntil > 0 ? 'paused' : breaker.state;
    },
  };
}
