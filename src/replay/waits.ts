import type { Pace } from './pace.ts';

/** Waits that something may end early. Times are monotonic milliseconds. */
export interface Waits {
  /** Waits so long, or until `wake`. */
  nap(ms: number): Promise<void>;
  wake(): void;
}

/** Nobody waits yet. */
export function createWaits(): Waits {
  let wake = (): void => {};
  return {
    nap: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => wake(),
  };
}

/** A nap is no longer than this: so it shows when the whole process was stopped. */
const LONGEST_NAP = 500;
/** A nap that takes so much longer was no nap: the process was stopped, or the machine slept. */
const STOPPED = 2_000;
/** A timer cannot be more exact. */
const SOON = 0.5;

/** Waits until an event is due; `isOver`: nothing is waited for any more. */
export async function untilDue(pace: Pace, offset: number, waits: Waits, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const now = performance.now();
    const wait = pace.isPaused ? LONGEST_NAP : pace.due(offset) - now;
    if (wait <= SOON) return;
    const nap = Math.min(wait, LONGEST_NAP);
    await waits.nap(nap);
    const over = performance.now() - now - nap;
    if (over > STOPPED && !pace.isPaused) pace.skip(over);
  }
}
