import type { Comparison } from '../compare/comparison.ts';
import { escapeHtml } from './chart.ts';
import type { Verdict } from './compare-text.ts';
import { spanOf } from './compare-text.ts';
import { formatCount, formatShare, shown } from './figures.ts';
import { htmlTable, numberCell, renderPage, textCell } from './page.ts';

const FIELDS_SHOWN = 200;
const SAMPLES_SHOWN = 3;

/** A comparison as one page: the verdict, both streams as bars, then what differs by type, field and time. */
export function comparisonToHtml(found: Comparison, verdict: Verdict, noise: readonly string[]): string {
  const sections = [head(found, verdict), bars(found), types(found), fields(found), shifts(found), leftOut(found, noise)];
  return renderPage('ccc-upcast compare', sections.filter((section) => section !== '').join('\n'));
}

function head(found: Comparison, { passed, over }: Verdict): string {
  const { ours, theirs, pairs } = found;
  const lines = over.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return `<h1>${passed ? 'The streams agree.' : 'The streams differ.'}</h1>
<p class="soft">${formatCount(ours)} events of ours, ${formatCount(theirs)} of theirs, ${formatCount(pairs)} pairs</p>
${lines === '' ? '' : `<ul class="bad">${lines}</ul>`}`;
}

/** Pairs that agree, pairs that differ, and what has no counterpart, each in its share. */
function bars({ pairs, different, missing, extra, shifted, swapped }: Comparison): string {
  const all = Math.max(1, pairs + missing + extra);
  const rows: readonly (readonly [string, number, string])[] = [
    ['agree', pairs - different, 'the same in every field that is compared'],
    ['different', different, 'pairs that differ in a field'],
    ['missing', missing, 'only they have them'],
    ['extra', extra, 'only we have them'],
    ['shifted', shifted, 'pairs that do not have the same time'],
    ['swapped', swapped, 'times that two pairs of a contact stand in another order'],
  ];
  const cells = rows.map(([name, count, meaning]) => {
    const share = Math.min(100, (100 * count) / all).toFixed(2);
    const isBad = count > 0 && name !== 'agree';
    const bar = `<td style="width:35%">${count === 0 ? '' : `<span class="bar" style="width:${share}%"></span>`}</td>`;
    return `<tr>${textCell(name, isBad)}${numberCell(formatCount(count))}${numberCell(formatShare(count, all))}${bar}${textCell(meaning)}</tr>`;
  });
  return htmlTable(['', 'count', 'share', '', ''], cells);
}

function types({ types: all }: Comparison): string {
  const rows = all.map(({ type, ours, theirs, missing, extra, different, missingAt, extraAt }) => {
    const places = [...missingAt.map((place) => `missing: ${place}`), ...extraAt.map((place) => `extra: ${place}`)];
    const figures = [ours, theirs, missing, extra, different].map((count) => numberCell(count === 0 ? '' : formatCount(count)));
    return `<tr>${textCell(shown(type), missing + extra + different > 0)}${figures.join('')}${textCell(places.slice(0, SAMPLES_SHOWN).map(shown).join('; '))}</tr>`;
  });
  return rows.length === 0
    ? ''
    : `<h2>By type</h2>\n${htmlTable(['type', 'ours', 'theirs', 'missing', 'extra', 'different', 'where'], rows)}`;
}

function fields({ fields: all }: Comparison): string {
  if (all.length === 0) return '';
  const rows = all.slice(0, FIELDS_SHOWN).flatMap(({ type, field, count, samples }) =>
    samples.slice(0, SAMPLES_SHOWN).map(({ ours, theirs, place }, index) => {
      const name = index === 0 ? [textCell(shown(`${type}.${field}`)), numberCell(formatCount(count))] : [textCell(''), textCell('')];
      return `<tr>${name.join('')}${textCell(shown(ours ?? '(none)'))}${textCell(shown(theirs ?? '(none)'))}${textCell(shown(place))}</tr>`;
    }),
  );
  const more = all.length > FIELDS_SHOWN ? `<p class="soft">and ${all.length - FIELDS_SHOWN} more fields</p>` : '';
  return `<h2>By field</h2>\n${htmlTable(['field', 'pairs', 'ours', 'theirs', 'at'], rows)}${more}`;
}

function shifts({ shifts: all }: Comparison): string {
  if (all.length === 0) return '';
  const most = Math.max(...all.map(({ count }) => count));
  const rows = all.map(({ from, to, count }) => {
    const bar = `<td style="width:60%"><span class="bar" style="width:${((100 * count) / most).toFixed(1)}%"></span></td>`;
    return `<tr>${textCell(spanOf(from, to))}${numberCell(formatCount(count))}${bar}</tr>`;
  });
  return `<h2>Shifts in time</h2>\n<p class="soft">milliseconds; positive: ours is later</p>\n${htmlTable(['milliseconds', 'pairs', ''], rows)}`;
}

function leftOut({ refused }: Comparison, noise: readonly string[]): string {
  const lines = [
    ...(refused.ours + refused.theirs === 0
      ? []
      : [`${formatCount(refused.ours)} records of ours and ${formatCount(refused.theirs)} of theirs are no events`]),
    ...(noise.length === 0 ? [] : [`left out, since they differ in the baseline, too: ${noise.map(shown).join(', ')}`]),
  ];
  return lines.map((line) => `<p class="soft">${escapeHtml(line)}</p>`).join('\n');
}
