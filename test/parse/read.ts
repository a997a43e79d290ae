import type { BadRecord, RecordView } from '../../src/event/record.ts';
import { valueEnd, valueStart } from '../../src/event/record.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import type { ReadOptions, RecordFormat } from '../../src/parse/reader.ts';
import { isBad, readRecords } from '../../src/parse/reader.ts';

/** Everything that came out of an input, in a form that can be compared. */
export interface Outcome {
  readonly items: readonly Seen[];
  readonly blanks: number;
  readonly position: number;
  readonly line: number;
  readonly format: RecordFormat | undefined;
  readonly error: { readonly code: string; readonly message: string; readonly place: string | undefined } | undefined;
}

/** One item: a record's text and values, or what was wrong. */
export type Seen =
  | { readonly text: string; readonly values: Record<string, string>; readonly offset: number; readonly line: number }
  | (Pick<BadRecord, 'code' | 'message' | 'offset' | 'line' | 'length' | 'crc32'> & { readonly raw: string });

/** The text of an item's values by key, as they stand in the source. */
export function valuesOf(record: RecordView): Record<string, string> {
  const values: [string, string][] = record.shape.keys.map((key, field) => [
    key,
    record.block.text(valueStart(record, field), valueEnd(record, field)),
  ]);
  return Object.fromEntries(values);
}

export function see(item: RecordView | BadRecord): Seen {
  if (!isBad(item)) {
    return { text: item.block.text(item.start, item.end), values: valuesOf(item), offset: item.offset, line: item.line };
  }
  const { code, message, offset, line, length, crc32, raw } = item;
  return { code, message, offset, line, length, crc32, raw: Buffer.from(raw).toString('latin1') };
}

export async function* chunked(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])].sort((a, b) => a - b);
  for (const [index, start] of at.entries()) yield bytes.subarray(start, at[index + 1] ?? start);
}

/** Options as the product uses them. */
export function optionsOf(options: Partial<ReadOptions> = {}): ReadOptions {
  const duplicates = options.dupKeys === 'last' ? 'last' : 'first';
  return { source: 0, maxLine: 1024 * 1024, dupKeys: 'refuse', shapes: createShapeTree({ duplicates }), ...options };
}

/** Reads an input to its end, or to its error. */
export async function readAll(
  input: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: Partial<ReadOptions> = {},
): Promise<Outcome> {
  const chunks = typeof input === 'string' ? chunked(Buffer.from(input), []) : input instanceof Uint8Array ? chunked(input, []) : input;
  const items: Seen[] = [];
  let blanks = 0;
  let position = 0;
  let line = 0;
  let format: RecordFormat | undefined;
  let error: Outcome['error'];
  try {
    for await (const batch of readRecords(chunks, optionsOf(options))) {
      items.push(...batch.items.map(see));
      blanks += batch.blanks;
      ({ position, line, format } = batch);
    }
  } catch (cause) {
    const { code, message, place } = cause as { code: string; message: string; place?: string };
    if (code === undefined) throw cause;
    error = { code, message, place };
  }
  return { items, blanks, position, line, format, error };
}

/** Codes of bad items and texts of good ones, for short expectations. */
export function brief(outcome: Outcome): string[] {
  return outcome.items.map((item) => ('code' in item ? item.code : item.text));
}
