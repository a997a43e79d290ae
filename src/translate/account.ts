import { toldName } from '../event/told-name.ts';
import type { DecisionCounts, OutputCounts, OutputKind, OutputLabel } from './label.ts';
import type { Account } from './outcome.ts';
import { ACCOUNTS } from './outcome.ts';

/** Books of one input type. */
export interface InputCounts extends Record<Account, number> {
  in: number;
}

const TYPES_KEPT = 1000;
/** The name under which further types are counted once there are more than any honest log holds. */
export const OTHER_TYPES = '(other types)';

/**
 * The books: `in = translated + dropped + set aside + duplicates + dead letters + held` per input type, and
 * `out = translated + synthesized` per output type (semantics, section 6).
 */
export interface Books {
  readonly input: Map<string, InputCounts>;
  readonly output: Map<string, OutputCounts>;
  /** Outputs by the rule that decided them, and how: `CallReleased synthesized`. */
  readonly decisions: Map<string, DecisionCounts>;
  late: number;
  /** Labels made so far. */
  labels: number;
}

/** Empty books. */
export function createBooks(): Books {
  return { input: new Map(), output: new Map(), decisions: new Map(), late: 0, labels: 0 };
}

/** The row of an input type. */
export function inputRow(books: Books, type: string): InputCounts {
  let row = books.input.get(type);
  if (row === undefined) {
    const key = rowName(books.input, type);
    row = books.input.get(key) ?? { in: 0, translated: 0, dropped: 0, setAside: 0, duplicates: 0, deadLetters: 0 };
    books.input.set(key, row);
  }
  return row;
}

function rowName(rows: ReadonlyMap<string, unknown>, type: string): string {
  const name = toldName(type);
  return rows.has(name) || rows.size < TYPES_KEPT ? name : OTHER_TYPES;
}

/** Enters the end of an event. By name, since a key that varies is slow to look up. */
export function enterEnd(row: InputCounts, account: Account): void {
  switch (account) {
    case 'translated':
      row.translated += 1;
      break;
    case 'dropped':
      row.dropped += 1;
      break;
    case 'setAside':
      row.setAside += 1;
      break;
    case 'duplicates':
      row.duplicates += 1;
      break;
    case 'deadLetters':
      row.deadLetters += 1;
      break;
  }
}

/** The label of outputs of one type, kind and rule. */
export function labelOf(books: Books, type: string, kind: OutputKind, rule: string): OutputLabel {
  const row = outputRow(books, type);
  const index = books.labels;
  books.labels += 1;
  if (kind !== 'resolved' && kind !== 'synthesized') return { type, kind, rule, row, decision: undefined, index };
  const key = `${rule} ${kind} ${type}`;
  let decision = books.decisions.get(key);
  if (decision === undefined) {
    decision = { kind, rule, type, count: 0, waited: 0 };
    books.decisions.set(key, decision);
  }
  return { type, kind, rule, row, decision, index };
}

/** Enters an output that was decided. `out` is entered by whoever writes it. */
export function enterOutput({ kind, row, decision }: OutputLabel, waited: boolean): void {
  if (kind === 'synthesized') row.synthesized += 1;
  else row.translated += 1;
  if (decision === undefined) return;
  decision.count += 1;
  if (waited) decision.waited += 1;
}

/** The row of an output type. */
export function outputRow(books: Books, type: string): OutputCounts {
  let row = books.output.get(type);
  if (row === undefined) {
    const key = rowName(books.output, type);
    row = books.output.get(key) ?? { out: 0, translated: 0, synthesized: 0 };
    books.output.set(key, row);
  }
  return row;
}

/** Events of a type that came in and have not ended in an account yet. */
export function heldOf(row: InputCounts): number {
  return row.in - ACCOUNTS.reduce((sum, account) => sum + row[account], 0);
}

/** Lines that say where the books do not balance; none if they do. `held` must be 0 at the end of a run. */
export function findImbalances(books: Books): readonly string[] {
  const lines: string[] = [];
  let translatedIn = 0;
  for (const [type, row] of books.input) {
    translatedIn += row.translated;
    const held = heldOf(row);
    if (held !== 0) lines.push(`${type === '' ? '(no type)' : type}: ${row.in} in, ${row.in - held} accounted for`);
  }
  let translatedOut = 0;
  for (const [type, row] of books.output) {
    translatedOut += row.translated;
    if (row.out !== row.translated + row.synthesized) {
      lines.push(`${type}: ${row.out} written, ${row.translated} translated and ${row.synthesized} synthesized`);
    }
  }
  if (translatedIn !== translatedOut) lines.push(`${translatedIn} events translated, ${translatedOut} written as translations`);
  return lines;
}
