import type { ShapeNode, ShapeTree } from '../event/shape.ts';
import { BYTE } from './bytes.ts';
import type { Scan } from './scan.ts';
import { fail, scanColon, scanNumber, scanString, scanValue, skipSpace } from './scan.ts';

/** What {@link scanRecord} adds to a scan: where the values go, and which keys were met. */
export interface RecordScan extends Scan {
  readonly shapes: ShapeTree;
  /** Starts and ends of values, of all records of the block so far. */
  spans: Int32Array;
  /** Numbers of `spans` in use. */
  used: number;
  /** The key sequence of the record read last. */
  node: ShapeNode;
}

/**
 * Reads the object that starts at `start` and notes its values' spans; returns as the other scanning functions do.
 * Its keys are compared with those that followed last time, so records of known shapes cost no decoding.
 */
export function scanRecord(scan: RecordScan, start: number): number {
  const { bytes } = scan;
  const usedBefore = scan.used;
  scan.node = scan.shapes.root;
  let at = start + 1;
  if ((bytes[at] as number) <= BYTE.space) at = skipSpace(scan, at);
  if (bytes[at] === BYTE.closeObject) return at + 1;
  for (;;) {
    if (bytes[at] !== BYTE.quote) return drop(scan, usedBefore, fail(scan, at, 'a key in quotes'));
    at = matchKey(scan, at + 1);
    if (at < 0) return drop(scan, usedBefore, at);
    if (bytes[at] === BYTE.colon && (bytes[at + 1] as number) > BYTE.space) at += 1;
    else at = scanColon(scan, at);
    if (at < 0) return drop(scan, usedBefore, at);
    const from = at;
    const byte = bytes[at] as number;
    if (byte === BYTE.quote) at = scanString(scan, at + 1);
    else if (byte >= BYTE.zero && byte <= BYTE.nine) at = scanNumber(scan, at);
    else at = scanValue(scan, at, 1);
    if (at < 0) return drop(scan, usedBefore, at);
    note(scan, from, at);
    if ((bytes[at] as number) <= BYTE.space) at = skipSpace(scan, at);
    if (bytes[at] === BYTE.closeObject) return at + 1;
    if (bytes[at] !== BYTE.comma) return drop(scan, usedBefore, fail(scan, at, '"," or "}"'));
    at += 1;
    if ((bytes[at] as number) <= BYTE.space) at = skipSpace(scan, at);
  }
}

function drop(scan: RecordScan, used: number, failure: number): number {
  scan.used = used;
  return failure;
}

function note(scan: RecordScan, from: number, to: number): void {
  const { used } = scan;
  if (used + 2 > scan.spans.length) growSpans(scan);
  scan.spans[used] = from;
  scan.spans[used + 1] = to;
  scan.used = used + 2;
}

function growSpans(scan: RecordScan): void {
  const grown = new Int32Array(scan.spans.length * 2);
  grown.set(scan.spans);
  scan.spans = grown;
}

/** Steps to the child node for the key that starts at `start`; returns the offset after its closing quote. */
function matchKey(scan: RecordScan, start: number): number {
  const { bytes } = scan;
  const { next } = scan.node;
  if (next === undefined) return findKey(scan, start);
  const { rawKey } = next;
  const { length } = rawKey;
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== rawKey[index]) return findKey(scan, start);
  }
  if (bytes[start + length] !== BYTE.quote) return findKey(scan, start);
  scan.node = next;
  return start + length + 1;
}

function findKey(scan: RecordScan, start: number): number {
  const near = scan.shapes.near(scan.node, scan.bytes, start);
  if (near !== undefined) {
    scan.node = near;
    return start + near.rawKey.length + 1;
  }
  const end = scanString(scan, start);
  if (end < 0) return end;
  const raw = scan.bytes.subarray(start, end - 1);
  scan.node = scan.shapes.child(scan.node, raw, decodeKey(raw));
  return end;
}

/** A key's name from its bytes between the quotes. */
export function decodeKey(raw: Uint8Array): string {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
  return raw.includes(BYTE.backslash) ? (JSON.parse(`"${text}"`) as string) : text;
}
