import type { ArrivedEvent } from './event-ring.ts';
import { EventRing } from './event-ring.ts';

/** Where event time stands, and which events wait for earlier ones. */
export interface OrderOptions {
  /** Milliseconds of event time within which disorder is put right. */
  readonly lateness: number;
  /** A jump ahead of more than this does not move the clock until other events confirm it. */
  readonly maxJump: number;
}

/** Plain data of an {@link OrderBuffer}, for a checkpoint (the events themselves are saved by their owner). */
export interface ClockState {
  /** Null: no event yet. */
  readonly clock: number | null;
  readonly ahead: readonly number[];
}

const CONFIRMATIONS = 3;
/** Events dated far ahead wait for the end of the run; past this many they are written at once, so that memory stays bounded. */
const MOST_WAITING = 200_000;

/**
 * Puts events into event-time order within the lateness window; ties keep the input order (semantics, section 4). A queue in
 * (time, seq) order in front of a clock that only a believable event moves.
 */
export interface OrderBuffer {
  /** Highest believed event time; -Infinity before the first event. */
  clock(): number;
  /** True if the event comes later than the window allows; it is then not to be added. */
  isLate(time: number): boolean;
  /** Moves the clock by an event, if the event is believable. */
  tick(time: number): void;
  add(event: ArrivedEvent): void;
  /** The next event that no earlier one can precede any more, or undefined. */
  next(): ArrivedEvent | undefined;
  /** The next event, whatever may still come. */
  drain(): ArrivedEvent | undefined;
  readonly size: number;
  /** All events that wait, in order. */
  waiting(): Iterable<ArrivedEvent>;
  save(): ClockState;
  restore(state: ClockState): void;
}

/** An empty buffer. */
export function createOrderBuffer(options: OrderOptions): OrderBuffer {
  const queue = new EventRing();
  let clock = Number.NEGATIVE_INFINITY;
  let ahead: number[] = [];
  return {
    clock: () => clock,
    isLate: (time) => time < clock - options.lateness || (queue.size >= MOST_WAITING && time > clock + options.maxJump),
    tick(time) {
      // The first events of a run confirm each other too: a log that begins with an event of 2099 must not make all others late.
      if (time <= clock + options.maxJump) {
        if (time > clock) clock = time;
        if (ahead.length > 0) ahead = [];
      } else {
        // The same event sent again confirms nothing, so only different times count.
        ahead = [...ahead.filter((each) => each !== time && Math.abs(each - time) <= options.maxJump), time];
        if (ahead.length < CONFIRMATIONS) return;
        clock = Math.max(...ahead);
        ahead = [];
      }
    },
    add: (event) => queue.add(event),
    next: () => (queue.firstTime() <= clock - options.lateness ? queue.take() : undefined),
    drain: () => (queue.size > 0 ? queue.take() : undefined),
    get size() {
      return queue.size;
    },
    waiting: () => queue.all(),
    save: () => ({ clock: Number.isFinite(clock) ? clock : null, ahead }),
    restore(state) {
      clock = state.clock ?? Number.NEGATIVE_INFINITY;
      ahead = [...state.ahead];
    },
  };
}
