import { BYTE } from './bytes.ts';
import { cutValue } from './elements.ts';
import type { Intake } from './intake.ts';
import { addBad, reachesBorder, scanReason, tooLong } from './intake.ts';
import { countOverlong, NEXT_RECORD, startOverlong } from './overlong.ts';
import { skipSpace } from './scan.ts';

/** JSON values one after another, over as many lines as they like. Returns the offset up to which they are complete. */
export function cutConcatenated(intake: Intake, from: number): number {
  const { end } = intake;
  let at = from;
  if (intake.overlong !== undefined) {
    at = countOverlong(intake, intake.overlong, at);
    if (reachesBorder(intake, at)) return at;
  }
  while (intake.overlong === undefined) {
    at = skipBetween(intake, at);
    if (at >= end) return end;
    const cut = cutValue(intake, at, 'value');
    if (cut.kind === 'incomplete') return at;
    const next = cut.kind === 'taken' ? cut.next : skipBroken(intake, at, cut.failure);
    if (next < 0) return at;
    at = next;
    if (reachesBorder(intake, at)) return at;
  }
  return at;
}

function skipBetween(intake: Intake, from: number): number {
  const { scan, options } = intake;
  let at = skipSpace(scan, from);
  while (options.rs && scan.bytes[at] === BYTE.rs) at = skipSpace(scan, at + 1);
  return at;
}

/**
 * After broken JSON, reading goes on at the next line that starts with `{`; what lies between is one bad record. Returns
 * where that is, or -1 if it is not in this block.
 */
function skipBroken(intake: Intake, start: number, failure: number): number {
  const { end, last, options } = intake;
  const bytes = intake.scan.bytes as Buffer;
  // The failure may be that `{` itself.
  const lookFrom = Math.max(start, ~failure - 1);
  const found = bytes.indexOf(NEXT_RECORD, lookFrom, 'latin1');
  const next = found >= 0 ? found : end;
  if (next === end && !last) return end - start > options.maxLine + 1 ? startOverlong(intake, start, 'broken', lookFrom) : -1;
  const reason = next - start > options.maxLine ? tooLong(intake, next - start) : scanReason(intake, start, next, failure);
  addBad(intake, start, next, reason);
  return next;
}
