import { EXIT, UpcastError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { parseCsv } from './csv.ts';
import type { IdRow, IdTableKind } from './ids.ts';
import { ID_TABLE_KINDS } from './ids.ts';

/** A row as found, with where it stands. */
interface Found {
  readonly at: string;
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
  const found = /^\s*[[{]/.test(body) ? readJson(body, name, issues) : readCsv(body, name, issues);
  const rows = checkRows(found, issues);
  if (issues.length > 0) throw badTable(name, issues);
  return rows;
}

/** Rows from JSON that is already parsed (an inline table of an example): issues are named by `name`. */
export function idRowsOf(value: unknown, name: string): readonly IdRow[] {
  const issues: string[] = [];
  const rows = checkRows(jsonRows(value, name, issues), issues);
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

function readCsv(text: string, name: string, issues: string[]): readonly Found[] {
  const { rows, errors } = parseCsv(text);
  const place = (line: number, column: number): string => `${name}:${line}:${column}`;
  for (const error of errors) issues.push(`${place(error.line, error.column)}: ${error.message}`);
  const [header, ...body] = rows;
  if (header === undefined) {
    if (errors.length === 0) issues.push(`${place(1, 1)}: the table is empty; its first line is kind,legacy,current`);
    return [];
  }
  const names = header.cells.map((cell) => cell.text);
  if (names.length === 1 && /[;\t]/.test(names[0] ?? '')) {
    issues.push(`${place(header.line, 1)}: columns are separated by commas`);
    return [];
  }
  for (const cell of header.cells) {
    if (!(COLUMNS as readonly string[]).includes(cell.text))
      issues.push(`${place(header.line, cell.column)}: unknown column "${cell.text}"; ${didYouMean(cell.text, COLUMNS)}`);
  }
  const index = COLUMNS.map((column) => names.indexOf(column));
  if (index.includes(-1)) {
    if (issues.length === 0)
      issues.push(`${place(header.line, 1)}: column "${COLUMNS[index.indexOf(-1)]}" is missing; the first line is kind,legacy,current`);
    return [];
  }
  return body.flatMap((row) => {
    const cells = index.map((at) => row.cells[at]);
    if (row.cells.length === names.length)
      return [{ at: place(row.line, cells[0]?.column ?? 1), kind: cells[0]?.text, legacy: cells[1]?.text, current: cells[2]?.text }];
    issues.push(`${place(row.line, row.cells.at(-1)?.column ?? 1)}: expected ${names.length} values, got ${row.cells.length}`);
    return [];
  });
}

function readJson(text: string, name: string, issues: string[]): readonly Found[] {
  try {
    return jsonRows(JSON.parse(text), name, issues);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(message);
    const before = text.slice(0, at === null ? text.length : Number(at[1])).split('\n');
    issues.push(`${name}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${message.replace(/ in JSON at position.*/s, '')}`);
    return [];
  }
}

function jsonRows(value: unknown, name: string, issues: string[]): readonly Found[] {
  if (Array.isArray(value)) {
    return value.map((row: unknown, index) => {
      const { kind, legacy, current } = (typeof row === 'object' && row !== null ? row : {}) as Record<(typeof COLUMNS)[number], unknown>;
      return { at: `${name}[${index}]`, kind, legacy, current };
    });
  }
  if (typeof value !== 'object' || value === null) {
    issues.push(`${name}: expected a list of {kind, legacy, current} or {kind: {legacy: current}}`);
    return [];
  }
  return Object.entries(value).flatMap(([kind, pairs]: [string, unknown]) => {
    if (typeof pairs === 'object' && pairs !== null)
      return Object.entries(pairs).map(([legacy, current]) => ({
        at: `${name}.${kind}[${JSON.stringify(legacy)}]`,
        kind,
        legacy,
        current,
      }));
    issues.push(`${name}.${kind}: expected {legacy: current}`);
    return [];
  });
}

function checkRows(found: readonly Found[], issues: string[]): readonly IdRow[] {
  const seen = new Map<string, { current: string; at: string }>();
  return found.flatMap(({ at, kind, legacy, current }) => {
    if (!isKind(kind)) {
      issues.push(`${at}: unknown kind ${JSON.stringify(kind) ?? 'undefined'}; ${didYouMean(String(kind), ID_TABLE_KINDS)}`);
      return [];
    }
    if (typeof legacy !== 'string' || typeof current !== 'string' || legacy === '' || current === '') {
      issues.push(`${at}: the ${typeof legacy !== 'string' || legacy === '' ? 'legacy' : 'current'} id is missing or no text`);
      return [];
    }
    const before = seen.get(`${kind} ${legacy}`);
    if (before === undefined) seen.set(`${kind} ${legacy}`, { current, at });
    else if (before.current !== current)
      issues.push(`${at}: ${kind} "${legacy}" is "${current}" here and "${before.current}" at ${before.at}`);
    return [{ kind, legacy, current }];
  });
}

function isKind(kind: unknown): kind is IdTableKind {
  return (ID_TABLE_KINDS as readonly unknown[]).includes(kind);
}
