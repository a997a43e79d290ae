import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { Many } from 'stream-chain/defs.js';
import { getManyValues, isMany, none, stop } from 'stream-chain/defs.js';
import { pick } from 'stream-json/core/filters/pick.js';
import type { Token as JsonToken } from 'stream-json/core/parser.js';
import { jsonParser } from 'stream-json/core/parser.js';
import { EXIT, UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { createBlock, sealBlock } from './block.ts';
import { BYTE, padded } from './bytes.ts';
import type { ElementText, Token } from './element-text.ts';
import { createElementText } from './element-text.ts';
import type { ReadOptions, RecordBatch } from './options.ts';
import { findEvent } from './pointer.ts';
import type { Reason } from './reasons.ts';
import { reasonOf } from './reasons.ts';
import { createScan, scanValue } from './scan.ts';

const BATCH_ITEMS = 500;

/**
 * Reads the events of a list inside a JSON document, such as an API's answer: `steps` is the pointer to them, with `*` for
 * each element of an array. The document is never held as a whole (stream-json); elements are written anew as compact JSON,
 * numbers as they stood. Byte offsets are not known here: `offset` and `position` count elements, and a run resumes by
 * reading from the start and skipping `startLine` of them.
 */
export async function* readDocument(
  chunks: AsyncIterable<Uint8Array>,
  steps: readonly string[],
  options: ReadOptions,
): AsyncGenerator<RecordBatch> {
  const listSteps = steps.slice(0, steps.lastIndexOf('*') + 1);
  const element = createElementText(options.maxLine);
  const rest = steps.slice(listSteps.length);
  let line = 0;
  let items: (RecordView | BadRecord)[] = [];
  const batch = (): RecordBatch => ({ items, blanks: 0, position: line, line, format: undefined, crc32: undefined, atBorder: false });
  const ended: { error?: unknown } = {};
  let damage: unknown;
  try {
    for await (const tokens of tokensOf(chunks, listSteps, ended)) {
      for (const token of tokens) {
        if (!element.add(token)) continue;
        if (line >= (options.startLine ?? 0)) items.push(itemOf(element, rest, options, line));
        line += 1;
        element.clear();
      }
      if (items.length < BATCH_ITEMS) continue;
      yield batch();
      items = [];
    }
  } catch (error) {
    damage = error;
  }
  yield batch();
  // A source that broke makes the document end too early as well: it is the cause.
  if ((ended.error ?? damage) !== undefined) throw documentError(ended.error ?? damage, options, line);
}

/**
 * The tokens of the elements. stream-json's stages are called as the functions they are: as Node streams they would drop
 * the tokens in their buffers when the parser meets damage.
 */
async function* tokensOf(
  chunks: AsyncIterable<Uint8Array>,
  steps: readonly string[],
  ended: { error?: unknown },
): AsyncGenerator<readonly Token[]> {
  const filter = (stack: readonly (string | number | null)[]) =>
    stack.length === steps.length && steps.every((step, index) => matches(step, stack[index]));
  // Declared to take text alone, it takes the end sign too, as every stage does.
  const parse = jsonParser({ packValues: true, streamValues: false, jsonStreaming: true }) as (
    text: string | typeof none,
  ) => Many<JsonToken>;
  const choose = pick({ filter, streamKeys: false });
  const step = (text: string | typeof none) => listOf(parse(text)).flatMap((token) => listOf(choose(token)));
  for await (const piece of piecesOf(chunks, ended)) yield step(piece);
  yield step(none);
}

function listOf<Item>(output: Item | Many<Item> | typeof none | typeof stop): Item[] {
  if (isMany(output)) return getManyValues(output as Many<Item>);
  return output === none || output === stop ? [] : [output as Item];
}

/** `*` stands for any element of an array; a key of an object that is called `*` cannot be reached. */
function matches(step: string, at: string | number | null | undefined): boolean {
  return typeof at === 'number' ? step === '*' || step === String(at) : step !== '*' && step === at;
}

/** Longest piece of text without `}` and `,` that is parsed at once. */
const PIECE = 64 * 1024;

/**
 * Text of bytes in pieces that end at a `}` or `,`. When the parser meets damage it forgets the piece it was in: this way, that
 * is never an element before the damage, however the bytes arrive. An error of the source ends the text; it is kept in `ended`.
 */
async function* piecesOf(chunks: AsyncIterable<Uint8Array>, ended: { error?: unknown }): AsyncGenerator<string> {
  let text = '';
  try {
    for await (const decoded of decode(chunks)) {
      text += decoded;
      let from = 0;
      for (let to = pieceEnd(text, from); to > 0; to = pieceEnd(text, from)) {
        yield text.slice(from, to);
        from = to;
      }
      text = text.slice(from);
    }
  } catch (error) {
    ended.error = error;
  }
  yield text;
}

function pieceEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + PIECE);
  for (let at = from; at < limit; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === BYTE.closeObject || unit === BYTE.comma) return at + 1;
  }
  return limit === from + PIECE ? limit : -1;
}

/** Strict: a decoder that replaces bad bytes would change the data in silence. */
async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of chunks) {
    // In slices, so that what precedes a bad byte is lost only in part.
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

function documentError(error: unknown, options: ReadOptions, line: number): unknown {
  if (error instanceof UpcastError) return error;
  const notUtf8 = error instanceof TypeError && (error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
  return new UpcastError({
    code: 'document-damaged',
    message: notUtf8 ? 'damaged JSON document: expected UTF-8' : `damaged JSON document: ${(error as Error).message}`,
    exit: EXIT.damaged,
    place: `${options.name ?? `input ${options.source + 1}`}, after element ${line}`,
    cause: error,
  });
}

function itemOf(element: ElementText, steps: readonly string[], options: ReadOptions, index: number): RecordView | BadRecord {
  const { source } = options;
  const place = { source, offset: index, line: index + 1 };
  const bytes = element.bytes();
  if (bytes === undefined) {
    const message = `expected at most ${options.maxLine} bytes, got ${element.length}`;
    return { code: 'too-long', message, raw: element.head, length: element.length, crc32: element.crc, ...place };
  }
  const found = scanElement(bytes, steps, options);
  return 'code' in found ? { ...found, raw: bytes, length: bytes.length, crc32: crc32(bytes), ...place } : { ...found, ...place };
}

function scanElement(bytes: Uint8Array, steps: readonly string[], options: ReadOptions): ReturnType<typeof findEvent> | Reason {
  const { shapes } = options;
  const block = createBlock(padded(bytes));
  const scan = { ...createScan(block.bytes, options.maxDepth), shapes, spans: new Int32Array(64), used: 0, node: shapes.root };
  const end = scanValue(scan, 0, 0);
  // Only its depth can be wrong: the text was just written.
  if (end < 0) return reasonOf(block.bytes, 0, bytes.length, { at: ~end, expected: scan.expected, tooDeep: scan.tooDeep });
  if (!isUtf8(bytes)) return { code: 'bad-utf8', message: 'expected UTF-8' };
  const found = findEvent(scan, { block, start: 0, end, at: 0, shape: shapes.shapeOf(shapes.root) }, steps, options);
  if ('block' in found && found.block === block) sealBlock(block, scan.spans, bytes.length);
  return found;
}
