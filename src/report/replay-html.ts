import type { ReplayResult } from '../replay/result.ts';
import type { Stretch } from '../replay/series.ts';
import { escapeHtml, renderChart } from './chart.ts';
import { renderPage } from './page.ts';
import { renderReplaySummary } from './replay-text.ts';

/** A replay's report as one page that needs nothing else: what became of the events, and the rate, lag and latency over its time. */
export function renderReplayHtml(result: ReplayResult): string {
  const { stretches, width } = result.series;
  const step = width / 1000;
  const rate = (of: (stretch: Stretch) => number): number[] => stretches.map((stretch) => of(stretch) / step);
  const quantile = (of: 'lag' | 'latency', share: number): number[] => stretches.map((stretch) => stretch[of].quantile(share));
  const charts = [
    {
      title: 'Rate',
      unit: 'events a second',
      lines: [
        { name: 'sent', className: 'a', values: rate(({ sent }) => sent) },
        { name: 'planned', className: 'b', values: rate(({ planned }) => planned) },
      ],
    },
    {
      title: 'Lag',
      unit: 'milliseconds after it was due',
      lines: [
        { name: 'median', className: 'a', values: quantile('lag', 0.5) },
        { name: '99 %', className: 'c', values: quantile('lag', 0.99) },
      ],
    },
    {
      title: 'Latency',
      unit: 'milliseconds from the first attempt to the answer',
      lines: [
        { name: 'median', className: 'a', values: quantile('latency', 0.5) },
        { name: '99 %', className: 'c', values: quantile('latency', 0.99) },
      ],
    },
    {
      title: 'Trouble',
      unit: 'attempts a second',
      lines: [
        { name: 'to be repeated', className: 'a', values: rate(({ again }) => again) },
        { name: 'failed for good', className: 'b', values: rate(({ failed }) => failed) },
      ],
    },
  ];
  return renderPage(
    'ccc-upcast replay',
    `<h1>Replay to ${escapeHtml(result.target)}</h1>
<p class="soft">${escapeHtml(result.inputs.slice(0, 5).join(', '))}${result.inputs.length > 5 ? ` and ${result.inputs.length - 5} more` : ''}</p>
<pre>${renderReplaySummary(result).map(escapeHtml).join('\n')}</pre>
${stretches.length === 0 ? '<p>Nothing was sent.</p>' : charts.map((chart) => renderChart({ ...chart, step })).join('\n')}`,
  );
}
