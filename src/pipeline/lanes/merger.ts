import type { Frontier } from '../../translate/api.ts';
import type { Ahead, DeadLetter, Piece } from './piece.ts';
import { AT, FIELDS, HAS_AHEAD, LATE } from './piece.ts';

/** Where merged lines go. The bytes stay as they are until the next call of `merge`. */
export interface MergeTarget {
  output(bytes: Uint8Array, start: number, end: number, lines: number): void;
  provenance(bytes: Uint8Array, start: number, end: number, lines: number): void;
  dropped(bytes: Uint8Array, start: number, end: number, lines: number): void;
  dead(letter: DeadLetter): void;
}

/** Puts the pieces of all lanes together in the order in which a run without lanes writes. */
export interface Merger {
  add(lane: number, piece: Piece): void;
  /** Writes all whose turn has come; returns the pieces that are done with. */
  merge(): readonly Piece[];
  /** Items that every lane has taken. */
  items(): number;
  /** What is not written yet, by lane: to be added again by a later process before anything else. */
  rest(): readonly (readonly Piece[])[];
}

const NOTHING_YET: Frontier = { time: Number.NEGATIVE_INFINITY, seq: -1 };

/**
 * A merger of lanes. A normal entry comes when no lane can have one before it; a late one stands behind all that was written when its
 * event came, which was what every lane had told by then. Every lane tells of every late event, so they pair up.
 */
export function createMerger(count: number, target: MergeTarget): Merger {
  const lanes = Array.from({ length: count }, () => new Lane());
  let dead: DeadLetter[] = [];

  /** Up to where entries may be written: before the next late one of each lane, or as far as the lane has come. */
  const bound = (): Frontier => {
    let least = (lanes[0] as Lane).limit();
    for (const lane of lanes) if (isBefore(lane.limit(), least)) least = lane.limit();
    return least;
  };
  const write = (lane: Lane): void => lane.writeRest(target, 0, 0);

  const writeBefore = (end: Frontier): void => {
    for (;;) {
      let first: Lane | undefined;
      let isShared = false;
      for (const lane of lanes) {
        if (!lane.hasBefore(end)) continue;
        if (first === undefined || lane.isBefore(first)) {
          first = lane;
          isShared = false;
        } else if (!first.isBefore(lane)) isShared = true;
      }
      if (first === undefined) return;
      if (isShared) {
        const { time, seq } = first;
        writeTogether(lanes.filter((lane) => lane.hasBefore(end) && lane.time === time && lane.seq === seq));
      } else write(first);
    }
  };

  /** Entries of one event in several lanes: what happened in other calls goes first, by contact. */
  const writeTogether = (those: readonly Lane[]): void => {
    const spans = those.flatMap((lane) => {
      let [output, provenance] = [0, 0];
      return lane.ahead().map((ahead) => {
        const span = { ahead, lane, output, provenance };
        output += ahead.output;
        provenance += ahead.provenance;
        return span;
      });
    });
    spans.sort((a, b) => (a.ahead.contact < b.ahead.contact ? -1 : a.ahead.contact > b.ahead.contact ? 1 : 0));
    for (const { ahead, lane, output, provenance } of spans) lane.writeSpan(target, ahead, output, provenance);
    for (const lane of those) {
      const written = lane.ahead();
      lane.writeRest(
        target,
        written.reduce((sum, { output }) => sum + output, 0),
        written.reduce((sum, { provenance }) => sum + provenance, 0),
        written.reduce((sum, { lines }) => sum + lines, 0),
      );
    }
  };

  const items = (): number => Math.min(...lanes.map((lane) => lane.items));

  const writeDead = (): void => {
    if (dead.length === 0) return;
    const known = items();
    const ready = dead.filter((letter) => letter.item < known).sort((a, b) => a.item - b.item);
    dead = dead.filter((letter) => letter.item >= known);
    for (const letter of ready) target.dead(letter);
  };

  return {
    add(number, piece) {
      lanes[number]?.add(piece);
      dead.push(...piece.dead);
    },
    merge() {
      for (;;) {
        writeBefore(bound());
        if (!lanes.every((lane) => lane.isAtLate())) break;
        writeTogether(lanes);
      }
      writeDead();
      const done = lanes.flatMap((lane) => lane.done);
      for (const lane of lanes) lane.done = [];
      return done;
    },
    items,
    rest: () => lanes.map((lane) => lane.rest()),
  };
}

