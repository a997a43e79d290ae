const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Milliseconds of a time span with its unit (`500ms`, `5s`, `1.5m`, `24h`, `2d`), or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) return text.trim() === '0' ? 0 : undefined;
  return Math.round(Number(match[1]) * (UNITS.get(match[2] ?? '') ?? Number.NaN));
}
