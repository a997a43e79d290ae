import { isUtf8 } from 'node:buffer';
import { padded } from './bytes.ts';
import type { Reason } from './reasons.ts';
import { badUtf8, reasonOf } from './reasons.ts';
import { createScan, scanValue, skipSpace } from './scan.ts';

/** Checks that bytes are one JSON text (RFC 8259) of any type, in UTF-8, at most `maxDepth` levels deep; undefined if they are. */
export function checkJson(bytes: Uint8Array, maxDepth?: number): Reason | undefined {
  const scan = createScan(padded(bytes), maxDepth);
  const end = scanValue(scan, skipSpace(scan, 0), 0);
  const failed = (at: number, expected: string) => reasonOf(scan.bytes, 0, bytes.length, { at, expected, tooDeep: scan.tooDeep });
  if (end < 0) return failed(~end, scan.expected);
  const rest = skipSpace(scan, end);
  if (rest < bytes.length) return failed(rest, 'the end');
  return isUtf8(bytes) ? undefined : badUtf8(bytes, 0, bytes.length);
}
