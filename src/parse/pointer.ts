import { EXIT, UpcastError } from '../errors.ts';
import type { RecordBlock, RecordView } from '../event/record.ts';
import { createBlock, sealBlock } from './block.ts';
import { BYTE, padded } from './bytes.ts';
import type { ReadOptions } from './options.ts';
import type { Reason } from './reasons.ts';
import { duplicateKey, reasonOf } from './reasons.ts';
import type { Scan } from './scan.ts';
import { createScan, fail, scanColon, scanString, scanValue, skipSpace } from './scan.ts';
import type { RecordScan } from './scan-record.ts';
import { decodeKey, scanRecord } from './scan-record.ts';

/** An event found inside a record. */
export type PointedEvent = Pick<RecordView, 'block' | 'start' | 'end' | 'at' | 'shape'>;

/** The steps of a JSON pointer (RFC 6901); none for the whole record. */
export function parsePointer(pointer: string): string[] {
  if (pointer !== '' && !pointer.startsWith('/')) {
    throw new UpcastError({
      code: 'bad-pointer',
      message: `expected a JSON pointer such as /data, got ${JSON.stringify(pointer)}`,
      exit: EXIT.usage,
    });
  }
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The event at a pointer inside a record: an object as it stands, or a string that holds one. */
export function findEvent(scan: RecordScan, outer: PointedEvent, steps: readonly string[], options: ReadOptions): PointedEvent | Reason {
  const { bytes } = scan;
  const start = stepDown(scan, outer.start, steps, options.dupKeys === 'last');
  const first = start < 0 ? BYTE.nul : bytes[start];
  if (first === BYTE.openObject) return eventAt(scan, outer.block, start, options);
  if (first === BYTE.quote) return eventInString(scan, start, steps, options);
  const got = start < 0 ? 'nothing' : 'another JSON value';
  return { code: 'no-event-at-pointer', message: `expected an object or a string at /${steps.join('/')}, got ${got}` };
}

function eventAt(scan: RecordScan, block: RecordBlock, start: number, options: ReadOptions): PointedEvent | Reason {
  const at = scan.used;
  const end = scanRecord(scan, start);
  const shape = scan.shapes.shapeOf(scan.node);
  const repeated = options.dupKeys === 'refuse' ? shape.keys[shape.duplicate] : undefined;
  return repeated === undefined ? { block, start, end, at, shape } : duplicateKey(repeated);
}

function eventInString(scan: RecordScan, start: number, steps: readonly string[], options: ReadOptions): PointedEvent | Reason {
  const end = scanString(scan, start + 1);
  const text = JSON.parse(Buffer.from(scan.bytes.subarray(start, end)).toString('utf8')) as string;
  const place = `at /${steps.join('/')}`;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.toString('utf8') !== text) return { code: 'bad-utf8', message: `${place}: expected text, got half of a surrogate pair` };
  const found = scanDetached(scan, bytes, options);
  return 'code' in found ? { code: found.code, message: `${place}: ${found.message}` } : found;
}

/** Reads bytes that are one record, in a block of their own. They must be UTF-8. */
export function scanDetached(outer: RecordScan, bytes: Uint8Array, options: ReadOptions): PointedEvent | Reason {
  const block = createBlock(padded(bytes));
  const { shapes } = outer;
  const scan = { ...createScan(block.bytes, options.maxDepth), shapes, spans: new Int32Array(64), used: 0, node: shapes.root };
  const start = skipSpace(scan, 0);
  const isObject = block.bytes[start] === BYTE.openObject;
  let end = isObject ? scanRecord(scan, start) : scanValue(scan, start, 0);
  const rest = end < 0 ? 0 : skipSpace(scan, end);
  if (end >= 0 && rest < bytes.length) end = fail(scan, rest, 'the end');
  if (end < 0) return reasonOf(block.bytes, 0, bytes.length, { at: ~end, expected: scan.expected, tooDeep: scan.tooDeep });
  if (!isObject) return { code: 'not-an-object', message: 'expected an object, got another JSON value' };
  sealBlock(block, scan.spans, bytes.length);
  const shape = shapes.shapeOf(scan.node);
  const repeated = options.dupKeys === 'refuse' ? shape.keys[shape.duplicate] : undefined;
  return repeated === undefined ? { block, start, end, at: 0, shape } : duplicateKey(repeated);
}

/** Start of the value that the steps lead to from the value at `from`, or -1. The text is known to be JSON. */
function stepDown(scan: Scan, from: number, steps: readonly string[], takeLast: boolean): number {
  let at = from;
  for (const step of steps) {
    const byte = scan.bytes[at];
    if (byte === BYTE.openObject) at = memberAt(scan, at, step, takeLast);
    else if (byte === BYTE.openArray && /^(?:0|[1-9]\d*)$/.test(step)) at = elementAt(scan, at, Number(step));
    else return -1;
    if (at < 0) return -1;
  }
  return at;
}

function memberAt(scan: Scan, object: number, key: string, takeLast: boolean): number {
  const { bytes } = scan;
  let found = -1;
  let at = skipSpace(scan, object + 1);
  while (bytes[at] === BYTE.quote) {
    const keyEnd = scanString(scan, at + 1);
    const value = scanColon(scan, keyEnd);
    if (decodeKey(bytes.subarray(at + 1, keyEnd - 1)) === key) {
      if (!takeLast) return value;
      found = value;
    }
    at = skipSpace(scan, scanValue(scan, value, 0));
    if (bytes[at] === BYTE.comma) at = skipSpace(scan, at + 1);
  }
  return found;
}

function elementAt(scan: Scan, array: number, wanted: number): number {
  const { bytes } = scan;
  let at = skipSpace(scan, array + 1);
  for (let index = 0; bytes[at] !== BYTE.closeArray; index += 1) {
    if (index === wanted) return at;
    at = skipSpace(scan, scanValue(scan, at, 0));
    if (bytes[at] === BYTE.comma) at = skipSpace(scan, at + 1);
  }
  return -1;
}
