import type { Frontier } from '../../translate/turns.ts';
import type { LineTarget } from './batch-reader.ts';
import { BatchReader } from './batch-reader.ts';
import type { Batch, DeadLetter, Piece, Span } from './piece.ts';

/** Where all goes that lanes made. */
export interface MergeTarget extends LineTarget {
  dead(letter: DeadLetter): void;
}

/** Puts the pieces of all lanes together in the order in which a run without lanes writes. */
export interface Merger {
  add(lane: number, piece: Piece): void;
  /** Adds what an earlier process had not written yet; before any piece. */
  addRest(lane: number, batch: Batch): void;
  /** Writes all whose turn has come; returns the pieces that are done with. */
  merge(): readonly Piece[];
  /** What is not written yet, by lane, at a place of the inputs that all lanes have come to. */
  rest(): readonly (readonly Batch[])[];
}

const NOTHING_YET: Frontier = { time: Number.NEGATIVE_INFINITY, seq: -1 };
const NOTHING: Span = { output: 0, lines: 0, provenance: 0 };

interface Lane {
  readonly entries: BatchReader;
  readonly late: BatchReader;
  frontier: Frontier;
  items: number;
  pieces: Piece[];
}

/**
 * A merger of lanes. A normal entry comes when no lane can have one before it any more. A late one stands behind all that had been written
 * when its event came, which is what every lane had told by then; every lane tells of every late event, so they pair up.
 */
export function createMerger(count: number, target: MergeTarget): Merger {
  const lanes = Array.from(
    { length: count },
    (): Lane => ({ entries: new BatchReader(), late: new BatchReader(), frontier: NOTHING_YET, items: 0, pieces: [] }),
  );
  let dead: DeadLetter[] = [];

  /** Up to where entries may be written: as far as each lane had come when the next late event came, or has come by now. */
  const bound = (): Frontier => {
    let least: Frontier | undefined;
    for (const { late, frontier } of lanes) {
      const limit = late.hasEntry ? late : frontier;
      if (least === undefined || isBefore(limit, least)) least = limit;
    }
    return { time: least?.time ?? 0, seq: least?.seq ?? 0 };
  };

  const writeBefore = (end: Frontier): void => {
    for (;;) {
      let first: BatchReader | undefined;
      let isShared = false;
      for (const { entries } of lanes) {
        if (!isBefore(entries, end)) continue;
        if (first === undefined || isBefore(entries, first)) {
          first = entries;
          isShared = false;
        } else if (!isBefore(first, entries)) isShared = true;
      }
      if (first === undefined) return;
      if (isShared) {
        const { time, seq } = first;
        writeTogether(lanes.flatMap(({ entries }) => (entries.time === time && entries.seq === seq ? [entries] : [])));
      } else first.write(target, NOTHING);
    }
  };

  /** Entries of one event in several lanes: what happened in other calls goes first, by contact. */
  const writeTogether = (readers: readonly BatchReader[]): void => {
    const written = readers.map(() => NOTHING);
    const spans = readers.flatMap((reader, number) =>
      reader.ahead().map((ahead) => {
        const from = written[number] ?? NOTHING;
        written[number] = added(from, ahead);
        return { reader, ahead, from };
      }),
    );
    spans.sort((a, b) => (a.ahead.contact < b.ahead.contact ? -1 : a.ahead.contact > b.ahead.contact ? 1 : 0));
    for (const { reader, ahead, from } of spans) reader.writeAhead(target, ahead, from);
    for (const [number, reader] of readers.entries()) reader.write(target, written[number] ?? NOTHING);
  };

  const writeDead = (): void => {
    if (dead.length === 0) return;
    const known = Math.min(...lanes.map(({ items }) => items));
    const ready = dead.filter((letter) => letter.item < known).sort((a, b) => a.item - b.item);
    dead = dead.filter((letter) => letter.item >= known);
    for (const letter of ready) target.dead(letter);
  };

  const takeDone = (): readonly Piece[] => {
    const done: Piece[] = [];
    for (const lane of lanes) {
      const isDone = ({ entries, late }: Piece): boolean => !lane.entries.holds(entries) && !lane.late.holds(late);
      done.push(...lane.pieces.filter(isDone));
      lane.pieces = lane.pieces.filter((piece) => !isDone(piece));
    }
    return done;
  };

  return {
    add(number, piece) {
      const lane = lanes[number] as Lane;
      lane.entries.add(piece.entries);
      lane.late.add(piece.late);
      lane.frontier = piece.frontier;
      lane.items = piece.items;
      lane.pieces.push(piece);
      dead.push(...piece.dead);
    },
    addRest: (number, batch) => lanes[number]?.entries.add(batch),
    merge() {
      for (;;) {
        writeBefore(bound());
        if (!lanes.every(({ late }) => late.hasEntry)) break;
        writeTogether(lanes.map(({ late }) => late));
      }
      writeDead();
      return takeDone();
    },
    rest: () => lanes.map(({ entries }) => entries.rest()),
  };
}

function isBefore(a: Frontier, b: Frontier): boolean {
  return a.time < b.time || (a.time === b.time && a.seq < b.seq);
}

function added(a: Span, b: Span): Span {
  return { output: a.output + b.output, lines: a.lines + b.lines, provenance: a.provenance + b.provenance };
}
