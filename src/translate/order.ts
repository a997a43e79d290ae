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
 * Puts events into event-time order within the lateness window; ties keep the input order (semantics, section 4). A priority queue
 * by (time, seq) in front of a clock that only a believable event moves.
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
  /** All events that wait, in no particular order. */
  waiting(): readonly EventFacts[];
  save(): ClockState;
  restore(state: ClockState): void;
}

/** An empty buffer. */
export function createOrderBuffer(options: OrderOptions): OrderBuffer {
  const heap: EventFacts[] = [];
  let clock = Number.NEGATIVE_INFINITY;
  let ahead: number[] = [];
  return {
    clock: () => clock,
    isLate: (time) => time < clock - options.lateness || (heap.length >= MOST_WAITING && time > clock + options.maxJump),
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
    add: (facts) => push(heap, facts),
    next() {
      const first = heap[0];
      return first !== undefined && first.time <= clock - options.lateness ? pop(heap) : undefined;
    },
    drain: () => pop(heap),
    get size() {
      return heap.length;
    },
    waiting: () => heap,
    save: () => ({ clock, ahead }),
    restore(state) {
      clock = state.clock;
      ahead = [...state.ahead];
    },
  };
}

function before(a: EventFacts, b: EventFacts): boolean {
  return a.time < b.time || (a.time === b.time && a.seq < b.seq);
}

function push(heap: EventFacts[], facts: EventFacts): void {
  let at = heap.length;
  heap.push(facts);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as EventFacts;
    if (!before(facts, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = facts;
}

function pop(heap: EventFacts[]): EventFacts | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || first === last) return first;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= heap.length) break;
    if (down + 1 < heap.length && before(heap[down + 1] as EventFacts, heap[down] as EventFacts)) down += 1;
    const child = heap[down] as EventFacts;
    if (!before(child, last)) break;
    heap[at] = child;
    at = down;
  }
  heap[at] = last;
  return first;
}
