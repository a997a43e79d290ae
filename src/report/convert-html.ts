import type { Explanation } from '../explain/explain.ts';
import type { RunResult } from '../pipeline/job.ts';
import type { Oddity, SurveyState } from '../translate/survey.ts';
import type { NoticeKind } from '../translate/tally.ts';
import type { CheckedBooks, InputRow } from './books.ts';
import { booksOf } from './books.ts';
import { escapeHtml, renderChart } from './chart.ts';
import { renderCallPart, renderPicture } from './explain-html.ts';
import { formatBytes, formatCount, formatSeconds, formatShare, shown } from './figures.ts';
import type { Flow } from './flow.ts';
import { renderFlow } from './flow.ts';
import { decisionsOf, noticedOf } from './noticed.ts';
import { htmlTable, numberCell, renderPage, textCell } from './page.ts';
import { NOTICES } from './text.ts';

/** What the page shows beside the result of the run. */
export interface SignOff {
  readonly result: RunResult;
  /** Some of its calls, and why they were chosen; undefined where the log cannot be read again. */
  readonly samples: { readonly explanation: Explanation; readonly why: ReadonlyMap<string, readonly Oddity[]> } | undefined;
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the files that were written, hex, by path. */
  readonly hashes: ReadonlyMap<string, string>;
}

const NAMES_SHOWN = 30;
const MINUTE = 60_000;
/** A page is to stay below 2 MB: details of a call are left out where they would go beyond this. */
const MOST_DETAILS = 1_600_000;

const WORDS: Readonly<Record<Oddity, string>> = {
  'best-reading': 'a wait ran out, and the best reading was taken',
  'release-from-acw': 'an AgentRelease was concluded from after-call work',
  'release-from-elsewhere': 'an AgentRelease was concluded from the agent being elsewhere',
  'dead-letter': 'one of its events is a dead letter',
  'set-aside': 'an operation in it failed',
  late: 'one of its events came late',
  repeated: 'one of its events came twice',
  consultation: 'a consultation',
  transfer: 'a transfer',
  ordinary: 'an ordinary call',
};

/** The page on which a migration is signed off: what came in, what went out, what was lost, what was made up, and on which grounds. */
export function signOffToHtml(page: SignOff): string {
  const { result } = page;
  const books = booksOf(result);
  const sections = [
    verdict(result, books),
    flow(books),
    types(books),
    overTime(result.survey),
    decisions(result),
    ...NOTICES.map(({ kind, title, hint }) => noticed(result, kind, title, hint)),
    deadLetters(result),
    warnings(result),
    settings(page),
  ];
  const body = sections.filter((section) => section !== '').join('\n');
  return renderPage('ccc-upcast convert', `${body}\n${samples(page, MOST_DETAILS - body.length)}`);
}

function verdict(result: RunResult, books: CheckedBooks): string {
  const { deadLetters: dead, span, records, bytesRead, seconds, inputs, unfinished } = result;
  const { inputTotal, outputTotal } = books;
  const resolved = decisionsOf(result).reduce((sum, { count }) => sum + count, 0);
  const waited = decisionsOf(result).reduce((sum, each) => sum + each.waited, 0);
  const names = inputs.length === 1 ? shown(inputs[0] ?? '') : `${inputs.length} files`;
  const time = span === undefined ? 'no times' : `${new Date(span.from).toISOString()} to ${new Date(span.to).toISOString()}`;
  const answers: readonly (readonly [string, string])[] = [
    [
      'Was anything lost?',
      books.balanced
        ? `No. Each of the ${formatCount(inputTotal.in)} events is accounted for${dead.count === 0 ? ', and none is a dead letter.' : `; ${formatCount(dead.count)} could not be translated and are kept as dead letters.`}`
        : 'THE BOOKS DO NOT BALANCE: do not use this output.',
    ],
    [
      'What was made up?',
      `${formatCount(outputTotal.synthesized)} of ${formatCount(outputTotal.out)} events are such as 1.0 never sent (${formatShare(outputTotal.synthesized, outputTotal.out)}); each names the events that are its evidence.`,
    ],
    [
      'How sure is it?',
      `${formatCount(resolved)} events were decided by the rest of their call: ${sureness(resolved, waited)} by evidence, ${formatCount(waited)} by the best reading when the wait for evidence ran out.`,
    ],
  ];
  return `<h1 class="${books.balanced ? '' : 'bad'}">${books.balanced ? 'The books balance.' : 'The books do not balance.'}</h1>
<p class="soft">${escapeHtml(`${names}: ${formatCount(records)} records, ${formatBytes(bytesRead)}, ${time}; converted in ${formatSeconds(seconds)}${unfinished.count === 0 ? '' : `; ${formatCount(unfinished.count)} calls began and never ended`}`)}</p>
<dl>${answers.map(([question, answer]) => `<dt><b>${question}</b></dt><dd>${escapeHtml(answer)}</dd>`).join('')}</dl>`;
}

