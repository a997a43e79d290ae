/** One message of a stream that is divided into partitions. */
export interface Arrival {
  /** Number of the message in the whole stream: the order of the input. */
  readonly position: number;
  /** It belongs to the partition that is read. */
  readonly home: boolean;
  /** The event; of a message of another partition only what it shows to all, undefined where that is nothing. */
  readonly body: Uint8Array | string | undefined;
}

/** A stretch of a stream. */
export interface Stretch {
  readonly arrivals: readonly Arrival[];
  /** All of the stream up to here is in this stretch or an earlier one; reading may go on from here. */
  readonly cursor: Cursor;
  /** Nothing came for long: what waits is decided. It is part of the stream, so that whoever reads it decides the same. */
  readonly rest: boolean;
}

/** A place in a stream, as who reads it needs it; the beginning has 0 in both. */
export interface Cursor {
  readonly position: number;
  /** Number of the mark that told of it. */
  readonly mark: number;
}

/**
 * Where the messages of one partition come from. All that shows something to every part of the work (events without a contact, times) comes
 * to every partition, in the order of the whole: dividing the work changes no output (semantics, section 3).
 */
export interface PartitionSource {
  /** Everything behind a place, in order, each once. Ends when the source is closed. Errors: of the stream, once it cannot be read any more. */
  read(from: Cursor): AsyncIterable<Stretch>;
  /** What is up to here has been dealt with for good. */
  acknowledge(position: number): Promise<void>;
  close(): Promise<void>;
}
