import { fileURLToPath } from 'node:url';
import { generateCalls } from '../../bench/generate/calls.ts';
import type { GenerateOptions } from '../../bench/generate/options.ts';
import { createIdTable } from '../../src/event/ids.ts';
import type { BadRecord, RecordView } from '../../src/event/record.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import { isBad, readRecords } from '../../src/parse/reader.ts';
import { createProvenance } from '../../src/sink/provenance.ts';
import { badRecordLine, deadLetterLine, droppedLine } from '../../src/sink/side-lines.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { findImbalances, inputRow, outputRow } from '../../src/translate/account.ts';
import type { Translator } from '../../src/translate/api.ts';
import type { Outcome, Output } from '../../src/translate/outcome.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import { mutate } from './mutate.ts';
import { mappingNamed } from './stream.ts';

/** What became of mutated lines. */
export interface Figures {
  lines: number;
  mutated: number;
  blanks: number;
  readonly mutations: Record<string, number>;
  readonly badRecords: Record<string, number>;
  readonly accounts: Record<string, number>;
  readonly outputs: Record<string, number>;
  /** Outputs, or lines of side files, that are not JSON on one line. */
  broken: number;
  /** Longest time between two batches of records, in milliseconds. */
  slowest: number;
  imbalances: readonly string[];
  /** Sum of `in` over the books. */
  entered: number;
  /** What the reader says it read, in lines. */
  read: number;
  /** Events that came later than the window. */
  late: number;
}

const SIDE = { inputs: ['input'], mapping: 'ccc-2.0@1.0.0' };
const sources = createProvenance(SIDE);
const CHUNK = 64 * 1024;

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function isBroken(text: string): boolean {
  if (text.slice(0, -1).includes('\n') || !text.endsWith('\n')) return true;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

function provenanceText(output: Output): string {
  let text = '';
  const sink = { line: (bytes: Uint8Array, start: number, end: number) => (text += Buffer.from(bytes.subarray(start, end)).toString()) };
  sources.line(sink as unknown as Sink, output);
  sources.flushed();
  return text;
}

function takeOutcomes(outcomes: readonly Outcome[], translator: Translator, figures: Figures): void {
  for (const outcome of outcomes) {
    add(figures.accounts, outcome.account);
    for (const output of outcome.outputs) {
      outputRow(translator.books, output.type).out += 1;
      add(figures.outputs, output.kind);
      if (isBroken(Buffer.from(output.bytes.subarray(output.start, output.end)).toString())) figures.broken += 1;
      if (isBroken(provenanceText(output))) figures.broken += 1;
    }
    const side = outcome.account === 'deadLetters' ? deadLetterLine(SIDE, outcome) : droppedLine(SIDE, outcome);
    if (side !== undefined && isBroken(side)) figures.broken += 1;
  }
}

function takeItem(item: RecordView | BadRecord, translator: Translator, figures: Figures): void {
  if (!isBad(item)) {
    takeOutcomes(translator.push(item), translator, figures);
    return;
  }
  const row = inputRow(translator.books, '');
  row.in += 1;
  row.deadLetters += 1;
  add(figures.badRecords, item.code);
  if (isBroken(badRecordLine(SIDE, item))) figures.broken += 1;
}

/** Reads and translates `count` mutated lines of a generated stream, as `convert` does, side files included. */
export async function runMutated(count: number, seed: string, options: Partial<GenerateOptions> = {}): Promise<Figures> {
  const figures: Figures = {
    lines: 0, mutated: 0, blanks: 0, mutations: {}, badRecords: {}, accounts: {}, outputs: {}, broken: 0, slowest: 0, imbalances: [], entered: 0, read: 0, late: 0,
  }; // biome-ignore format: counters
  const { ids, items } = generateCalls({
    calls: Math.ceil(count / 8) + 10,
    open: 100,
    jitter: 3000,
    duplicates: 0.02,
    loss: 0.01,
    seed,
    ...options,
  });
  async function* bytes(): AsyncGenerator<Uint8Array> {
    function* lines(): Generator<string> {
      for (const { legacy } of items) if (legacy !== undefined) yield legacy.line;
    }
    let pending: Buffer[] = [];
    let size = 0;
    for (const { line, done } of mutate(lines(), count, seed)) {
      if (done.length > 0) figures.mutated += 1;
      for (const name of done) add(figures.mutations, name);
      const ended = Buffer.concat([line, Buffer.from('\n')]);
      for (const byte of ended) if (byte === 0x0a) figures.lines += 1;
      pending.push(ended);
      size += ended.length;
      if (size < CHUNK) continue;
      yield Buffer.concat(pending);
      pending = [];
      size = 0;
    }
    yield Buffer.concat(pending);
  }
  const mapping = await mappingNamed('ccc-2.0');
  const translator = createTranslator({ mapping, ids: createIdTable(ids), store: createMemoryStore(), hotCalls: 500, listLeftOut: true });
  let before = performance.now();
  for await (const batch of readRecords(bytes(), {
    source: 0,
    maxLine: 1 << 18,
    dupKeys: 'refuse',
    shapes: createShapeTree(),
    format: 'ndjson',
  })) {
    figures.blanks += batch.blanks;
    for (const item of batch.items) takeItem(item, translator, figures);
    figures.read = batch.line;
    const now = performance.now();
    figures.slowest = Math.max(figures.slowest, now - before);
    before = now;
  }
  takeOutcomes(translator.finish(), translator, figures);
  figures.late = translator.books.late;
  figures.imbalances = findImbalances(translator.books);
  for (const row of translator.books.input.values()) figures.entered += row.in;
  return figures;
}

/** Lines of one run; a new one begins with a new stream and a new clock, which mutated times drive off sooner or later. */
const RUN = 50_000;

function sum(one: Readonly<Record<string, number>>, two: Readonly<Record<string, number>>): Record<string, number> {
  const all = { ...one };
  for (const [name, count] of Object.entries(two)) all[name] = (all[name] ?? 0) + count;
  return all;
}

function together(one: Figures, two: Figures): Figures {
  return {
    lines: one.lines + two.lines,
    mutated: one.mutated + two.mutated,
    blanks: one.blanks + two.blanks,
    mutations: sum(one.mutations, two.mutations),
    badRecords: sum(one.badRecords, two.badRecords),
    accounts: sum(one.accounts, two.accounts),
    outputs: sum(one.outputs, two.outputs),
    broken: one.broken + two.broken,
    slowest: Math.max(one.slowest, two.slowest),
    imbalances: [...one.imbalances, ...two.imbalances],
    entered: one.entered + two.entered,
    read: one.read + two.read,
    late: one.late + two.late,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '1000000', seed = '1'] = process.argv.slice(2);
  const started = performance.now();
  let all: Figures | undefined;
  for (let left = Number(count); left > 0; left -= RUN) {
    const figures = await runMutated(Math.min(RUN, left), `${seed}.${left}`);
    all = all === undefined ? figures : together(all, figures);
  }
  if (all === undefined) throw new Error('expected a number of lines');
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const hang = all.slowest < 5000 ? 0 : 1;
  const sound =
    hang === 0 && all.imbalances.length === 0 && all.broken === 0 && all.read === all.lines && all.entered + all.blanks === all.lines;
  process.stdout.write(`${JSON.stringify({ ...all, seconds, crash: 0, hang, sound }, null, 1)}\n`);
  process.exitCode = sound ? 0 : 1;
}
