import type { MappedField, MappedType } from '../inspect/coverage.ts';
import type { FieldFound, Inspection, TypeFound } from '../inspect/inspection.ts';
import { formatBytes, formatCount, formatSeconds, formatShare, renderTable, shown } from './figures.ts';
import { findingsOf } from './findings.ts';

const VALUES_SHOWN = 8;

/** What was found in a log, for a person: what is to be done first, then types, times and fields. Values are shown where they are words of a small set, never numbers or texts. */
export function renderInspection(found: Inspection, lateness: number): string {
  const sections = [overview(found), findings(found, lateness), types(found), times(found), ...found.types.map(fields)];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function overview({ inputs, mapping, records, bytesRead, blanks, times: found, seconds }: Inspection): string[] {
  const span =
    found === undefined
      ? 'none'
      : `${new Date(found.from).toISOString()} to ${new Date(found.to).toISOString()} (${formatSeconds((found.to - found.from) / 1000)})`;
  const rows: [string, string][] = [
    ['inputs', inputs.length === 1 ? shown(inputs[0] ?? '') : `${inputs.length} files`],
    ['records', `${formatCount(records)}, ${formatBytes(bytesRead)}, ${formatCount(blanks)} blank lines`],
    ['event times', span],
    ['mapping', `${mapping.name} ${mapping.version}`],
    ['duration', formatSeconds(seconds)],
  ];
  return ['ccc-upcast inspect', '==================', ...rows.map(([name, value]) => `${name.padEnd(13)}${value}`)];
}

function findings(found: Inspection, lateness: number): string[] {
  const all = findingsOf(found, lateness);
  if (all.length === 0) return ['Nothing stands out: every type and field is known to the mapping, every id to the table.'];
  return heading('What to know before it is converted').concat(
    all.flatMap(({ what, hint }) => [`- ${shownLine(what)}`, ...(hint === undefined ? [] : [`  ${shownLine(hint)}`])]),
  );
}

/** Longer than a name may be, but no control characters either. */
function shownLine(text: string): string {
  return text
    .split(' ')
    .map((word) => shown(word))
    .join(' ');
}

function heading(title: string): string[] {
  return [title, '-'.repeat(title.length)];
}

function types({ types: all, records }: Inspection): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ type, count, current, mapped }) => [
    shown(type),
    count,
    formatShare(count, records),
    current,
    typeFateOf(mapped),
  ]);
  return [...heading('Event types'), ...renderTable(['type', 'events', 'share', '2.0 already', 'becomes'], rows)];
}

/** What becomes of a type, in words. */
export function typeFateOf(mapped: MappedType): string {
  switch (mapped.fate) {
    case 'unknown':
      return 'UNKNOWN';
    case 'dropped':
      return 'dropped on purpose';
    case 'resolved':
      return `${mapped.target}, or what its call decides`;
    default:
      return mapped.target;
  }
}

function times({ times: found, records }: Inspection): string[] {
  if (found === undefined) return [];
  const lines = found.forms.map(([form, count]) => `${formatShare(count, records).padStart(8)}  ${form}`);
  const windows = found.lateness.map(({ share, millis }) => `${formatCount(millis)} ms for ${100 * share} %`);
  lines.push(
    found.disordered === 0
      ? 'in order'
      : `in order but for ${formatCount(found.disordered)} events; a --lateness of ${windows.join(', ')} is enough`,
  );
  for (const { from, to } of found.gaps) {
    lines.push(`nothing for ${formatSeconds((to - from) / 1000)} from ${new Date(from).toISOString()} on`);
  }
  return [...heading('Times'), ...lines];
}

function fields({ type, count, fields: all }: TypeFound): string[] {
  const rows = all.map((field) => [
    shown(field.spellings.join(', ')),
    formatShare(field.filled, count),
    field.shapes.map(([shape]) => shape).join(', '),
    values(field),
    fateOf(field.mapped),
  ]);
  return [...heading(`Fields of ${shown(type)}`), ...renderTable(['field', 'filled', 'looks like', 'values', 'becomes'], rows)];
}

function values({ values: all }: FieldFound): string {
  if (all === undefined) return '';
  const some = all.slice(0, VALUES_SHOWN).map(([value, count]) => `${shown(value)} (${formatCount(count)})`);
  return `${some.join(', ')}${all.length > some.length ? ' …' : ''}`;
}

/** What becomes of a field, in words. */
export function fateOf(mapped: MappedField): string {
  switch (mapped.fate) {
    case 'unknown':
      return mapped.target === undefined ? 'UNKNOWN, dropped' : 'UNKNOWN, kept';
    case 'dropped':
      return 'dropped on purpose';
    case 'with its event':
      return '';
    default:
      return mapped.target;
  }
}
