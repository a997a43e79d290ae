import { createIdTable } from '../../src/event/ids.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import { isBad, readBuffer } from '../../src/parse/reader.ts';
import { loadMapping } from '../../src/source/mapping-folder.ts';
import type { Outcome } from '../../src/translate/outcome.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import type { IdRow } from '../generate/world.ts';

const LINES_AT_ONCE = 1000;
const mapping = await loadMapping('ccc-2.0');

/**
 * Runs the translator over the 1.0 lines in their order and returns the 2.0 lines in the order in which it writes them
 * (default settings of `convert`, profile ccc-2.0, the id table given).
 */
export function* translate(lines: Iterable<string>, ids: readonly IdRow[]): Iterable<string> {
  const translator = createTranslator({ mapping, ids: createIdTable(ids) });
  const shapes = createShapeTree();
  function* batch(text: string): Iterable<string> {
    const { items } = readBuffer(Buffer.from(text), { source: 0, maxLine: 1 << 20, dupKeys: 'refuse', shapes, format: 'ndjson' });
    for (const item of items) {
      if (isBad(item)) throw new Error(`${item.code}: ${item.message}`);
      yield* linesOf(translator.push(item));
    }
  }
  let collected: string[] = [];
  for (const line of lines) {
    collected.push(line);
    if (collected.length < LINES_AT_ONCE) continue;
    yield* batch(collected.join('\n'));
    collected = [];
  }
  yield* batch(collected.join('\n'));
  yield* linesOf(translator.finish());
}

function* linesOf(outcomes: readonly Outcome[]): Iterable<string> {
  for (const { outputs } of outcomes) {
    for (const { bytes, start, end } of outputs)
      yield Buffer.from(bytes.buffer, bytes.byteOffset + start, end - 1 - start).toString('utf8');
  }
}
