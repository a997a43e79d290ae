const SIZES: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

const SPANS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Bytes of a size with its unit (`64MiB`, `1.5GB`, `512B`), or undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text.trim());
  if (match === null) return text.trim() === '0' ? 0 : undefined;
  const unit = [...SIZES].find(([name]) => name.toLowerCase() === (match[2] ?? '').toLowerCase());
  const bytes = Math.round(Number(match[1]) * (unit?.[1] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A whole number, digits only, or undefined. */
export function parseCount(text: string): number | undefined {
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}

/** The shortest exact text of a time span: `5s`, `90m`, `1500ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, size] = SPANS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  // `26h` says more than `1d` and a remainder, and whole days up to two read better in hours.
  if (unit === 'd' && ms < 3 * size) return `${(ms / size) * 24}h`;
  return `${ms / size}${unit}`;
}

/** The shortest exact text of a size: `1MiB`, `1500B`. */
export function formatSize(bytes: number): string {
  const fits = [...SIZES].filter(([name, size]) => bytes !== 0 && bytes % size === 0 && (name.endsWith('iB') || name === 'B'));
  const [unit, size] = fits.at(-1) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}
