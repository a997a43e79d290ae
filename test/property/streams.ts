import { generateCalls } from '../../bench/generate/calls.ts';
import type { GenerateOptions } from '../../bench/generate/options.ts';
import { createIdTable, type IdTable } from '../../src/event/ids.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import { decompress } from '../../src/parse/decompress.ts';
import { isBad, type ReadOptions, readRecords } from '../../src/parse/reader.ts';
import { findImbalances, inputRow, outputRow } from '../../src/translate/account.ts';
import type { Translator, TranslatorOptions } from '../../src/translate/api.ts';
import type { Outcome, Output } from '../../src/translate/outcome.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import { mappingNamed } from '../support/stream.ts';

/** A generated 1.0 stream as it would lie in a file, with its id table. */
export interface Stream {
  readonly lines: readonly string[];
  readonly ids: IdTable;
}

const streams = new Map<string, Stream>();

/** The stream of some options, generated once. */
export function streamOf(options: Partial<GenerateOptions>): Stream {
  const key = JSON.stringify(options);
  let found = streams.get(key);
  if (found === undefined) {
    const { ids, items } = generateCalls(options);
    found = { lines: [...items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line])), ids: createIdTable(ids) };
    streams.set(key, found);
  }
  return found;
}

/** What a run over bytes gave. */
export interface Ran {
  readonly bytes: Buffer;
  readonly outputs: readonly Output[];
  readonly outcomes: readonly Outcome[];
  readonly translator: Translator;
  readonly imbalances: readonly string[];
}

/** Settings of {@link run}. */
export interface RunOptions {
  readonly ids: IdTable;
  readonly read?: Partial<ReadOptions>;
  readonly translator?: Partial<TranslatorOptions>;
}

/** Reads and translates as `convert` does: decompress, cut records, translate, finish. */
export async function run(chunks: Iterable<Uint8Array>, { ids, read, translator: settings }: RunOptions): Promise<Ran> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const translator = createTranslator({ mapping: await mappingNamed('ccc-2.0'), ids, ...settings });
  const outcomes: Outcome[] = [];
  const options: ReadOptions = { source: 0, maxLine: 1 << 20, dupKeys: 'refuse', shapes: createShapeTree(), ...read };
  for await (const batch of readRecords(decompress(source(), { name: 'input' }), options)) {
    for (const item of batch.items) {
      if (isBad(item)) countBad(translator);
      else outcomes.push(...translator.push(item));
    }
  }
  outcomes.push(...translator.finish());
  const outputs = outcomes.flatMap((outcome) => outcome.outputs);
  for (const output of outputs) outputRow(translator.books, output.type).out += 1;
  const bytes = Buffer.concat(outputs.map((output) => output.bytes.subarray(output.start, output.end)));
  return { bytes, outputs, outcomes, translator, imbalances: findImbalances(translator.books) };
}

function countBad(translator: Translator): void {
  const row = inputRow(translator.books, '');
  row.in += 1;
  row.deadLetters += 1;
}

/** Lines as one chunk of NDJSON. */
export function ndjson(lines: readonly string[]): readonly Uint8Array[] {
  return [Buffer.from(`${lines.join('\n')}\n`)];
}

/** Event time of a generated line (time form `iso`). */
export function timeOf(line: string): number {
  return Date.parse(line.slice(14, 38));
}

/** The lines with strictly rising times: equal ones are moved by a millisecond each. */
export function withDistinctTimes(lines: readonly string[]): string[] {
  let last = Number.NEGATIVE_INFINITY;
  return [...lines]
    .sort((a, b) => timeOf(a) - timeOf(b))
    .map((line) => {
      last = Math.max(timeOf(line), last + 1);
      return line.replace(line.slice(14, 38), new Date(last).toISOString());
    });
}
