import { createBrackets, findEnd } from './brackets.ts';
import { BYTE } from './bytes.ts';
import type { Intake, Overlong } from './intake.ts';
import { addBad, addRecord, scanReason, tooLong } from './intake.ts';
import { startOverlong } from './overlong.ts';
import { scanValue } from './scan.ts';
import { scanRecord } from './scan-record.ts';

/** What became of a value in an array or among concatenated ones. */
export type Cut =
  /** Taken, as a record or a bad one; or begun to be counted, if `intake.overlong` is set. */
  | { readonly kind: 'taken'; readonly next: number }
  /** The block ends before the value does. */
  | { readonly kind: 'incomplete' }
  /** Not JSON. `failure` is what the scan returned. */
  | { readonly kind: 'broken'; readonly failure: number };

const INCOMPLETE: Cut = { kind: 'incomplete' };

/** Takes the value at `start`. `kind` says how a value that is too long will end. */
export function cutValue(intake: Intake, start: number, kind: Overlong['kind']): Cut {
  const { scan, end, last, options } = intake;
  const { bytes, used } = scan;
  const isObject = bytes[start] === BYTE.openObject;
  const result = isObject ? scanRecord(scan, start) : scanValue(scan, start, 0);
  // A number that touches the end of the block may go on.
  if (result >= 0 && (isObject || result < end || last)) {
    if (result - start > options.maxLine) {
      scan.used = used;
      return { kind: 'taken', next: startOverlong(intake, start, kind) };
    }
    if (isObject) addRecord(intake, start, result, used);
    else addBad(intake, start, result, { code: 'not-an-object', message: 'expected an object, got another JSON value' });
    return { kind: 'taken', next: result };
  }
  const failure = result;
  if (failure < 0 && scan.tooDeep) return cutDeep(intake, start, failure, kind);
  if (failure < 0 && ~failure - start <= options.maxLine && (~failure < end || last)) return { kind: 'broken', failure };
  return waitOrCount(intake, start, kind);
}

/** Too deep to be read, but its brackets show where it ends. */
function cutDeep(intake: Intake, start: number, failure: number, kind: Overlong['kind']): Cut {
  const { scan, end, last, options } = intake;
  const reason = scanReason(intake, start, end, failure);
  const found = findEnd(createBrackets(kind === 'value'), scan.bytes, start, end);
  const undecided = found < 0 && (!last || end - start > options.maxLine);
  if (undecided) return waitOrCount(intake, start, kind);
  if (found < 0) return { kind: 'broken', failure };
  addBad(intake, start, found, found - start > options.maxLine ? tooLong(intake, found - start) : reason);
  return { kind: 'taken', next: found };
}

function waitOrCount(intake: Intake, start: number, kind: Overlong['kind']): Cut {
  if (intake.end - start <= intake.options.maxLine + 1 && !intake.last) return INCOMPLETE;
  return { kind: 'taken', next: startOverlong(intake, start, kind) };
}
