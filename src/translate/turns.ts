import type { OutputQueue } from './output-queue.ts';

/** A place in the output order: event time (Unix milliseconds), then input order. */
export interface Frontier {
  readonly time: number;
  readonly seq: number;
}

/** How far the output is, for who puts it together with that of other parts. */
export interface Turns {
  /** The turn of an event has come. */
  come(event: Frontier): void;
  /** A late event has come, of whatever part. */
  comeLate(): void;
  /** Every outcome before this place has been told. */
  frontier(): Frontier;
  /** Late events so far, and where the frontier stood when the last of them came. */
  lateEvents(): number;
  lateFrontier(): Frontier;
  /** The event whose turn came last, if any, for a checkpoint. */
  save(): Frontier | undefined;
  restore(last: Frontier | undefined): void;
}

const NOWHERE: Frontier = { time: Number.NEGATIVE_INFINITY, seq: -1 };

/** No turn has come yet. */
export function createTurns(queue: Pick<OutputQueue, 'first'>): Turns {
  let { time, seq } = NOWHERE;
  let late = 0;
  let lateFrontier = NOWHERE;
  const frontier = (): Frontier => queue.first() ?? { time, seq: seq + 1 };
  return {
    // Only the numbers: the event holds its record.
    come(event) {
      time = event.time;
      seq = event.seq;
    },
    comeLate() {
      late += 1;
      lateFrontier = frontier();
    },
    frontier,
    lateEvents: () => late,
    lateFrontier: () => lateFrontier,
    save: () => (seq < 0 ? undefined : { time, seq }),
    restore(last) {
      ({ time, seq } = last ?? NOWHERE);
    },
  };
}
