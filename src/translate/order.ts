import type { EventFacts } from '../event/facts.ts';

/** Where event time stands, and which events wait for earlier ones. */
export interface OrderOptions {
  /** Milliseconds of event time within which disorder is put right. */
  readonly lateness: number;
  /** A jump ahead of more than this does not move the clock until other events confirm it. */
  readonly maxJump: number;
}

/** Plain data of an {@link OrderBuffer}, for a checkpoint (the events themselves are saved by their owner). */
export interface ClockState {
  readonly clock: number;
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
  add(facts: EventFacts): void;
  /** The next event that no earlier one can precede any more, or undefined. */
  next(): EventFacts | undefined;
  /** The next event, whatever may still come. */
  drain(): EventFacts | undefined;
  readonly size: number;
  /** All events that wait, in order. */
  waiting(): readonly EventFacts[];
  save(): ClockState;
  restore(state: ClockState): void;
}

/** An empty buffer. */
export function createOrderBuffer(options: OrderOptions): OrderBuffer {
  const queue = createSortedQueue();
  let clock = Number.NEGATIVE_INFINITY;
  let ahead: number[] = [];
  return {
    clock: () => clock,
    isLate: (time) => time < clock - options.lateness || (queue.size >= MOST_WAITING && time > clock + options.maxJump),
    tick(time) {
      // The first events of a run confirm each other too: a log that begins with an event of 2099 must not make all others late.
      if (time <= clock + options.maxJump) {
        if (time > clock) clock = time;
        ahead = [];
      } else {
        ahead = [...ahead.filter((each) => Math.abs(each - time) <= options.maxJump), time];
        if (ahead.length < CONFIRMATIONS) return;
        clock = Math.max(...ahead);
        ahead = [];
      }
    },
    add: queue.add,
    next() {
      const first = queue.first();
      return first !== undefined && first.time <= clock - options.lateness ? queue.take() : undefined;
    },
    drain: queue.take,
    get size() {
      return queue.size;
    },
    waiting: queue.all,
    save: () => ({ clock, ahead }),
    restore(state) {
      clock = state.clock;
      ahead = [...state.ahead];
    },
  };
}

/** Events in (time, seq) order in one array: they come nearly sorted, so one is mostly added at the end and always taken at the front. */
interface SortedQueue {
  readonly size: number;
  first(): EventFacts | undefined;
  add(facts: EventFacts): void;
  take(): EventFacts | undefined;
  all(): readonly EventFacts[];
}

function createSortedQueue(): SortedQueue {
  let events: EventFacts[] = [];
  let head = 0;
  return {
    get size() {
      return events.length - head;
    },
    first: () => events[head],
    add(facts) {
      const last = events[events.length - 1];
      if (head === events.length || last === undefined || last.time <= facts.time) {
        events.push(facts);
        return;
      }
      let from = head;
      let to = events.length;
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((events[middle] as EventFacts).time <= facts.time) from = middle + 1;
        else to = middle;
      }
      events.splice(from, 0, facts);
    },
    take() {
      const first = events[head];
      if (first === undefined) return undefined;
      head += 1;
      if (head > 1024 && head * 2 > events.length) {
        events = events.slice(head);
        head = 0;
      }
      return first;
    },
    all: () => events.slice(head),
  };
}
