import type { IdTable } from '../../src/event/ids.ts';
import { createIdTable } from '../../src/event/ids.ts';
import type { RecordView } from '../../src/event/record.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import type { Mapping } from '../../src/mapping/model.ts';
import { isBad, readRecords } from '../../src/parse/reader.ts';
import { loadMapping } from '../../src/source/mapping-folder.ts';
import type { TranslatorOptions } from '../../src/translate/api.ts';
import type { Outcome, Output } from '../../src/translate/outcome.ts';
import { createTranslator } from '../../src/translate/translator.ts';

const mappings = new Map<string, Promise<Mapping>>();

/** A built-in mapping, loaded once. */
export function mappingNamed(name: string): Promise<Mapping> {
  let found = mappings.get(name);
  if (found === undefined) {
    found = loadMapping(name);
    mappings.set(name, found);
  }
  return found;
}

/** The records of some lines. */
export async function recordsOf(lines: Iterable<string>): Promise<RecordView[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from([...lines].join('\n'));
  }
  const records: RecordView[] = [];
  for await (const batch of readRecords(chunks(), {
    source: 0,
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    shapes: createShapeTree(),
    format: 'ndjson',
  })) {
    for (const item of batch.items) {
      if (isBad(item)) throw new Error(`${item.code}: ${item.message}`);
      records.push(item);
    }
  }
  return records;
}

/** The line of an output. */
export function textOf(output: Output): string {
  return Buffer.from(output.bytes.subarray(output.start, output.end - 1)).toString('utf8');
}

/** What a translator made of some lines. */
export interface Translation {
  readonly lines: string[];
  readonly outputs: Output[];
  readonly outcomes: Outcome[];
  readonly translator: ReturnType<typeof createTranslator>;
}

/** Translates lines with a built-in mapping. */
export async function translate(
  lines: Iterable<string>,
  options: Partial<Omit<TranslatorOptions, 'mapping'>> & { readonly mapping?: string; readonly ids?: IdTable } = {},
): Promise<Translation> {
  const { mapping: name, ids, ...rest } = options;
  const mapping = await mappingNamed(name ?? 'ccc-2.0');
  const translator = createTranslator({ ...rest, mapping, ids: ids ?? createIdTable([]) });
  const outcomes: Outcome[] = [];
  for (const record of await recordsOf(lines)) outcomes.push(...translator.push(record));
  outcomes.push(...translator.finish());
  const outputs = outcomes.flatMap((outcome) => outcome.outputs);
  return { lines: outputs.map(textOf), outputs, outcomes, translator };
}
