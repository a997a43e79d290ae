const STEPS: readonly (readonly [string, number])[] = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];
const LONGEST_NAME = 100;

/** `1234567` → `1,234,567`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A size for a person: `12.3 MiB`. */
export function formatBytes(bytes: number): string {
  const [unit, size] = STEPS.find(([, each]) => bytes >= each) ?? ['', 1];
  return unit === '' ? `${formatCount(bytes)} B` : `${(bytes / size).toFixed(1)} ${unit}`;
}

/** Seconds for a person: `0.8 s`, `3 min 20 s`, `2 h 05 min`, `41 d 3 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return `${formatCount(days)} d ${hours} h`;
  return hours > 0 ? `${hours} h ${String(minutes).padStart(2, '0')} min` : `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A share for a person; a part of nothing is a dash. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Text from outside, safe to print: no control characters, no more than a line's length. */
export function shown(text: string): string {
  // Bidi controls too: they could make a name read as another one.
  const safe = text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return safe.length > LONGEST_NAME ? `${safe.slice(0, LONGEST_NAME - 1)}…` : safe;
}

/** A cell of a table; numbers stand at the right. */
export type Cell = string | number;

function isFigure(cell: Cell | undefined): boolean {
  return typeof cell === 'number' || cell?.endsWith(' %') === true;
}

/** Rows in columns of fixed width. Zeros are a dot, so that what is not zero stands out. */
export function renderTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const text = (cell: Cell): string => (typeof cell === 'number' ? (cell === 0 ? '.' : formatCount(cell)) : cell);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => text(row[column] ?? '').length)));
  const isNumber = header.map((_, column) => rows.some((row) => isFigure(row[column])));
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumber[column] === true ? text(cell).padStart(width) : text(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)];
}
