import { BYTE } from './bytes.ts';
import type { Intake } from './intake.ts';
import { addBad, addRecord, reachesBorder, scanReason, tooLong } from './intake.ts';
import { countOverlong, startOverlong } from './overlong.ts';
import { fail, scanValue, skipSpace } from './scan.ts';
import { scanRecord } from './scan-record.ts';

/** One record a line (https://jsonlines.org, RFC 7464 with `rs`). Returns the offset up to which lines are complete. */
export function cutLines(intake: Intake, from: number): number {
  const { scan, end } = intake;
  scan.oneLine = true;
  let at = from;
  if (intake.overlong !== undefined) {
    at = countOverlong(intake, intake.overlong, at);
    if (reachesBorder(intake, at)) return at;
  }
  while (at < end && intake.overlong === undefined) {
    const next = cutLine(intake, at);
    if (next < 0) return at;
    at = next;
    if (intake.base + at >= intake.nextBorder && reachesBorder(intake, at)) return at;
  }
  return at;
}

/** Takes the line at `lineStart`; returns where the next one starts, or -1 if the block ends before the line does. */
function cutLine(intake: Intake, lineStart: number): number {
  const { scan, end } = intake;
  const { bytes, used } = scan;
  const first = intake.options.rs && bytes[lineStart] === BYTE.rs ? lineStart + 1 : lineStart;
  const start = (bytes[first] as number) <= BYTE.space ? skipSpace(scan, first) : first;
  if (bytes[start] !== BYTE.openObject) {
    if (bytes[lineStart] !== BYTE.lf) return cutOddLine(intake, first);
    // The usual blank line; others are told from broken ones with more effort.
    intake.line += 1;
    intake.blanks += 1;
    return lineStart + 1;
  }
  const recordEnd = scanRecord(scan, start);
  if (recordEnd < 0) return cutOddLine(intake, first);
  const lineEnd = bytes[recordEnd] === BYTE.lf ? recordEnd : skipSpace(scan, recordEnd);
  const complete = lineEnd < end ? bytes[lineEnd] === BYTE.lf : intake.last;
  if (!complete || lineEnd - first > intake.options.maxLine) {
    scan.used = used;
    return cutOddLine(intake, first);
  }
  addRecord(intake, start, recordEnd, used);
  return lineEnd < end ? lineEnd + 1 : end;
}

/** Takes a line that is not just a record: blank, broken, too long, or not complete in this block. */
function cutOddLine(intake: Intake, start: number): number {
  const { end, last, options } = intake;
  const bytes = intake.scan.bytes as Buffer;
  const feed = bytes.indexOf(BYTE.lf, start);
  const complete = feed >= 0 && feed < end;
  if (!complete && !last) {
    // One more than allowed may still be a line of the allowed length and the CR of its CRLF.
    return end - start > options.maxLine + 1 ? startOverlong(intake, start, 'line') : -1;
  }
  const lineEnd = complete ? feed : end;
  const next = complete ? feed + 1 : end;
  const textEnd = complete && lineEnd > start && bytes[lineEnd - 1] === BYTE.cr ? lineEnd - 1 : lineEnd;
  judgeLine(intake, start, textEnd, lineEnd);
  return next;
}

function judgeLine(intake: Intake, start: number, end: number, lineEnd: number): void {
  const { scan, options } = intake;
  const { bytes, used } = scan;
  const first = skipSpace(scan, start);
  if (end - start > options.maxLine) {
    addBad(intake, start, end, tooLong(intake, end - start));
    return;
  }
  if (first >= end) {
    intake.line += 1;
    intake.blanks += 1;
    return;
  }
  const isObject = bytes[first] === BYTE.openObject;
  const valueEnd = isObject ? scanRecord(scan, first) : scanValue(scan, first, 0);
  const rest = valueEnd < 0 ? 0 : skipSpace(scan, valueEnd);
  if (valueEnd >= 0 && rest >= lineEnd) {
    if (isObject) addRecord(intake, first, valueEnd, used);
    else addBad(intake, start, end, { code: 'not-an-object', message: 'expected an object, got another JSON value' });
    return;
  }
  scan.used = used;
  addBad(intake, start, end, scanReason(intake, start, end, valueEnd < 0 ? valueEnd : fail(scan, rest, 'the end of the line')));
}
