import { Fifo } from './fifo.ts';

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
export interface OrderBuffer<T> {
  /** Highest believed event time; -Infinity before the first event. */
  clock(): number;
  /** True if the event comes later than the window allows; it is then not to be added. */
  isLate(time: number): boolean;
  /** Moves the clock by an event, if the event is believable. */
  tick(time: number): void;
  add(item: T): void;
  /** The next event that no earlier one can precede any more, or undefined. */
  next(): T | undefined;
  /** The next event, whatever may still come. */
  drain(): T | undefined;
  readonly size: number;
  /** All events that wait, in order. */
  waiting(): readonly T[];
  save(): ClockState;
  restore(state: ClockState): void;
}

/** An empty buffer. */
export function createOrderBuffer<T extends { readonly time: number }>(options: OrderOptions): OrderBuffer<T> {
  const queue = new Fifo<T>();
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
    add: (item) => addSorted(queue, item),
    next() {
      const first = queue.first();
      return first !== undefined && first.time <= clock - options.lateness ? queue.take() : undefined;
    },
    drain: () => queue.take(),
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

/** Adds an item behind all that are not later: items come nearly sorted, so mostly at the end. */
function addSorted<T extends { readonly time: number }>(queue: Fifo<T>, item: T): void {
  const { size } = queue;
  if (size === 0 || queue.at(size - 1).time <= item.time) {
    queue.push(item);
    return;
  }
  let from = 0;
  let to = size;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (queue.at(middle).time <= item.time) from = middle + 1;
    else to = middle;
  }
  queue.insert(from, item);
}
