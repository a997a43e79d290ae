import type { ContextStore } from '../translate/contexts.ts';
import type { Ledger } from './ledger-rows.ts';
import type { Outbox } from './outbox.ts';

/**
 * The durable state of one job: contexts, events that are held, the memory of duplicates, and a few named values. What is saved becomes
 * durable with the next `commit`, all of it or none. Errors: UpcastError with exit 73, 74, 75 or 76.
 */
export interface StateStore extends ContextStore {
  readonly path: string;
  /** A named value, or undefined. */
  meta(key: string): string | undefined;
  setMeta(key: string, value: string): void;
  /** Saves what is held, in order, in place of what was held before. */
  setHeld(texts: Iterable<string>): void;
  held(): Iterable<string>;
  /** Adds to the memory of duplicates; it may be forgotten once the clock has passed `expires`. */
  addSeen(body: Uint8Array, expires: number): void;
  /** The whole memory of duplicates, in the order in which it was added. */
  seen(): Iterable<Uint8Array>;
  /** Makes everything since the last commit durable. */
  commit(): void;
  /** Proves that what is stored is what was saved. Errors: `state-damaged` (76). */
  verify(): void;
  /** Takes in the calls and the memory of duplicates of another state, which has none of those that are here. */
  absorb(other: StateStore): void;
  /** All calls as they rest, in packs that only {@link absorb} understands. */
  packs(): Iterable<Uint8Array>;
  /** Event time before which calls have been forgotten. */
  forgottenTo(): number;
  /** The memory of duplicates with the times at which it may be forgotten. */
  memories(): Iterable<{ readonly body: Uint8Array; readonly expires: number }>;
  /** Contacts whose call has not ended, in order, at most `limit`; of those that the store holds. */
  unfinished(limit: number): readonly string[];
  /** Gives the file free; what was not committed is gone. */
  close(): void;
}

/** The state of a live shim. */
export interface ShimStore extends StateStore {
  readonly outbox: Outbox;
  /** True while something waits for the next `commit`. */
  readonly isChanged: boolean;
  forgetMeta(key: string): void;
  /** Gives some of the room that was freed back to the system; true if there is more. */
  giveBack(): boolean;
}

/** The state of a replay. */
export interface ReplayStore extends StateStore {
  readonly ledger: Ledger;
}

/** What a state file offers: which part is used depends on whose it is. */
export interface Store extends ShimStore, ReplayStore {}
