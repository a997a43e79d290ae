import type { Comparison, FieldDifference, Sample } from '../compare/comparison.ts';
import type { Cell } from './figures.ts';
import { formatCount, formatShare, renderTable, shown } from './figures.ts';

const FIELDS_SHOWN = 30;

/** What a comparison was held against, and whether it holds. */
export interface Verdict {
  readonly passed: boolean;
  /** Lines that say what is over its limit. */
  readonly over: readonly string[];
}

/** A comparison for a person: the verdict first. */
export function renderComparison(found: Comparison, verdict: Verdict, noise: readonly string[]): string {
  const sections = [head(found, verdict, noise), types(found), fields(found), shifts(found)];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function head(found: Comparison, { passed, over }: Verdict, noise: readonly string[]): string[] {
  const { ours, theirs, pairs, missing, extra, different, shifted, swapped, refused } = found;
  const rows: [string, string][] = [
    ['ours', `${formatCount(ours)} events`],
    ['theirs', `${formatCount(theirs)} events`],
    ['pairs', formatCount(pairs)],
    ['missing', `${formatCount(missing)} (${formatShare(missing, theirs)} of theirs): only they have them`],
    ['extra', `${formatCount(extra)} (${formatShare(extra, ours)} of ours): only we have them`],
    ['different', `${formatCount(different)} pairs (${formatShare(different, pairs)}) differ in a field`],
    ['shifted', `${formatCount(shifted)} pairs (${formatShare(shifted, pairs)}) do not have the same time`],
    ['swapped', `${formatCount(swapped)} times two pairs of a contact stand in another order`],
  ];
  if (refused.ours + refused.theirs > 0)
    rows.push(['no events', `${formatCount(refused.ours)} records of ours, ${formatCount(refused.theirs)} of theirs`]);
  if (noise.length > 0) rows.push(['left out', `${noise.map(shown).join(', ')}: they differ in the baseline, too`]);
  const title = passed ? 'The streams agree.' : 'THE STREAMS DIFFER.';
  return [
    'ccc-upcast compare',
    '==================',
    title,
    ...over.map((line) => `  ${line}`),
    ...rows.map(([name, value]) => `${name.padEnd(11)}${value}`),
  ];
}

function types({ types: all }: Comparison): string[] {
  const odd = all.filter(({ missing, extra, different }) => missing + extra + different > 0);
  if (odd.length === 0) return [];
  const rows = odd.map((row): Cell[] => [
    shown(row.type),
    row.ours,
    row.theirs,
    row.missing,
    row.extra,
    row.different,
    shown(row.missingAt[0] ?? row.extraAt[0] ?? ''),
  ]);
  return [
    ...heading('By type'),
    ...renderTable(['type', 'ours', 'theirs', 'missing', 'extra', 'different', 'first missing or extra'], rows),
  ];
}

function fields({ fields: all }: Comparison): string[] {
  if (all.length === 0) return [];
  const rows = all.slice(0, FIELDS_SHOWN).map((row): Cell[] => [shown(`${row.type}.${row.field}`), row.count, ...example(row)]);
  const more = all.length > FIELDS_SHOWN ? [`… and ${all.length - FIELDS_SHOWN} more`] : [];
  return [...heading('By field'), ...renderTable(['field', 'pairs', 'ours', 'theirs', 'at'], rows), ...more];
}

function example({ samples: [first] }: FieldDifference): readonly string[] {
  const value = (of: keyof Sample): string => shown(first?.[of] ?? '(none)');
  return [value('ours'), value('theirs'), value('place')];
}

function shifts({ shifts: all, pairs }: Comparison): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ from, to, count }): Cell[] => [spanOf(from, to), count, formatShare(count, pairs)]);
  return [...heading('Shifts: ours later than theirs is positive'), ...renderTable(['milliseconds', 'pairs', 'share'], rows)];
}

/** A span of milliseconds for a person. */
export function spanOf(from: number, to: number): string {
  if (to === Number.POSITIVE_INFINITY) return `over ${from}`;
  return from === Number.NEGATIVE_INFINITY ? `under ${to}` : `${from} to ${to}`;
}

function heading(title: string): string[] {
  return [title, '-'.repeat(title.length)];
}
