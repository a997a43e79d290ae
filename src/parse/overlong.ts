import { crc32 } from 'node:zlib';
import { createBrackets, findEnd } from './brackets.ts';
import { BYTE } from './bytes.ts';
import type { Intake, Overlong } from './intake.ts';
import { HEAD_KEPT, tooLong } from './intake.ts';

/** What stands before the next of several concatenated values when one of them is damaged. */
export const NEXT_RECORD = '\n{';

/** Starts counting the record at `start`, whose end is not before `lookFrom`; returns what {@link countOverlong} returns. */
export function startOverlong(intake: Intake, start: number, kind: Overlong['kind'], lookFrom: number = start): number {
  const brackets = createBrackets(kind === 'value');
  intake.overlong = { kind, offset: intake.base + start, head: Buffer.alloc(HEAD_KEPT), brackets, length: 0, crc: 0 };
  return countOverlong(intake, intake.overlong, start, lookFrom);
}

/** Counts on from `from`; returns the offset after what was counted. The record has ended if `intake.overlong` is then unset. */
export function countOverlong(intake: Intake, overlong: Overlong, from: number, lookFrom: number = from): number {
  return overlong.kind === 'line' ? countLine(intake, overlong, from) : countValue(intake, overlong, from, lookFrom);
}

function countLine(intake: Intake, overlong: Overlong, from: number): number {
  const { end, last } = intake;
  const bytes = intake.scan.bytes as Buffer;
  const feed = bytes.indexOf(BYTE.lf, from);
  if (feed < 0 || feed >= end) {
    // A CR at the block's end belongs to the line only if no LF follows: it is left for the next block.
    const to = !last && end > from && bytes[end - 1] === BYTE.cr ? end - 1 : end;
    count(overlong, bytes.subarray(from, to));
    if (last) endOverlong(intake, overlong);
    return to;
  }
  count(overlong, bytes.subarray(from, feed > from && bytes[feed - 1] === BYTE.cr ? feed - 1 : feed));
  endOverlong(intake, overlong);
  return feed + 1;
}

function countValue(intake: Intake, overlong: Overlong, from: number, lookFrom: number): number {
  const { end, last } = intake;
  const bytes = intake.scan.bytes as Buffer;
  const byBrackets = overlong.kind === 'element';
  // As with CR above: whether an LF belongs to the value is decided by the byte after it.
  const to = !last && !byBrackets && end > from && bytes[end - 1] === BYTE.lf ? end - 1 : end;
  const found = overlong.kind === 'broken' ? bytes.indexOf(NEXT_RECORD, lookFrom, 'latin1') : findEnd(overlong.brackets, bytes, from, to);
  count(overlong, bytes.subarray(from, found < 0 ? to : found));
  if (found < 0 && !last) return to;
  if (found >= 0 || !byBrackets || intake.options.allowTruncated) endOverlong(intake, overlong);
  return found < 0 ? to : found;
}

function count(overlong: Overlong, bytes: Uint8Array): void {
  if (overlong.length < HEAD_KEPT) overlong.head.set(bytes.subarray(0, HEAD_KEPT - overlong.length), overlong.length);
  overlong.length += bytes.length;
  overlong.crc = crc32(bytes, overlong.crc);
}

function endOverlong(intake: Intake, overlong: Overlong): void {
  const { offset, length, crc, head } = overlong;
  intake.overlong = undefined;
  intake.line += 1;
  const raw = new Uint8Array(head.subarray(0, Math.min(length, HEAD_KEPT)));
  const { source } = intake.options;
  intake.items.push({ ...tooLong(intake, length), raw, length, crc32: crc, source, offset, line: intake.line });
}
