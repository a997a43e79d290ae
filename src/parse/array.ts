import { EXIT, UpcastError } from '../errors.ts';
import { BYTE } from './bytes.ts';
import { cutValue } from './elements.ts';
import type { Intake } from './intake.ts';
import { addBad, reachesBorder, scanReason } from './intake.ts';
import { countOverlong } from './overlong.ts';
import { nameByte } from './reasons.ts';
import { skipSpace } from './scan.ts';

/** Where between `[` and `]` the reader stands; `closed` is right after `]`, where only space may follow. */
type ArrayState = 'start' | 'first' | 'element' | 'after' | 'closed' | 'between';

/**
 * One JSON array of records, or several one after another. Damage to the array itself ends the input: where its next
 * element starts cannot be known. A run resumes after an element, so that is where a resumed reader starts.
 */
export function createArrayCutter(intake: Intake): (from: number) => number {
  let state: ArrayState = (intake.options.startOffset ?? 0) > 0 ? 'after' : 'start';
  intake.border = intake.base;

  function took(end: number): void {
    if (intake.overlong !== undefined) return;
    state = 'after';
    intake.border = intake.base + end;
  }

  function punctuation(byte: number | undefined): boolean {
    if (state === 'after' && byte === BYTE.comma) state = 'element';
    else if ((state === 'after' || state === 'first') && byte === BYTE.closeArray) state = 'closed';
    else if ((state === 'start' || state === 'between') && byte === BYTE.openArray) state = 'first';
    else return false;
    return true;
  }

  return (from) => {
    const { scan, end, last } = intake;
    const { bytes } = scan;
    let at = from;
    if (intake.overlong !== undefined) {
      at = countOverlong(intake, intake.overlong, at);
      took(at);
      if (reachesBorder(intake, at)) return at;
    }
    while (intake.overlong === undefined) {
      const before = at;
      at = skipSpace(scan, at);
      if (at > before && state === 'closed') state = 'between';
      if (at === end && (!last || state === 'between' || state === 'closed' || intake.options.allowTruncated)) return end;
      if (punctuation(bytes[at])) {
        at += 1;
        continue;
      }
      if (at === end || (state !== 'first' && state !== 'element') || bytes[at] === BYTE.closeArray)
        return damage(intake, at, at, EXPECTED[state]);
      const cut = cutValue(intake, at, 'element');
      if (cut.kind === 'incomplete') return at;
      if (cut.kind === 'broken') return brokenElement(intake, at, cut.failure);
      at = cut.next;
      took(at);
      if (reachesBorder(intake, at)) return at;
    }
    if (last && intake.overlong !== undefined) return damage(intake, at, at, EXPECTED.after);
    return at;
  };
}

const EXPECTED: Readonly<Record<ArrayState, string>> = {
  start: '"["',
  first: 'an element or "]"',
  element: 'an element after ","',
  after: '"," or "]"',
  closed: 'space or the end of the input',
  between: '"[" or the end of the input',
};

function brokenElement(intake: Intake, start: number, failure: number): number {
  const { end, last, options, scan } = intake;
  if (!last || ~failure < end || !options.allowTruncated) return damage(intake, start, ~failure, scan.expected);
  addBad(intake, start, end, scanReason(intake, start, end, failure));
  return end;
}

/** Ends the input with the damage at `at`; the element before it started at `start`. */
function damage(intake: Intake, start: number, at: number, expected: string): number {
  const { end, scan, options, base, line } = intake;
  intake.failure = new UpcastError({
    code: 'array-damaged',
    message: `damaged JSON array: expected ${expected}, got ${nameByte(scan.bytes, at, end)}`,
    exit: EXIT.damaged,
    place: `${options.name ?? `input ${options.source + 1}`}, element ${line + 1}, byte ${base + at}`,
    hint: 'records before it were read; repair the file, or cut it into one record a line',
  });
  return start;
}
