import type { ContextStore } from '../translate/contexts.ts';

/**
 * The durable state of one job: contexts and a few named values. What is saved becomes durable with the next `commit`, all of it or none.
 * Errors: UpcastError with exit 73, 74, 75 or 76.
 */
export interface StateStore extends ContextStore {
  readonly path: string;
  /** A named value, or undefined. */
  meta(key: string): string | undefined;
  setMeta(key: string, value: string): void;
  /** Makes everything since the last commit durable. */
  commit(): void;
  /** Contacts whose call has not ended, in order, at most `limit`; of those that the store holds. */
  unfinished(limit: number): readonly string[];
  /** Gives the file free; what was not committed is gone. */
  close(): void;
}