function flow({ inputTotal, outputTotal }: CheckedBooks): string {
  const of = (name: string, count: number, className: string): Flow => ({ name, count, className });
  const flows = [
    of('translated', inputTotal.translated, 'a'),
    of('dropped by decision', inputTotal.dropped, 'd'),
    of('set aside: the operation failed', inputTotal.setAside, 'c'),
    of('sent twice', inputTotal.duplicates, 'd'),
    of('dead letters', inputTotal.deadLetters, 'b'),
    of('still held', Math.max(0, inputTotal.held), 'c'),
  ];
  return renderFlow('What became of the events', inputTotal.in, flows, of('synthesized', outputTotal.synthesized, 'e'));
}

function types({ input, output, inputTotal }: CheckedBooks): string {
  const most = Math.max(1, ...input.map((row) => row.in));
  const rows = [...input].sort((a, b) => b.in - a.in).map((row) => typeRow(row, most));
  const made = output.map(({ type, out, translated, synthesized }) => {
    const figures = [out, translated, synthesized].map((count) => numberCell(count === 0 ? '' : formatCount(count)));
    return `<tr>${textCell(shown(type))}${figures.join('')}</tr>`;
  });
  const header = ['1.0 event', 'in', 'translated', 'dropped', 'set aside', 'twice', 'dead', ''];
  return `<h2>Events of 1.0</h2>
${htmlTable(header, [...rows, typeRow({ ...inputTotal, type: 'all' }, 0)])}
<h2>Events of 2.0</h2>
${htmlTable(['2.0 event', 'out', 'translated', 'synthesized'], made)}`;
}

function typeRow(row: InputRow, most: number): string {
  const figures = [row.in, row.translated, row.dropped, row.setAside, row.duplicates, row.deadLetters];
  const parts = [
    ['a', row.translated],
    ['d', row.dropped + row.duplicates],
    ['c', row.setAside],
    ['b', row.deadLetters],
  ] as const;
  const bars = parts.map(([name, count]) =>
    count === 0 ? '' : `<span class="${name}" style="width:${((100 * count) / most).toFixed(2)}%"></span>`,
  );
  const cells = figures.map((count) => numberCell(count === 0 ? '' : formatCount(count)));
  const stack = most === 0 ? '<td></td>' : `<td style="width:25%"><span class="stack">${bars.join('')}</span></td>`;
  return `<tr>${textCell(row.type === '' ? '(no type)' : shown(row.type), !row.balanced)}${cells.join('')}${stack}</tr>`;
}

/** Nothing is drawn over a log of a single moment. */
function overTime({ width, buckets }: SurveyState): string {
  const [first, last] = [buckets[0]?.[0], buckets.at(-1)?.[0]];
  if (first === undefined || last === undefined || first === last) return '';
  const step = Math.max(1, Math.ceil((last - first + 1) / 400));
  const count = Math.ceil((last - first + 1) / step);
  const sums = Array.from({ length: count }, () => ({ calls: 0, events: 0, synthesized: 0 }));
  for (const [at, bucket] of buckets) {
    const sum = sums[Math.floor((at - first) / step)];
    if (sum === undefined) continue;
    sum.calls += bucket.calls;
    sum.events += bucket.events;
    sum.synthesized += bucket.synthesized;
  }
  const from = new Date(first * width * MINUTE).toISOString().slice(0, 16);
  const values = (name: 'calls' | 'events' | 'synthesized'): number[] => sums.map((sum) => sum[name]);
  return renderChart({
    title: 'Calls and events over time',
    unit: `in each ${formatSeconds(width * step * 60)}, from ${from} UTC`,
    step: width * step * 60,
    lines: [
      { name: 'events in', className: 'a', values: values('events') },
      { name: 'synthesized', className: 'c', values: values('synthesized') },
      { name: 'calls begun', className: 'b', values: values('calls') },
    ],
  });
}

