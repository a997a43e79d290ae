import type { Attempt } from '../deliver/client.ts';
import type { GateState } from '../deliver/gate.ts';
import type { Counts } from './progress.ts';

/** How a replay is steered while it runs. */
export interface ReplayControl {
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
  /** Seconds of event time a second; Infinity: as fast as it goes. */
  setSpeed(speed: number): void;
  readonly speed: number;
}

/** How far a replay is. */
export interface ReplayStatus {
  readonly seconds: number;
  /** Event time of the event that was sent last, Unix milliseconds. */
  readonly position: number | undefined;
  readonly counts: Counts;
  /** Events that were sent since the beginning of this run. */
  readonly sent: number;
  /** How late the last event was sent, milliseconds. */
  readonly lag: number;
  readonly isPaused: boolean;
  readonly speed: number;
  /** Events on their way. */
  readonly underWay: number;
  /** Whether the target takes events. */
  readonly state: GateState;
  /** Share of the inputs that is read, where their size is known. */
  readonly share: number | undefined;
}

/** Who wants to know how a replay goes. */
export interface ReplayHooks {
  started?(control: ReplayControl): void;
  /** Ten times a second. */
  status?(status: ReplayStatus): void;
  /** An attempt to deliver so many events. */
  attempt?(attempt: Attempt, seconds: number, events: number): void;
  /** A line for whoever watches. */
  told?(message: string): void;
}
