import type { ReplayResult } from '../replay/result.ts';
import type { Stretch } from '../replay/series.ts';
import type { Survey } from '../replay/survey.ts';
import type { Verification } from '../replay/verify.ts';
import { formatBytes, formatCount, formatSeconds, renderTable, shown } from './figures.ts';

const TYPES_SHOWN = 30;

/** True if every event that was to be sent was delivered or is listed as failed. Of a replay that came to its end. */
export function isReplayBalanced({ counts, read }: Pick<ReplayResult, 'counts' | 'read'>): boolean {
  return counts.delivered + counts.failed === read.meant;
}

/** The end of a replay in a few lines: what was sent, what became of it, how well the schedule was held. */
export function renderReplaySummary(result: ReplayResult): string[] {
  const { counts, before, read, seconds, ending, span } = result;
  if (ending === 'again') return ['this replay was finished before: nothing was sent; --restart sends it again', ...accountLines(result)];
  const total = result.series.total();
  const now = counts.delivered - before.delivered;
  const rate = seconds > 0 ? `, ${formatCount(now / seconds)}/s` : '';
  const earlier = before.delivered + before.failed;
  return [
    `sent  ${formatCount(now)} events to ${shown(result.target)} in ${formatSeconds(seconds)}${rate}`,
    ...(earlier > 0 ? [`      ${formatCount(earlier)} had ended in earlier runs`] : []),
    ...(span === undefined ? [] : [`      of ${time(span.from)} to ${time(span.to)}`]),
    `read  ${formatCount(read.events)} events, ${formatBytes(read.bytes)}: ${formatCount(read.meant)} to send, ${formatCount(read.skipped)} not meant, ${formatCount(read.noEvents)} records no events`,
    ...accountLines(result),
    ...(total.lag.count === 0 ? [] : [`lag   ${spread(total.lag)}`]),
    ...(total.delivered === 0 ? [] : [`took  ${spread(total.latency)}`]),
    ...(ending === 'done' ? [`books ${isReplayBalanced(result) ? 'balance' : 'DO NOT BALANCE'}`] : []),
    ...result.files.map(({ kind, path, lines }) => `file  ${shown(path)}: ${kind}, ${formatCount(lines)} lines`),
  ];
}

function accountLines({ counts, read, ending }: ReplayResult): string[] {
  const left = read.meant - counts.delivered - counts.failed;
  const open = ending === 'stopped' || ending === 'gave-up' ? `, ${formatCount(Math.max(0, left))} of those read are left` : '';
  const tries = `${formatCount(counts.attempts)} attempts, ${formatCount(counts.retries)} of them again`;
  return [`      ${formatCount(counts.delivered)} delivered, ${formatCount(counts.failed)} failed${open} (${tries})`];
}

function spread({ quantile, max }: Stretch['lag']): string {
  return `median ${millis(quantile(0.5))}, 99 % ${millis(quantile(0.99))}, most ${millis(max)}`;
}

function millis(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(1)} ms` : formatSeconds(ms / 1000);
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** What a replay would send, for whoever is asked whether it should. */
export function renderSurvey(survey: Survey, tempo: string): string[] {
  const { read, span, longestGap, duration, contacts } = survey;
  const rows: [string, string][] = [
    ['target', shown(survey.target)],
    ['inputs', survey.inputs.length === 1 ? shown(survey.inputs[0] ?? '') : `${survey.inputs.length} files`],
    [
      'events',
      `${formatCount(read.meant)} to send; ${formatCount(read.skipped)} not meant, ${formatCount(read.noEvents)} records no events`,
    ],
    ['contacts', contacts === undefined ? 'more than 5,000,000' : formatCount(contacts)],
    ['ids', read.made === 0 ? 'from the provenance' : `${formatCount(read.made)} follow from the content of their events`],
    ['first', span === undefined ? '-' : time(span.from)],
    ['last', span === undefined ? '-' : time(span.to)],
    ['longest gap', longestGap === undefined ? '-' : `${formatSeconds(longestGap.ms / 1000)}, from ${time(longestGap.at)}`],
    ['out of order', formatCount(survey.outOfOrder)],
    [
      'takes',
      `${survey.isEndless ? 'for ever; a round ' : ''}${duration === 0 ? 'as long as the target needs' : `at least ${formatSeconds(duration / 1000)}`}, ${tempo}`,
    ],
  ];
  const types = [...survey.types].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(14)}${value}`),
    ...(types.length === 0
      ? []
      : [
          '',
          ...renderTable(
            ['type', 'events'],
            types.slice(0, TYPES_SHOWN).map(([type, count]) => [shown(type), count]),
          ),
        ]),
    ...(types.length > TYPES_SHOWN ? [`and ${types.length - TYPES_SHOWN} more types`] : []),
  ];
}

/** What the receipts say against what a receiver has. */
export function renderVerification({ delivered, failed, received, repeats, missing, unknown, failedButReceived }: Verification): string[] {
  return [
    `receipts  ${formatCount(delivered)} delivered, ${formatCount(failed)} failed`,
    `receiver  ${formatCount(received)} ids, ${formatCount(repeats)} repeats`,
    ...(missing.count === 0 && unknown.count === 0 ? ['verified  the receiver has what was delivered, and nothing else'] : []),
    ...finding('MISSING', 'delivered, but the receiver does not have them', missing),
    ...finding('UNKNOWN', 'the receiver has them, no receipt names them', unknown),
    ...finding('arrived', 'failed, and yet received: the answer was lost', failedButReceived),
  ];
}

function finding(name: string, what: string, { count, first }: Verification['missing']): string[] {
  if (count === 0) return [];
  return [
    `${name}   ${formatCount(count)} ${what}:`,
    ...first.map((id) => `          ${shown(id)}`),
    ...(count > first.length ? ['          …'] : []),
  ];
}
