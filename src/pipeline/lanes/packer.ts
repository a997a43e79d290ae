import type { Provenance } from '../../sink/provenance.ts';
import { createProvenance } from '../../sink/provenance.ts';
import type { SideContext } from '../../sink/side-lines.ts';
import { droppedLine } from '../../sink/side-lines.ts';
import type { LineSink } from '../../sink/sink.ts';
import type { Frontier } from '../../translate/api.ts';
import type { Outcome, Output } from '../../translate/outcome.ts';
import type { ConvertJob } from '../job.ts';
import type { Ahead, DeadLetter, Piece } from './piece.ts';
import { AT, FIELDS, HAS_AHEAD, LATE } from './piece.ts';

const ROOM = 1024 * 1024;
const ENTRIES = 4096;

/** Packs what becomes of events into pieces. */
export interface Packer {
  outcome(outcome: Outcome): void;
  /** A late event came, of whatever part, when all before `frontier` had been told; `outcome`, where there is one, is what became of it. */
  late(frontier: Frontier, outcome: Outcome | undefined): void;
  dead(letter: DeadLetter): void;
  /** Bytes packed. */
  readonly size: number;
  /** All that was packed since the last time, and its memory; new memory is made unless some was given back. */
  take(frontier: Frontier, items: number): Piece;
  /** Memory of a piece that is done with. */
  reuse(buffers: readonly ArrayBuffer[]): void;
}

/** A packer for the files that a job writes. */
export function createPacker(context: SideContext, job: Pick<ConvertJob, 'provenance' | 'dropped'>): Packer {
  const spare: ArrayBuffer[] = [];
  const output = new Lines(spare);
  const provenance = new Lines(spare);
  const dropped = new Lines(spare);
  const encoder = new TextEncoder();
  const sources: Provenance = createProvenance(context);
  const { kind } = job.provenance;
  let index = new Float64Array(ENTRIES * FIELDS);
  let entries = 0;
  let ahead = new Map<number, Ahead[]>();
  let dead: DeadLetter[] = [];

  const write = (each: Output): void => {
    each.label.row.out += 1;
    if (kind === 'field') sources.field(output, each);
    else output.line(each.bytes, each.start, each.end);
    if (kind === 'file') sources.line(provenance, each);
    each.chunk.live -= 1;
  };

  const add = (flags: number, { time, seq }: Frontier, outcome: Outcome | undefined): void => {
    if ((entries + 1) * FIELDS > index.length) index = grown(index);
    const at = entries * FIELDS;
    const before = { output: output.length, lines: output.lines, provenance: provenance.length };
    let elsewhere: Ahead[] | undefined;
    for (const each of outcome?.outputs ?? []) {
      const from = { output: output.length, lines: output.lines, provenance: provenance.length };
      write(each);
      if (each.contact === outcome?.contact || each.contact === undefined) continue;
      elsewhere ??= [];
      elsewhere.push({ contact: each.contact, ...since(from) });
    }
    if (elsewhere !== undefined) ahead.set(entries, elsewhere);
    const droppedBefore = dropped.length;
    const line = job.dropped === undefined || outcome?.home !== true ? undefined : droppedLine(context, outcome);
    if (line !== undefined) {
      const bytes = encoder.encode(line);
      dropped.line(bytes, 0, bytes.length);
    }
    const span = since(before);
    index[at + AT.flags] = flags | (elsewhere === undefined ? 0 : HAS_AHEAD);
    index[at + AT.time] = time;
    index[at + AT.seq] = seq;
    index[at + AT.output] = span.output;
    index[at + AT.lines] = span.lines;
    index[at + AT.provenance] = span.provenance;
    index[at + AT.dropped] = dropped.length - droppedBefore;
    index[at + AT.droppedLines] = line === undefined ? 0 : 1;
    entries += 1;
    sources.flushed();
  };

  const since = (from: { readonly output: number; readonly lines: number; readonly provenance: number }): Omit<Ahead, 'contact'> => ({
    output: output.length - from.output,
    lines: output.lines - from.lines,
    provenance: provenance.length - from.provenance,
  });

  return {
    outcome(outcome) {
      // What leaves nothing behind needs no place.
      if (outcome.outputs.length > 0 || job.dropped !== undefined) add(0, outcome, outcome);
    },
    late: (frontier, outcome) => add(LATE, frontier, outcome),
    dead: (letter) => dead.push(letter),
    get size() {
      return output.length + provenance.length + dropped.length;
    },
    take(frontier, items) {
      const piece: Piece = {
        index: index.slice(0, entries * FIELDS),
        output: output.take(),
        provenance: provenance.take(),
        dropped: dropped.take(),
        ahead,
        dead,
        frontier: { time: frontier.time, seq: frontier.seq },
        items,
      };
      entries = 0;
      ahead = new Map();
      dead = [];
      return piece;
    },
    reuse(buffers) {
      for (const buffer of buffers) if (spare.length < 6 && buffer.byteLength === ROOM) spare.push(buffer);
    },
  };
}

function grown(index: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(index.length * 2);
  larger.set(index);
  return larger;
}

/** Lines one behind the other in memory. */
class Lines implements LineSink {
  private bytes: Uint8Array<ArrayBuffer> | undefined;
  private readonly spare: ArrayBuffer[];
  length: number = 0;
  lines: number = 0;

  constructor(spare: ArrayBuffer[]) {
    this.spare = spare;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.bytes ??= new Uint8Array(this.spare.pop() ?? new ArrayBuffer(ROOM));
    if (this.length + end - start > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + end - start));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
    this.lines += 1;
  }

  /** What was collected, which is then no longer this one's. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes?.subarray(0, this.length) ?? new Uint8Array(0);
    this.bytes = undefined;
    this.length = 0;
    this.lines = 0;
    return taken;
  }
}
