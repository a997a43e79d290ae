import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * A mark tells all partitions what was in a stretch of the stream of 1.0 events: which messages, of which partition, and what each shows to
 * the others. One worker at a time makes them, each behind the last; so every partition sees the whole, in one order, and reads only its own
 * messages in full.
 */
export interface Mark {
  /** Position of the last message of the stretch. */
  readonly to: number;
  /** Position, partition, and what is shown (`createGlance`), null for what is no event. */
  readonly messages: readonly (readonly [number, number, string | null])[];
  /** Nothing came for long: what waits is decided here. */
  readonly rest: boolean;
}

/** A mark as the body of a message. */
export function packMark(mark: Mark): Uint8Array {
  return deflateRawSync(JSON.stringify(mark), { level: 1 });
}

/** The mark of a body. */
export function readMark(body: Uint8Array): Mark {
  return JSON.parse(inflateRawSync(body).toString('utf8')) as Mark;
}
