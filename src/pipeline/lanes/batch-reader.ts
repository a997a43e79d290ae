import type { Ahead, Batch } from './piece.ts';
import { AT, FIELDS } from './piece.ts';

/** Where merged lines go. The bytes stay as they are until what took them in was flushed. */
export interface LineTarget {
  output(bytes: Uint8Array, start: number, end: number, lines: number): void;
  provenance(bytes: Uint8Array, start: number, end: number, lines: number): void;
  dropped(bytes: Uint8Array, start: number, end: number, lines: number): void;
}

const NOWHERE = { output: 0, provenance: 0, dropped: 0 } as const;
const NONE: readonly Ahead[] = [];

/** Batches one after another, read from entry to entry. */
export class BatchReader {
  /** Place of the entry at hand; NaN where there is none. */
  time: number = Number.NaN;
  seq: number = Number.NaN;
  private batches: Batch[] = [];
  /** Of the first batch: the entry at hand, and where its bytes begin. */
  private entry = 0;
  private at: { readonly [file in keyof typeof NOWHERE]: number } = NOWHERE;

  add(batch: Batch): void {
    if (batch.index.length === 0) return;
    this.batches.push(batch);
    if (this.batches.length === 1) this.look();
  }

  /** False if no entry is at hand. */
  get hasEntry(): boolean {
    return this.batches.length > 0;
  }

  /** The outputs of the entry at hand in other calls. */
  ahead(): readonly Ahead[] {
    return this.batches[0]?.ahead.get(this.entry) ?? NONE;
  }

  /** Writes one of {@link ahead}; returns where the next one begins. `from`: where it begins, undefined for the first one. */
  writeAhead(target: LineTarget, ahead: Ahead, from: Pick<Ahead, 'output' | 'provenance'>): void {
    const { output, provenance } = this.batches[0] as Batch;
    const start = { output: this.at.output + from.output, provenance: this.at.provenance + from.provenance };
    if (ahead.output > 0) target.output(output, start.output, start.output + ahead.output, ahead.lines);
    if (ahead.provenance > 0) target.provenance(provenance, start.provenance, start.provenance + ahead.provenance, ahead.lines);
  }

  /** Writes the entry at hand, of which the first bytes may be written, and goes on to the next. */
  write(target: LineTarget, written: Omit<Ahead, 'contact'>): void {
    const { output, provenance, dropped, index } = this.batches[0] as Batch;
    const field = this.entry * FIELDS;
    const { at } = this;
    const end = {
      output: at.output + (index[field + AT.output] as number),
      provenance: at.provenance + (index[field + AT.provenance] as number),
      dropped: at.dropped + (index[field + AT.dropped] as number),
    };
    const lines = (index[field + AT.lines] as number) - written.lines;
    if (end.output > at.output + written.output) target.output(output, at.output + written.output, end.output, lines);
    if (end.provenance > at.provenance + written.provenance) {
      target.provenance(provenance, at.provenance + written.provenance, end.provenance, lines);
    }
    if (end.dropped > at.dropped) target.dropped(dropped, at.dropped, end.dropped, index[field + AT.droppedLines] as number);
    this.at = end;
    this.entry += 1;
    if (this.entry * FIELDS === index.length) {
      this.batches.shift();
      this.entry = 0;
      this.at = NOWHERE;
    }
    this.look();
  }

  /** What was not written, the first batch without what was. */
  rest(): readonly Batch[] {
    const [first, ...others] = this.batches;
    if (first === undefined) return [];
    const { entry, at } = this;
    const rest: Batch = {
      index: first.index.slice(entry * FIELDS),
      output: first.output.slice(at.output),
      provenance: first.provenance.slice(at.provenance),
      dropped: first.dropped.slice(at.dropped),
      ahead: new Map([...first.ahead].flatMap(([number, each]) => (number < entry ? [] : [[number - entry, each] as const]))),
    };
    return [rest, ...others];
  }

  /** True if a batch is not done with. */
  holds(batch: Batch): boolean {
    return this.batches.includes(batch);
  }

  private look(): void {
    const index = this.batches[0]?.index;
    this.time = index?.[this.entry * FIELDS + AT.time] ?? Number.NaN;
    this.seq = index?.[this.entry * FIELDS + AT.seq] ?? Number.NaN;
  }
}