function decisions(result: RunResult): string {
  const rows = decisionsOf(result).map(({ kind, rule, type, count, waited }) => {
    const sure = sureness(count, waited);
    return `<tr>${textCell(kind)}${textCell(rule)}${textCell(shown(type))}${numberCell(formatCount(count))}${numberCell(sure)}${numberCell(waited === 0 ? '' : formatCount(waited))}</tr>`;
  });
  if (rows.length === 0) return '';
  return `<h2>Resolved and synthesized, by rule</h2>\n${htmlTable(['how', 'rule', '2.0 event', 'events', 'by evidence', 'wait ran out'], rows)}`;
}

/** Never rounded up: 100 % means all. */
function sureness(count: number, waited: number): string {
  if (count === 0) return '-';
  return waited === 0 ? '100 %' : `${(Math.floor((10_000 * (count - waited)) / count) / 100).toFixed(2)} %`;
}

function noticed(result: RunResult, kind: NoticeKind, title: string, hint: string): string {
  const all = noticedOf(result, kind);
  if (all.length === 0) return '';
  const rows = all
    .slice(0, NAMES_SHOWN)
    .map(
      ({ name, count, file, line }) =>
        `<tr>${textCell(shown(name))}${numberCell(formatCount(count))}${textCell(`${shown(file)}, line ${line}`)}</tr>`,
    );
  const more =
    all.length > rows.length
      ? `<p class="soft">and ${formatCount(all.length - rows.length)} more: a report in .json lists them all</p>`
      : '';
  return `<h2>${escapeHtml(title)}</h2>\n<p class="soft">${escapeHtml(hint)}</p>\n${htmlTable(['name', 'times', 'first at'], rows)}${more}`;
}

function deadLetters({ deadLetters: { count, byCode, first } }: RunResult): string {
  if (count === 0) return '';
  const codes = [...byCode].sort((a, b) => b[1] - a[1]).map(([code, each]) => `<tr>${textCell(code)}${numberCell(formatCount(each))}</tr>`);
  const rows = first.map(({ place, code, message }) => `<tr>${textCell(shown(place))}${textCell(code)}${textCell(shown(message))}</tr>`);
  return `<h2>Dead letters</h2>\n${htmlTable(['reason', 'records'], codes)}${htmlTable(['first at', 'reason', ''], rows)}`;
}

function warnings({ warnings: all }: RunResult): string {
  return all.length === 0 ? '' : `<h2>Warnings</h2>\n<ul>${all.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

function settings({ result, settings: all, hashes }: SignOff): string {
  const { mapping, files } = result;
  const rows = [
    ['mapping', `${mapping.name} ${mapping.version}, SHA-256 ${mapping.hash}`] as const,
    ...all,
    ...files.map(({ kind, path, lines, bytes }) => {
      const hash = hashes.get(path);
      return [
        kind,
        `${path === '-' ? 'stdout' : path}: ${formatCount(lines)} lines, ${formatBytes(bytes)}${hash === undefined ? '' : `, SHA-256 ${hash}`}`,
      ] as const;
    }),
  ];
  return `<h2>Settings and files</h2>\n${htmlTable(
    ['', ''],
    rows.map(([name, value]) => `<tr>${textCell(name)}${textCell(value)}</tr>`),
  )}`;
}

function samples({ samples: some }: SignOff, room: number): string {
  if (some === undefined) return '';
  let left = room;
  const parts = some.explanation.calls.map((call, index) => {
    const id = `c${index + 1}`;
    const why = (some.why.get(call.contact) ?? []).map((oddity) => WORDS[oddity]).join('; ');
    const head = `<h3>Call ${escapeHtml(shown(call.contact))} <small>${escapeHtml(why)}</small></h3>`;
    const whole = renderCallPart(some.explanation, call, id, false);
    const part = whole.length <= left ? whole : renderPicture(call, undefined);
    if (part.length > left) return `${head}\n<p class="soft">too long for this page: ccc-upcast explain --contact shows it</p>`;
    left -= part.length;
    return `${head}\n${part}`;
  });
  return parts.length === 0 ? '' : `<h2>Some of its calls, odd ones first</h2>\n${parts.join('\n')}`;
}