function isBefore(a: Frontier, b: Frontier): boolean {
  return a.time < b.time || (a.time === b.time && a.seq < b.seq);
}

/** The pieces of one lane, read from entry to entry. */
class Lane {
  /** Pieces that were read to their end since the last merge. */
  done: Piece[] = [];
  items = 0;
  /** Place of the entry at hand. */
  time = Number.NaN;
  seq = Number.NaN;
  private pieces: Piece[] = [];
  /** Of the first piece: the entry at hand, and where its bytes begin. */
  private entry = 0;
  private at = { output: 0, provenance: 0, dropped: 0 };
  private frontier = NOTHING_YET;
  /** Places of the late entries that were added and not written. */
  private lates: Frontier[] = [];

  add(piece: Piece): void {
    this.pieces.push(piece);
    this.frontier = piece.frontier;
    this.items = piece.items;
    const { index } = piece;
    for (let at = 0; at < index.length; at += FIELDS) {
      if (((index[at + AT.flags] as number) & LATE) !== 0) {
        this.lates.push({ time: index[at + AT.time] as number, seq: index[at + AT.seq] as number });
      }
    }
    if (this.pieces.length === 1) this.settle();
  }

  limit(): Frontier {
    return this.lates[0] ?? this.frontier;
  }

  isAtLate(): boolean {
    return (this.field(AT.flags) & LATE) !== 0;
  }

  hasBefore(end: Frontier): boolean {
    return !this.isAtLate() && (this.time < end.time || (this.time === end.time && this.seq < end.seq));
  }

  isBefore(other: Lane): boolean {
    return this.time < other.time || (this.time === other.time && this.seq < other.seq);
  }

  ahead(): readonly Ahead[] {
    return (this.field(AT.flags) & HAS_AHEAD) === 0 ? [] : (this.pieces[0]?.ahead.get(this.entry) ?? []);
  }

  /** Writes a part of the entry at hand, from offsets in it on. */
  writeSpan(target: MergeTarget, span: Ahead, output: number, provenance: number): void {
    const piece = this.pieces[0] as Piece;
    const from = { output: this.at.output + output, provenance: this.at.provenance + provenance };
    if (span.output > 0) target.output(piece.output, from.output, from.output + span.output, span.lines);
    if (span.provenance > 0) target.provenance(piece.provenance, from.provenance, from.provenance + span.provenance, span.lines);
  }

  /** Writes the entry at hand from offsets in it on, `lines` having been written already, and goes on to the next. */
  writeRest(target: MergeTarget, output: number, provenance: number, lines = 0): void {
    const piece = this.pieces[0] as Piece;
    const { at } = this;
    const end = {
      output: at.output + this.field(AT.output),
      provenance: at.provenance + this.field(AT.provenance),
      dropped: at.dropped + this.field(AT.dropped),
    };
    const left = this.field(AT.lines) - lines;
    if (end.output > at.output + output) target.output(piece.output, at.output + output, end.output, left);
    if (end.provenance > at.provenance + provenance) {
      target.provenance(piece.provenance, at.provenance + provenance, end.provenance, left);
    }
    if (end.dropped > at.dropped) target.dropped(piece.dropped, at.dropped, end.dropped, this.field(AT.droppedLines));
    if (this.isAtLate()) this.lates.shift();
    this.at = end;
    this.entry += 1;
    this.settle();
  }

  /** What was not written, the first piece without what was. */
  rest(): readonly Piece[] {
    const [first, ...others] = this.pieces;
    if (first === undefined) return [];
    const { entry, at } = this;
    const rest: Piece = {
      ...first,
      index: first.index.slice(entry * FIELDS),
      output: first.output.slice(at.output),
      provenance: first.provenance.slice(at.provenance),
      dropped: first.dropped.slice(at.dropped),
      ahead: new Map([...first.ahead].flatMap(([number, each]) => (number < entry ? [] : [[number - entry, each] as const]))),
    };
    return [rest, ...others];
  }

  private field(field: number): number {
    return this.pieces[0]?.index[this.entry * FIELDS + field] ?? Number.NaN;
  }

  /** Goes on to the next piece where the first has been read. */
  private settle(): void {
    for (;;) {
      const piece = this.pieces[0];
      if (piece === undefined || this.entry * FIELDS < piece.index.length) break;
      this.pieces.shift();
      this.done.push(piece);
      this.entry = 0;
      this.at = { output: 0, provenance: 0, dropped: 0 };
    }
    this.time = this.field(AT.time);
    this.seq = this.field(AT.seq);
  }
}
