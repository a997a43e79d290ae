import type { RunResult } from '../pipeline/job.ts';
import { heldOf } from '../translate/account.ts';

/** The books of one input type: `in = translated + dropped + setAside + duplicates + deadLetters + held`. */
export interface InputRow {
  /** Empty for records without a readable type. */
  readonly type: string;
  readonly in: number;
  readonly translated: number;
  readonly dropped: number;
  readonly setAside: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  /** 0 at the end of a run. */
  readonly held: number;
  readonly balanced: boolean;
}

/** The books of one output type: `out = translated + synthesized`. */
export interface OutputRow {
  readonly type: string;
  readonly out: number;
  readonly translated: number;
  readonly synthesized: number;
  readonly balanced: boolean;
}

/** All books of a run, checked. */
export interface CheckedBooks {
  readonly input: readonly InputRow[];
  readonly output: readonly OutputRow[];
  readonly inputTotal: InputRow;
  readonly outputTotal: OutputRow;
  /** Every row adds up, nothing is held, and the run itself found nothing wrong. */
  readonly balanced: boolean;
}

/** Checks the books of a run line by line; rows are in the order of their names. */
export function booksOf(result: RunResult): CheckedBooks {
  const input = [...result.books.input].sort(byName).map(([type, row]): InputRow => {
    const held = heldOf(row);
    // A negative rest means that an event ended twice; a positive one, that it never ended: in a run that is left open, not yet.
    return { ...row, type, held, balanced: held === 0 || (held > 0 && result.ending === 'open') };
  });
  const output = [...result.books.output].sort(byName).map(([type, row]): OutputRow => {
    return { ...row, type, balanced: row.out === row.translated + row.synthesized };
  });
  const inputTotal = input.reduce(addInput, { ...NO_INPUT });
  const outputTotal = output.reduce(addOutput, { ...NO_OUTPUT });
  const balanced = inputTotal.balanced && outputTotal.balanced && result.imbalances.length === 0;
  return { input, output, inputTotal, outputTotal, balanced };
}

const NO_INPUT: InputRow = {
  type: 'all',
  in: 0,
  translated: 0,
  dropped: 0,
  setAside: 0,
  duplicates: 0,
  deadLetters: 0,
  held: 0,
  balanced: true,
};
const NO_OUTPUT: OutputRow = { type: 'all', out: 0, translated: 0, synthesized: 0, balanced: true };

function addInput(sum: InputRow, row: InputRow): InputRow {
  return {
    type: sum.type,
    in: sum.in + row.in,
    translated: sum.translated + row.translated,
    dropped: sum.dropped + row.dropped,
    setAside: sum.setAside + row.setAside,
    duplicates: sum.duplicates + row.duplicates,
    deadLetters: sum.deadLetters + row.deadLetters,
    held: sum.held + row.held,
    balanced: sum.balanced && row.balanced,
  };
}

function addOutput(sum: OutputRow, row: OutputRow): OutputRow {
  return {
    type: sum.type,
    out: sum.out + row.out,
    translated: sum.translated + row.translated,
    synthesized: sum.synthesized + row.synthesized,
    balanced: sum.balanced && row.balanced,
  };
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
