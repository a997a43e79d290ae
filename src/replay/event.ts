import type { Sendable } from '../deliver/sender-api.ts';

/** A 2.0 event of a stream, on its way to be sent. */
export interface ReplayEvent extends Sendable {
  /** Its number among those that are meant, from 0: the same in every run of the same job. */
  readonly seq: number;
  readonly type: string;
  /** Event time, Unix milliseconds, as it is sent; the time of the event before it where it has none. */
  readonly time: number;
}

/** A 2.0 event as it was read. */
export interface StreamEvent {
  readonly type: string;
  /** NaN where there is none. */
  readonly time: number;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
  /** The event as JSON on one line, without a line feed and without `_upcast`. */
  readonly body: Uint8Array;
  /** From provenance: 64 hex digits. */
  readonly id: string | undefined;
}

/** What stands in an input and is no event. */
export interface NoStreamEvent {
  readonly code: string;
  readonly message: string;
  /** Line of the dead-letter file. */
  readonly line: string;
}

/** Nothing was sent of it: it stands in the dead letters. */
export function isNoEvent(item: StreamEvent | NoStreamEvent): item is NoStreamEvent {
  return 'code' in item;
}
