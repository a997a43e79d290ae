import type { EventKind } from '../event/kind.ts';
import { NO_KIND } from '../event/kind.ts';
import type { RecordView } from '../event/record.ts';
import { createShapeTree } from '../event/shape.ts';

/** What is known of an event when it arrives. */
export interface ArrivedEvent {
  readonly record: RecordView;
  readonly kind: EventKind;
  /** Place in the input order of the whole run, from 0. */
  readonly seq: number;
  /** Event time, Unix milliseconds. */
  readonly time: number;
  /** True if it is already a 2.0 event. */
  readonly current: boolean;
  /** False for an event of another part of the work, of which only matters what it shows of its agent. */
  readonly home: boolean;
}

const shapes = createShapeTree();

/** The record of an event of another part that can change nothing here: its time is all that is kept of it. */
export const NO_RECORD: RecordView = {
  block: {
    bytes: new Uint8Array(0),
    view: new DataView(new ArrayBuffer(0)),
    spans: new Int32Array(0),
    isAscii: true,
    live: 0,
    text: () => '',
  },
  start: 0,
  end: 0,
  at: 0,
  shape: shapes.shapeOf(shapes.root),
  source: -1,
  offset: -1,
  line: -1,
};

const FIRST_ROOM = 64;
const CURRENT = 1;
const HOME = 2;

/**
 * Events in the order of their times; those of equal times in the order in which they were added. A ring of columns, not of objects: tens
 * of thousands wait here, and most of what is to be known of them can be read when their turn comes.
 */
export class EventRing {
  private records: (RecordView | undefined)[] = emptyColumn(FIRST_ROOM);
  private kinds: (EventKind | undefined)[] = emptyColumn(FIRST_ROOM);
  private times = new Float64Array(FIRST_ROOM);
  private seqs = new Float64Array(FIRST_ROOM);
  /** Bits: {@link CURRENT}, {@link HOME}. */
  private flags = new Uint8Array(FIRST_ROOM);
  private readonly passed: PassingEvent = passingEvent();
  private head = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Time of the first event; NaN if there is none. */
  firstTime(): number {
    return this.count === 0 ? Number.NaN : (this.times[this.head] as number);
  }

  /** Adds an event behind all that are not later: they come nearly sorted, so mostly at the end. */
  add(event: ArrivedEvent): void {
    if (this.count === this.times.length) this.grow();
    const { time } = event;
    const { times } = this;
    const mask = times.length - 1;
    let at = this.count;
    if (at > 0 && (times[this.placeOf(at - 1)] as number) > time) {
      at = this.placeBehind(time);
      for (let index = this.count; index > at; index -= 1) this.move((this.head + index - 1) & mask, (this.head + index) & mask);
    }
    const place = this.placeOf(at);
    this.records[place] = event.record;
    this.kinds[place] = event.kind;
    times[place] = time;
    this.seqs[place] = event.seq;
    this.flags[place] = (event.current ? CURRENT : 0) | (event.home ? HOME : 0);
    this.count += 1;
  }

  /** Takes the first event out, which there must be. */
  take(): ArrivedEvent {
    const event = this.records[this.head] === NO_RECORD ? this.passing() : this.at(0);
    this.records[this.head] = undefined;
    this.head = this.placeOf(1);
    this.count -= 1;
    return event;
  }

  /** All events, in order; the ring must not change meanwhile. */
  *all(): Generator<ArrivedEvent> {
    for (let index = 0; index < this.count; index += 1) yield this.at(index);
  }

  /** One object for all of them: nobody keeps it. */
  private passing(): ArrivedEvent {
    const { passed } = this;
    passed.seq = this.seqs[this.head] as number;
    passed.time = this.times[this.head] as number;
    return passed;
  }

  private at(index: number): ArrivedEvent {
    const place = this.placeOf(index);
    return {
      record: this.records[place] as RecordView,
      kind: this.kinds[place] as EventKind,
      seq: this.seqs[place] as number,
      time: this.times[place] as number,
      current: ((this.flags[place] as number) & CURRENT) !== 0,
      home: ((this.flags[place] as number) & HOME) !== 0,
    };
  }

  private placeOf(index: number): number {
    return (this.head + index) & (this.times.length - 1);
  }

  /** Index behind the last event that is not later. */
  private placeBehind(time: number): number {
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.times[this.placeOf(middle)] as number) <= time) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  private move(from: number, to: number): void {
    this.records[to] = this.records[from];
    this.kinds[to] = this.kinds[from];
    this.times[to] = this.times[from] as number;
    this.seqs[to] = this.seqs[from] as number;
    this.flags[to] = this.flags[from] as number;
  }

  private grow(): void {
    const events = [...this.all()];
    const room = this.times.length * 2;
    this.records = emptyColumn(room);
    this.kinds = emptyColumn(room);
    this.times = new Float64Array(room);
    this.seqs = new Float64Array(room);
    this.flags = new Uint8Array(room);
    this.head = 0;
    this.count = 0;
    for (const event of events) this.add(event);
  }
}

/** An event of which only place and time are known, to be filled in. */
export type PassingEvent = { -readonly [name in keyof ArrivedEvent]: ArrivedEvent[name] };

/** One to be filled in. */
export function passingEvent(): PassingEvent {
  return { record: NO_RECORD, kind: NO_KIND, seq: -1, time: Number.NaN, current: false, home: false };
}

function emptyColumn<T>(room: number): (T | undefined)[] {
  return new Array<T | undefined>(room).fill(undefined);
}
