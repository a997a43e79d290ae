import { BYTE } from './bytes.ts';
import type { Intake } from './intake.ts';
import type { RecordFormat } from './options.ts';
import { scanValue, skipSpace } from './scan.ts';

/**
 * The format of an input, from its first value alone: `[` starts an array; an object that spans lines, or is followed by
 * another value on its line, is one of concatenated values; all else is one record a line. Undefined until enough is
 * known; that depends on the bytes only, never on how they arrive.
 */
export function detectFormat(intake: Intake, from: number): RecordFormat | undefined {
  const { scan, options } = intake;
  // What is longer than a record may be is not looked at.
  const limit = Math.min(intake.end, from + options.maxLine);
  const more = intake.end <= limit && !intake.last;
  const start = skipLeading(intake, from);
  if (start >= limit) return more ? undefined : 'ndjson';
  if (scan.bytes[start] === BYTE.openArray) return 'array';
  if (scan.bytes[start] !== BYTE.openObject) return 'ndjson';
  const value = scanValue(scan, start, 0);
  const at = value < 0 ? ~value : value;
  if (at >= limit && more) return undefined;
  if (at >= limit) return hasFeed(scan.bytes, start, trimmed(scan.bytes, limit)) ? 'concatenated' : 'ndjson';
  if (value < 0) return fromFailure(scan.bytes, start, at);
  if (hasFeed(scan.bytes, start, value)) return 'concatenated';
  scan.oneLine = true;
  const next = skipSpace(scan, value);
  scan.oneLine = false;
  if (next >= limit) return more ? undefined : 'ndjson';
  return scan.bytes[next] === BYTE.openObject || scan.bytes[next] === BYTE.openArray ? 'concatenated' : 'ndjson';
}

function skipLeading(intake: Intake, from: number): number {
  const { scan, options } = intake;
  let at = skipSpace(scan, from);
  while (options.rs && scan.bytes[at] === BYTE.rs) at = skipSpace(scan, at + 1);
  return at;
}

/**
 * The first value is broken. If it went on over a line feed it was meant to; unless the line where it broke starts with
 * `{`: then a line was cut short, and the next record is what looked wrong.
 */
function fromFailure(bytes: Uint8Array, start: number, at: number): RecordFormat {
  if (!hasFeed(bytes, start, at)) return 'ndjson';
  let line = at;
  while (bytes[line - 1] !== BYTE.lf) line -= 1;
  return bytes[line] === BYTE.openObject ? 'ndjson' : 'concatenated';
}

function hasFeed(bytes: Uint8Array, from: number, to: number): boolean {
  const feed = bytes.indexOf(BYTE.lf, from);
  return feed >= 0 && feed < to;
}

/** Offset after the last byte before `to` that is not whitespace. */
function trimmed(bytes: Uint8Array, to: number): number {
  let at = to;
  while ((bytes[at - 1] as number) <= BYTE.space) at -= 1;
  return at;
}
