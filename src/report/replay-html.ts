import type { ReplayResult } from '../replay/result.ts';
import type { Stretch } from '../replay/series.ts';
import { escapeHtml, renderChart } from './chart.ts';
import { renderReplaySummary } from './replay-text.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1a2230; --soft: #68738a; --line: #d9dee8; --paper: #fff; --a: #1f6feb; --b: #d1690e; --c: #8250df; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9f2; --soft: #93a0b8; --line: #2d3646; --paper: #10151d; --a: #5aa2ff; --b: #f0994a; --c: #b392f0; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } small, .soft { color: var(--soft); }
pre { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; font: 13px/1.5 ui-monospace, monospace; }
figure { margin: 1.6rem 0; break-inside: avoid; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--line); } path { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
path.a { stroke: var(--a); } path.b { stroke: var(--b); } path.c { stroke: var(--c); }
path.b { stroke-dasharray: 5 3; }
.legend { font-weight: 400; float: right; } .legend span::before { content: "■ "; } .legend .a::before { color: var(--a); }
.legend .b::before { color: var(--b); } .legend .c::before { color: var(--c); }
@media print { :root { --ink: #000; --paper: #fff; } body { margin: 0; } }
`;

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
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>ccc-upcast replay</title>
<style>${STYLE}</style>
<h1>Replay to ${escapeHtml(result.target)}</h1>
<p class="soft">${escapeHtml(result.inputs.slice(0, 5).join(', '))}${result.inputs.length > 5 ? ` and ${result.inputs.length - 5} more` : ''}</p>
<pre>${renderReplaySummary(result).map(escapeHtml).join('\n')}</pre>
${stretches.length === 0 ? '<p>Nothing was sent.</p>' : charts.map((chart) => renderChart({ ...chart, step })).join('\n')}
</html>
`;
}
