import type { Attempt } from '../deliver/client.ts';
import type { GateState } from '../deliver/gate.ts';
import { EXIT, UpcastError } from '../errors.ts';

/** Decides when a target is given up: a replay ends, whatever its target does. */
export interface Patience {
  /** What came of an attempt. */
  attempt(attempt: Attempt, now: number): void;
  state(state: GateState, detail: string): void;
  /** Now and then; `underWay`: events that have not ended, none while the replay is paused: then nothing is held against the target. */
  look(now: number, underWay: number): void;
}

/** Calls `end` with the error when `giveUp` milliseconds have passed without a success, or when the target wants nothing of it. */
export function createPatience(giveUp: number, end: (error: UpcastError) => void): Patience {
  /** Since when nothing has succeeded although it was tried. */
  let failingSince: number | undefined;
  let last = '';
  return {
    attempt({ outcome, detail }, now) {
      if (outcome === 'again' || outcome === 'unreachable') {
        failingSince ??= now;
        last = detail;
      } else failingSince = undefined;
    },
    state(state, detail) {
      if (state === 'paused' || state === 'disabled') end(refused(detail));
    },
    look(now, underWay) {
      if (underWay === 0) failingSince = undefined;
      if (failingSince !== undefined && now - failingSince >= giveUp) end(unreachable(giveUp, last));
    },
  };
}

function refused(detail: string): UpcastError {
  return new UpcastError({
    code: 'target-refused',
    exit: EXIT.unreachable,
    message: `the target answers ${detail}: it takes nothing`,
    hint: detail === '410' ? 'ask who runs it for its new address' : 'give it the headers or keys that it wants, in the config file',
  });
}

function unreachable(giveUp: number, detail: string): UpcastError {
  return new UpcastError({
    code: 'target-unreachable',
    exit: EXIT.unreachable,
    message: `nothing was delivered for ${Math.round(giveUp / 1000)} s, the last attempt ended with ${detail}`,
    hint: 'see to the target, then run the same command again; --give-up TIME waits longer',
  });
}
