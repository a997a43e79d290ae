import type { FieldFound, Inspection, TypeFound } from '../inspect/inspection.ts';
import { escapeHtml } from './chart.ts';
import { formatBytes, formatCount, formatSeconds, formatShare, shown } from './figures.ts';
import { findingsOf } from './findings.ts';
import { fateOf, typeFateOf } from './inspect-text.ts';
import { htmlTable, numberCell, renderPage, textCell } from './page.ts';

const VALUES_SHOWN = 8;

/** What was found in a log, as one page to look at: what to know first, the types as bars, the fields of each as a table. */
export function inspectionToHtml(found: Inspection, lateness: number): string {
  const { inputs, mapping, records, bytesRead, times } = found;
  const span = times === undefined ? 'no times' : `${iso(times.from)} to ${iso(times.to)}`;
  const head = `${formatCount(records)} records, ${formatBytes(bytesRead)}, ${span}; mapping ${mapping.name} ${mapping.version}`;
  const names = inputs.length === 1 ? shown(inputs[0] ?? '') : `${inputs.length} files`;
  const sections = [
    `<h1>What is in ${escapeHtml(names)}</h1>\n<p class="soft">${escapeHtml(head)}</p>`,
    findings(found, lateness),
    types(found),
    timesOf(found),
    ...found.types.map(fields),
  ];
  return renderPage('ccc-upcast inspect', sections.filter((section) => section !== '').join('\n'));
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

function findings(found: Inspection, lateness: number): string {
  const all = findingsOf(found, lateness);
  if (all.length === 0) return '<p>Nothing stands out: every type and field is known to the mapping, every id to the table.</p>';
  const items = all.map(({ what, hint }) => `<dt>${escapeHtml(what)}</dt>${hint === undefined ? '' : `<dd>${escapeHtml(hint)}</dd>`}`);
  return `<h2>What to know before it is converted</h2>\n<dl>${items.join('\n')}</dl>`;
}

function types({ types: all, records }: Inspection): string {
  if (all.length === 0) return '';
  const most = Math.max(...all.map(({ count }) => count));
  const rows = all.map(({ type, count, current, mapped }) => {
    const bar = `<span class="bar" style="width:${((100 * count) / most).toFixed(1)}%"></span>`;
    const becomes = textCell(typeFateOf(mapped), mapped.fate === 'unknown');
    const cells = [
      `<td>${escapeHtml(shown(type))}</td>`,
      numberCell(formatCount(count)),
      numberCell(formatShare(count, records)),
      `<td style="width:30%">${bar}</td>`,
    ];
    return `<tr>${cells.join('')}${numberCell(current === 0 ? '' : formatCount(current))}${becomes}</tr>`;
  });
  return `<h2>Event types</h2>\n${htmlTable(['type', 'events', 'share', '', '2.0 already', 'becomes'], rows)}`;
}

function timesOf({ times, records }: Inspection): string {
  if (times === undefined) return '';
  const forms = times.forms.map(([form, count]) => `<tr><td>${escapeHtml(form)}</td>${numberCell(formatShare(count, records))}</tr>`);
  const windows = times.lateness.map(
    ({ share, millis }) => `<tr><td>lateness for ${100 * share} %</td>${numberCell(`${formatCount(millis)} ms`)}</tr>`,
  );
  const gaps = times.gaps.map(
    ({ from, to }) => `<tr><td>nothing from ${iso(from)} on for</td>${numberCell(formatSeconds((to - from) / 1000))}</tr>`,
  );
  return `<h2>Times</h2>\n${htmlTable(['', ''], [...forms, ...windows, ...gaps])}`;
}

function fields({ type, count, fields: all }: TypeFound): string {
  const rows = all.map((field) => {
    const looks = field.shapes.map(([shape]) => shape).join(', ');
    const becomes = textCell(fateOf(field.mapped), field.mapped.fate === 'unknown');
    return `<tr><td>${escapeHtml(field.spellings.map(shown).join(', '))}</td>${numberCell(formatShare(field.filled, count))}<td>${looks}</td><td>${escapeHtml(values(field))}</td>${becomes}</tr>`;
  });
  return `<h2>Fields of ${escapeHtml(shown(type))}</h2>\n${htmlTable(['field', 'filled', 'looks like', 'values', 'becomes'], rows)}`;
}

function values({ values: all }: FieldFound): string {
  const some = (all ?? []).slice(0, VALUES_SHOWN).map(([value, count]) => `${shown(value)} (${formatCount(count)})`);
  return `${some.join(', ')}${(all?.length ?? 0) > some.length ? ' …' : ''}`;
}
