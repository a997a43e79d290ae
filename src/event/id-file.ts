import { EXIT, UpcastError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { CsvError, CsvRow } from './csv.ts';
import { parseCsv } from './csv.ts';
import type { IdRow, IdTableKind } from './ids.ts';
import { ID_TABLE_KINDS } from './ids.ts';

/** A row as found, with where it stands. */
interface Found {
  /** Only told where something is wrong. */
  readonly at: () => string;
  readonly kind: unknown;
  readonly legacy: unknown;
  readonly current: unknown;
}

const COLUMNS = ['kind', 'legacy', 'current'] as const;
const MAX_ISSUES = 20;

/**
 * Reads an id table: CSV with the header `kind,legacy,current` (comments start with `#`), or JSON, either a list of
 * `{kind, legacy, current}` or `{agent: {legacy: current}}`. Throws with every issue's place (exit code 78).
 */
export function parseIdTable(text: string, name: string): readonly IdRow[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const issues: string[] = [];
  const read = /^\s*[[{]/.test(body) ? readJson : readCsv;
  const rows = checkRows((told) => read(body, name, told), issues);
  if (issues.length > 0) throw badTable(name, issues);
  return rows;
}

/** Rows from JSON that is already parsed (an inline table of an example): issues are named by `name`. */
export function idRowsOf(value: unknown, name: string): readonly IdRow[] {
  const issues: string[] = [];
  const rows = checkRows((told) => jsonRows(value, name, told), issues);
  if (issues.length > 0) throw badTable(name, issues);
  return rows;
}

function badTable(name: string, issues: readonly string[]): UpcastError {
  const shown = issues.slice(0, MAX_ISSUES);
  if (issues.length > shown.length) shown.push(`… and ${issues.length - shown.length} more`);
  const count = issues.length === 1 ? '1 issue' : `${issues.length} issues`;
  return new UpcastError({
    code: 'bad-id-table',
    exit: EXIT.config,
    message: `id table ${name} has ${count}:\n${shown.map((issue) => `  ${issue}`).join('\n')}`,
    hint: 'an id table is CSV with the header kind,legacy,current, or JSON {"agent": {"<1.0 id>": "<2.0 id>"}}',
  });
}

function* readCsv(text: string, name: string, issues: string[]): Generator<Found> {
  const errors: CsvError[] = [];
  const place = (line: number, column: number): string => `${name}:${line}:${column}`;
  const rows = parseCsv(text, errors);
  const header = rows.next();
  const columns = header.done === true ? undefined : columnsOf(header.value, place, issues);
  if (columns !== undefined) {
    for (const row of rows) {
      const [kind, legacy, current] = columns.at.map((at) => row.cells[at]);
      if (row.cells.length === columns.count)
        yield { at: () => place(row.line, kind?.column ?? 1), kind: kind?.text, legacy: legacy?.text, current: current?.text };
      else issues.push(`${place(row.line, row.cells.at(-1)?.column ?? 1)}: expected ${columns.count} values, got ${row.cells.length}`);
    }
  }
  for (const error of errors) issues.push(`${place(error.line, error.column)}: ${error.message}`);
  if (header.done === true && errors.length === 0) issues.push(`${place(1, 1)}: the table is empty; its first line is kind,legacy,current`);
}

/** Where a table's columns stand, by its first line. */
function columnsOf(
  header: CsvRow,
  place: (line: number, column: number) => string,
  issues: string[],
): { readonly at: readonly number[]; readonly count: number } | undefined {
  const before = issues.length;
  const names = header.cells.map((cell) => cell.text);
  if (names.length === 1 && /[;\t]/.test(names[0] ?? '')) {
    issues.push(`${place(header.line, 1)}: columns are separated by commas`);
    return undefined;
  }
  for (const cell of header.cells) {
    if (!(COLUMNS as readonly string[]).includes(cell.text))
      issues.push(`${place(header.line, cell.column)}: unknown column "${cell.text}"; ${didYouMean(cell.text, COLUMNS)}`);
  }
  const at = COLUMNS.map((column) => names.indexOf(column));
  if (!at.includes(-1)) return { at, count: names.length };
  if (issues.length === before)
    issues.push(`${place(header.line, 1)}: column "${COLUMNS[at.indexOf(-1)]}" is missing; the first line is kind,legacy,current`);
  return undefined;
}

function* readJson(text: string, name: string, issues: string[]): Generator<Found> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(message);
    const before = text.slice(0, at === null ? text.length : Number(at[1])).split('\n');
    issues.push(`${name}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${message.replace(/ in JSON at position.*/s, '')}`);
    return;
  }
  yield* jsonRows(value, name, issues);
}

function* jsonRows(value: unknown, name: string, issues: string[]): Generator<Found> {
  if (Array.isArray(value)) {
    for (const [index, row] of (value as readonly unknown[]).entries()) {
      const { kind, legacy, current } = (typeof row === 'object' && row !== null ? row : {}) as Record<(typeof COLUMNS)[number], unknown>;
      yield { at: () => `${name}[${index}]`, kind, legacy, current };
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [kind, pairs] of Object.entries(value as Record<string, unknown>)) {
      if (typeof pairs !== 'object' || pairs === null) issues.push(`${name}.${kind}: expected {legacy: current}`);
      else
        for (const [legacy, current] of Object.entries(pairs as Record<string, unknown>))
          yield { at: () => `${name}.${kind}[${JSON.stringify(legacy)}]`, kind, legacy, current };
    }
  } else issues.push(`${name}: expected a list of {kind, legacy, current} or {kind: {legacy: current}}`);
}

/** Reads a table from its beginning; what is wrong with its form is told. */
type Find = (issues: string[]) => Iterable<Found>;

function checkRows(find: Find, issues: string[]): readonly IdRow[] {
  const known = { instance: new Map<string, string>(), agent: new Map<string, string>(), skillGroup: new Map<string, string>() };
  const rows: IdRow[] = [];
  for (const { at, kind, legacy, current } of find(issues)) {
    if (!isKind(kind)) {
      issues.push(`${at()}: unknown kind ${JSON.stringify(kind) ?? 'undefined'}; ${didYouMean(String(kind), ID_TABLE_KINDS)}`);
    } else if (typeof legacy !== 'string' || typeof current !== 'string' || legacy === '' || current === '') {
      issues.push(`${at()}: the ${typeof legacy !== 'string' || legacy === '' ? 'legacy' : 'current'} id is missing or no text`);
    } else {
      const before = known[kind].get(legacy);
      if (before === undefined) known[kind].set(legacy, current);
      else if (before !== current) {
        const place = issues.length < MAX_ISSUES ? placeOf(find, kind, legacy) : 'an earlier place';
        issues.push(`${at()}: ${kind} "${legacy}" is "${current}" here and "${before}" at ${place}`);
      }
      rows.push({ kind, legacy, current });
    }
  }
  return rows;
}

/** Where an id stands first. The table is gone through again: places are not kept of all that is well. */
function placeOf(find: Find, kind: IdTableKind, legacy: string): string {
  for (const found of find([])) if (found.kind === kind && found.legacy === legacy) return found.at();
  throw new Error(`${kind} ${legacy} is not in the table`);
}

function isKind(kind: unknown): kind is IdTableKind {
  return (ID_TABLE_KINDS as readonly unknown[]).includes(kind);
}
