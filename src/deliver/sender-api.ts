import type { BatchItem } from './batch.ts';
import type { Attempt, Client } from './client.ts';
import type { GateState } from './gate.ts';
import type { RateLimit } from './rate.ts';

/** An event to send. */
export interface Sendable extends BatchItem {
  readonly contact: string | undefined;
  readonly agent: string | undefined;
  /** Attempts that counted before, and when the next one is due (Unix milliseconds). */
  readonly attempts: number;
  readonly due: number;
}

/** What a sender works with. Times in milliseconds. */
export interface SenderOptions<T extends Sendable> {
  readonly client: Client;
  readonly concurrency: number;
  /** Events of one request at most; 1: each alone. */
  readonly batch: number;
  /** How many requests, or events, a second at most; undefined: as many as the endpoint takes. */
  readonly rate: { readonly limit: RateLimit; readonly of: 'requests' | 'events' } | undefined;
  /** Waits between the attempts for one event. */
  readonly schedule: readonly number[];
  /** Unix time that never goes back. */
  readonly now: () => number;
  readonly random: () => number;
  /** The endpoint answered 410 to an earlier process. */
  readonly disabled: boolean;
  readonly hooks: SenderHooks<T>;
}

/** What a sender tells whoever keeps the events. */
export interface SenderHooks<T extends Sendable> {
  /** It looks for the next event to send: now is the time to add more. */
  more(): void;
  delivered(item: T): void;
  /** It is to be sent again when it is due. */
  again(item: T, attempts: number, due: number): void;
  /** It is given up; `code`: `refused` or `gave-up`, `detail`: what the endpoint answered. */
  dead(item: T, code: string, detail: string): void;
  /** The endpoint answered 410 (true), or is tried again all the same (false). */
  disabled(isDisabled: boolean): void;
  /** Resolves when all that was told is kept: until then a request counts as under way. */
  kept?(): Promise<void>;
  /** These are sent now, in one request. */
  sending?(items: readonly T[]): void;
  /** An attempt to deliver so many events. */
  attempt(attempt: Attempt, seconds: number, events: number): void;
  state(state: GateState, detail: string): void;
}

/** Sends events to one endpoint, in the order in which they were added for each contact and each agent. */
export interface Sender<T extends Sendable> {
  add(item: T): void;
  /** There may be something to send. */
  pump(): void;
  /** Nothing is sent while it is held. */
  hold(isHeld: boolean): void;
  /** Sends again to an endpoint that was paused or disabled. */
  resume(): void;
  /** Events that were added and have not ended. */
  readonly size: number;
  readonly state: GateState;
  /** Starts nothing more and waits for what is under way, so long at most. */
  stop(patience: number): Promise<void>;
}
