/** What time it is for a shim: Unix milliseconds that never go back, not even from one process to the next. */
export interface Clock {
  now(): number;
  /**
   * Goes on from `time`, the last that an earlier process knew of, where the system's clock is behind it. Waits that began then end as if
   * none had been set: what counts is the time that a process lives through. Returns by how much the system's clock is behind.
   */
  goOnFrom(time: number): number;
}

/** Where the time comes from. */
export interface TimeSources {
  /** Unix milliseconds by the system's clock, which may be set. */
  readonly system: () => number;
  /** Milliseconds that pass, whatever is set. */
  readonly elapsed: () => number;
}

const SOURCES: TimeSources = { system: Date.now, elapsed: () => performance.now() };

/** A clock that asks the system once for the time, and counts from there. */
export function createClock({ system, elapsed }: TimeSources = SOURCES): Clock {
  let started = system() - elapsed();
  let last = 0;
  const now = (): number => {
    last = Math.max(last, Math.floor(started + elapsed()));
    return last;
  };
  return {
    now,
    goOnFrom(time) {
      const behind = Math.max(0, time - now());
      started += behind;
      return behind;
    },
  };
}
