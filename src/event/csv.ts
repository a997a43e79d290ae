/** A value of a CSV line, and the column where it begins (from 1). */
export interface CsvCell {
  readonly text: string;
  readonly column: number;
}

/** A record of a CSV text, and the line where it begins (from 1). */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly CsvCell[];
}

/** What could not be read. */
export interface CsvError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

// A value: quoted (with doubled quotes inside, and blanks around), or everything up to a comma or the line's end.
const VALUE = /[ \t]*"((?:[^"]|"")*)"[ \t]*|([^,\r\n]*)/y;
const LINE_END = /\r\n|\n|\r/y;
// Comments and blank lines, between records only.
const SKIP = /(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))*(?:[ \t]*(?:#[^\r\n]*)?$)?/y;

/**
 * Reads CSV (RFC 4180: quotes, CRLF, line ends inside quotes) with `#` comments and blank lines between records, one record after the
 * other: a table may be large. Unquoted values are trimmed. What could not be read is added to `errors` as it is met.
 */
export function* parseCsv(text: string, errors: CsvError[]): Generator<CsvRow> {
  let at = 0;
  let line = 1;
  let lineStart = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return null;
    // Most tokens are values on one line: only those with a line end in them are worth looking through.
    if (match[0].includes('\n') || match[0].includes('\r')) {
      for (const end of match[0].matchAll(/\r\n|\n|\r/g)) {
        line += 1;
        lineStart = at + end.index + end[0].length;
      }
    }
    at += match[0].length;
    return match;
  };
  take(SKIP);
  while (at < text.length) {
    const row = { line, cells: [] as CsvCell[] };
    do {
      const column = at - lineStart + 1;
      const match = take(VALUE);
      row.cells.push({ text: ownText(match?.[1]?.replaceAll('""', '"') ?? match?.[2]?.trim() ?? ''), column });
      if (match?.[2]?.trimStart().startsWith('"')) errors.push({ line, column, message: 'a quote is not closed' });
    } while (text[at] === ',' && ++at);
    yield row;
    if (at < text.length && take(LINE_END) === null) {
      errors.push({ line, column: at - lineStart + 1, message: 'expected a comma after the closing quote' });
      take(/[^\r\n]*/y);
    }
    take(SKIP);
  }
}

/** A part of a text is, for V8, a view on the text as a whole: it would stay in memory for as long as one value does. */
function ownText(part: string): string {
  return JSON.parse(JSON.stringify(part)) as string;
}
