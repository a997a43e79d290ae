import type { RunResult } from '../pipeline/job.ts';
import type { NoticeKind } from '../translate/tally.ts';
import type { CheckedBooks } from './books.ts';
import { booksOf } from './books.ts';
import { formatBytes, formatCount, formatSeconds, formatShare, renderTable, shown } from './figures.ts';
import { decisionsOf, noticedOf } from './noticed.ts';

const NAMES_SHOWN = 30;

/** What a run notices by name, with what it means. */
export const NOTICES: readonly { readonly kind: NoticeKind; readonly title: string; readonly hint: string }[] = [
  { kind: 'unknownType', title: 'Unknown event types', hint: 'the mapping has no file for them' },
  { kind: 'unknownId', title: 'Ids that the id table lacks', hint: 'kept as they are; add them to the file given with --ids' },
  { kind: 'unknownField', title: 'Unknown fields', hint: 'no step of the mapping names them' },
  { kind: 'unknownValue', title: 'Values without a counterpart in 2.0', hint: 'their field was left out' },
  { kind: 'droppedField', title: 'Fields dropped', hint: 'by decision of the mapping, or because the 2.0 event has no such field' },
];

/** A run's report for a person: what matters most comes first, every figure has its name, no event's content is shown. */
export function renderText(result: RunResult): string {
  const books = booksOf(result);
  const sections = [
    verdict(result, books),
    overview(result),
    warnings(result),
    inputBooks(books),
    outputBooks(books),
    decisions(result),
    deadLetters(result),
    ...NOTICES.map((notice) => noticed(result, notice)),
    unfinished(result),
    files(result),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function verdict(result: RunResult, books: CheckedBooks): string[] {
  const dead = result.deadLetters.count;
  const balance = books.balanced ? 'The books balance.' : 'THE BOOKS DO NOT BALANCE: do not use this output, and please report it.';
  const lost = dead === 0 ? 'No dead letters.' : `${formatCount(dead)} dead letter${dead === 1 ? '' : 's'}: see below.`;
  return ['ccc-upcast convert', '==================', `${balance} ${lost}`, ...result.imbalances.map((line) => `  ${shown(line)}`)];
}

function overview(result: RunResult): string[] {
  const { span, seconds, records, bytesRead } = result;
  const time = (ms: number): string => new Date(ms).toISOString();
  const days = span === undefined ? '' : ` (${formatSeconds((span.to - span.from) / 1000)})`;
  const rows: [string, string][] = [
    ['mapping', `${result.mapping.name} ${result.mapping.version}`],
    ['inputs', result.inputs.length === 1 ? shown(result.inputs[0] ?? '') : `${result.inputs.length} files`],
    ['records', `${formatCount(records)}, ${formatBytes(bytesRead)}, ${formatCount(result.blanks)} blank lines`],
    ['event times', span === undefined ? 'none' : `${time(span.from)} to ${time(span.to)}${days}`],
    ['late events', `${formatCount(result.books.late)} (${formatShare(result.books.late, records)})`],
    ['duration', `${formatSeconds(seconds)}, ${seconds > 0 ? formatCount(records / seconds) : '-'} records/s`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)}${value}`);
}

function warnings(result: RunResult): string[] {
  return result.warnings.length === 0 ? [] : [...heading('Warnings'), ...result.warnings.map((line) => `! ${shownLine(line)}`)];
}

function inputBooks({ input, inputTotal }: CheckedBooks): string[] {
  const header = ['1.0 event', 'in', 'translated', 'dropped', 'set aside', 'duplicates', 'dead letters', 'held', ''];
  const rows = [...input, inputTotal].map((row) => [
    row.type === '' ? '(no type)' : shown(row.type),
    row.in,
    row.translated,
    row.dropped,
    row.setAside,
    row.duplicates,
    row.deadLetters,
    row.held,
    row.balanced ? '' : '<- does not add up',
  ]);
  return [
    ...heading('Books of the input: in = translated + dropped + set aside + duplicates + dead letters + held'),
    ...renderTable(header, rows),
  ];
}

function outputBooks({ output, outputTotal }: CheckedBooks): string[] {
  const rows = [...output, outputTotal].map((row) => [
    shown(row.type),
    row.out,
    row.translated,
    row.synthesized,
    row.balanced ? '' : '<- does not add up',
  ]);
  return [
    ...heading('Books of the output: out = translated + synthesized'),
    ...renderTable(['2.0 event', 'out', 'translated', 'synthesized', ''], rows),
  ];
}

function decisions(result: RunResult): string[] {
  const decided = decisionsOf(result);
  if (decided.length === 0) return [];
  const rows = decided.map((each) => [
    each.kind,
    each.rule,
    shown(each.type),
    each.count,
    each.waited,
    formatShare(each.waited, each.count),
  ]);
  return [
    ...heading('Resolved (its 2.0 type depended on its call) and synthesized (1.0 never sent it)'),
    ...renderTable(['how', 'rule', '2.0 event', 'events', 'wait ran out', ''], rows),
  ];
}

function deadLetters(result: RunResult): string[] {
  const { count, byCode, first } = result.deadLetters;
  if (count === 0) return [];
  const codes = [...byCode].sort((a, b) => b[1] - a[1]).map(([code, each]) => [code, each]);
  return [
    ...heading('Dead letters'),
    ...renderTable(['reason', 'records'], codes),
    '',
    `first ${first.length}:`,
    ...first.map((each) => `  ${shown(each.place)}: ${each.code}: ${shown(each.message)}`),
  ];
}

function noticed(result: RunResult, notice: (typeof NOTICES)[number]): string[] {
  const all = noticedOf(result, notice.kind);
  if (all.length === 0) return [];
  const rows = all
    .slice(0, NAMES_SHOWN)
    .map((each) => [shown(each.name), each.count, `${shown(each.file)}:${each.line} (byte ${each.offset})`]);
  const more = all.length - rows.length;
  return [
    ...heading(`${notice.title}: ${notice.hint}`),
    ...renderTable(['name', 'times', 'first at'], rows),
    ...(more > 0 ? [`and ${formatCount(more)} more; a report in .json lists them all`] : []),
  ];
}

function unfinished(result: RunResult): string[] {
  const { count, first } = result.unfinished;
  if (count === 0) return [];
  const rest = count > first.length ? ', …' : '';
  return [
    ...heading('Unfinished calls: they began and never ended; nothing is invented for them'),
    `${formatCount(count)}: ${first.map(shown).join(', ')}${rest}`,
  ];
}

function files(result: RunResult): string[] {
  if (result.files.length === 0) return [];
  const rows = result.files.map((each) => [
    each.kind,
    each.lines,
    formatBytes(each.bytes),
    each.path === '-' ? 'stdout' : shown(each.path),
  ]);
  return [...heading('Files'), ...renderTable(['what', 'lines', 'size', 'path'], rows)];
}

function heading(title: string): string[] {
  return [title, '-'.repeat(title.length)];
}

/** A line of our own that may name a file: as long as it needs to be, but without control characters. */
function shownLine(line: string): string {
  return line.split(' ').map(shown).join(' ');
}
