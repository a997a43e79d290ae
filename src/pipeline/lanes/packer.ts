import type { Provenance } from '../../sink/provenance.ts';
import { createProvenance } from '../../sink/provenance.ts';
import type { SideContext } from '../../sink/side-lines.ts';
import { droppedLine } from '../../sink/side-lines.ts';
import type { LineSink } from '../../sink/sink.ts';
import type { Outcome, Output } from '../../translate/outcome.ts';
import type { Frontier } from '../../translate/turns.ts';
import type { ConvertJob } from '../job.ts';
import type { Ahead, Batch, DeadLetter, Piece, Span } from './piece.ts';
import { AT, FIELDS } from './piece.ts';

/** What the lines of one file in a piece have room for at first: seldom is more needed. */
const ROOM = 512 * 1024;
const ENTRIES = 1024;
const MOST_SPARE = 4;

/** Packs what becomes of events into pieces. */
export interface Packer {
  outcome(outcome: Outcome): void;
  /** A late event came, of whatever part, when all before `frontier` had been told; `outcome`, where there is one, is what became of it. */
  late(frontier: Frontier, outcome: Outcome | undefined): void;
  dead(letter: DeadLetter): void;
  /** Bytes packed. */
  readonly size: number;
  /** All that was packed since the last time, with its memory. */
  take(frontier: Frontier, items: number): Piece;
  /** Memory of a piece that is done with. */
  reuse(buffers: readonly ArrayBuffer[]): void;
}

/** A packer for the files that a job writes. */
export function createPacker(context: SideContext, job: Pick<ConvertJob, 'provenance' | 'dropped'>): Packer {
  const spare: ArrayBuffer[] = [];
  const tools: Tools = { context, sources: createProvenance(context), kind: job.provenance.kind, listsDropped: job.dropped !== undefined };
  const entries = new BatchWriter(tools, spare);
  const late = new BatchWriter(tools, spare);
  let dead: DeadLetter[] = [];
  return {
    outcome(outcome) {
      // What leaves nothing behind needs no place.
      if (outcome.outputs.length > 0 || tools.listsDropped) entries.add(outcome, outcome);
    },
    late: (frontier, outcome) => late.add(frontier, outcome),
    dead: (letter) => dead.push(letter),
    get size() {
      return entries.size + late.size;
    },
    take(frontier, items) {
      const { time, seq } = frontier;
      const piece = { entries: entries.take(), late: late.take(), dead, frontier: { time, seq }, items };
      dead = [];
      return piece;
    },
    reuse(buffers) {
      for (const buffer of buffers) if (spare.length < MOST_SPARE && buffer.byteLength === ROOM) spare.push(buffer);
    },
  };
}

interface Tools {
  readonly context: SideContext;
  readonly sources: Provenance;
  readonly kind: ConvertJob['provenance']['kind'];
  readonly listsDropped: boolean;
}

const encoder = new TextEncoder();

/** A batch that is being made. */
class BatchWriter {
  private readonly tools: Tools;
  private readonly output: Lines;
  private readonly provenance: Lines;
  private readonly dropped: Lines;
  private index = new Float64Array(0);
  private count = 0;
  private ahead = new Map<number, Ahead[]>();

  constructor(tools: Tools, spare: ArrayBuffer[]) {
    this.tools = tools;
    this.output = new Lines(spare);
    this.provenance = new Lines(spare);
    this.dropped = new Lines(spare);
  }

  get size(): number {
    return this.output.length + this.provenance.length + this.dropped.length;
  }

  /** Writes what became of an event, if anything, at a place. */
  add({ time, seq }: Frontier, outcome: Outcome | undefined): void {
    const before = this.place();
    for (const each of outcome?.outputs ?? []) this.write(each, outcome?.contact);
    const droppedBefore = this.dropped.length;
    const droppedLines = outcome?.home === true && this.tools.listsDropped && this.writeDropped(outcome) ? 1 : 0;
    const at = this.count * FIELDS;
    if (at === this.index.length) this.grow();
    const { index } = this;
    const span = this.since(before);
    index[at + AT.time] = time;
    index[at + AT.seq] = seq;
    index[at + AT.output] = span.output;
    index[at + AT.lines] = span.lines;
    index[at + AT.provenance] = span.provenance;
    index[at + AT.dropped] = this.dropped.length - droppedBefore;
    index[at + AT.droppedLines] = droppedLines;
    this.count += 1;
    this.tools.sources.flushed();
  }

  take(): Batch {
    const batch = {
      index: this.index.subarray(0, this.count * FIELDS),
      output: this.output.take(),
      provenance: this.provenance.take(),
      dropped: this.dropped.take(),
      ahead: this.ahead,
    };
    this.index = new Float64Array(0);
    this.count = 0;
    this.ahead = new Map();
    return batch;
  }

  private write(each: Output, own: string | undefined): void {
    const { sources, kind } = this.tools;
    const before = this.place();
    each.label.row.out += 1;
    if (kind === 'field') sources.field(this.output, each);
    else this.output.line(each.bytes, each.start, each.end);
    if (kind === 'file') sources.line(this.provenance, each);
    each.chunk.live -= 1;
    if (each.contact === own || each.contact === undefined) return;
    const spans = this.ahead.get(this.count) ?? [];
    this.ahead.set(this.count, [...spans, { contact: each.contact, ...this.since(before) }]);
  }

  private writeDropped(outcome: Outcome): boolean {
    const line = droppedLine(this.tools.context, outcome);
    if (line === undefined) return false;
    const bytes = encoder.encode(line);
    this.dropped.line(bytes, 0, bytes.length);
    return true;
  }

  private place(): Span {
    return { output: this.output.length, lines: this.output.lines, provenance: this.provenance.length };
  }

  private since({ output, lines, provenance }: Span): Span {
    return { output: this.output.length - output, lines: this.output.lines - lines, provenance: this.provenance.length - provenance };
  }

  private grow(): void {
    const larger = new Float64Array(Math.max(ENTRIES * FIELDS, this.index.length * 2));
    larger.set(this.index);
    this.index = larger;
  }
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
