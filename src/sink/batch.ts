import { EXIT, UpcastError } from '../errors.ts';

/** One message for a stream. */
export interface BatchMessage {
  /** Idempotency key: a message with the id of an earlier one is that one. */
  readonly id: string;
  readonly kind: 'event' | 'dead-letter';
  /** Token of the contact or agent to which it belongs. */
  readonly token: string;
  /** Messages that share a key stay in their order. */
  readonly keys: readonly string[];
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the messages of one partition go. */
export interface BatchSink {
  /**
   * Puts messages in, those of a key in their order; returns once they are durable, with the number of the last of them,
   * whoever put it in. May be repeated: what is in
   * already is not put in again. `mayGoOn` is asked before each try. Errors: `lost` if it says no.
   */
  put(messages: readonly BatchMessage[], mayGoOn: () => boolean): Promise<number>;
  /** Reads which ids of this partition are in behind a number, so that `put` knows them however long ago that was. */
  recall(after: number): Promise<void>;
  close(): Promise<void>;
}

/** The error of a worker whose partition another one has taken over. */
export function lost(): UpcastError {
  return new UpcastError({ code: 'lost', exit: EXIT.io, message: 'another worker has taken the partition over' });
}
