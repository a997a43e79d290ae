import { escapeHtml } from './chart.ts';
import { shown } from './figures.ts';
import type { Ladder, Rung } from './ladder.ts';
import { SIGNS } from './ladder.ts';
import { timeOfDay } from './told-call.ts';

/** How a ladder is drawn as a picture. */
export interface LadderSvgOptions {
  readonly title: string;
  /** Where a click on a rung leads; undefined = nowhere. */
  readonly linkOf?: ((rung: Rung) => string) | undefined;
  /** Without its style sheet, {@link LADDER_STYLE}, which the page has. */
  readonly bare?: boolean;
}

/** How a ladder looks: as its signs, in the light, in the dark and on paper. */
export const LADDER_STYLE: string = `
.ladder { --l-ink: #1a2230; --l-soft: #5d687e; --l-line: #c9d0dc; --l-paper: #fff; --l-blue: #0b57c4; --l-green: #116329; --l-red: #a03a00; font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { .ladder { --l-ink: #e4e9f2; --l-soft: #a4b0c6; --l-line: #3a4458; --l-paper: #10151d; --l-blue: #7ab3ff; --l-green: #6fd38a; --l-red: #f0994a; } }
@media print { .ladder { --l-ink: #000; --l-soft: #444; --l-line: #bbb; --l-paper: #fff; --l-blue: #0b57c4; --l-green: #116329; --l-red: #a03a00; } }
.ladder .paper { fill: var(--l-paper); } .ladder text { fill: var(--l-ink); font-size: 13px; } .ladder .soft { fill: var(--l-soft); font-size: 11px; }
.ladder .head { font-weight: 600; } .ladder .lane { stroke: var(--l-line); stroke-width: 1.5; } .ladder .sign { text-anchor: middle; font-weight: 600; }
.ladder .time { fill: var(--l-soft); font-size: 12px; font-variant-numeric: tabular-nums; } .ladder .end { text-anchor: end; } .ladder .middle { text-anchor: middle; }
.ladder .arrow { stroke: var(--l-ink); stroke-width: 1.6; fill: none; } .ladder .dot { fill: var(--l-ink); } .ladder .tip { fill: var(--l-ink); stroke: none; }
.ladder .resolved text.now { fill: var(--l-blue); } .ladder .resolved .arrow { stroke: var(--l-blue); } .ladder .resolved .dot, .ladder .resolved .tip { fill: var(--l-blue); }
.ladder .synthesized text.now { fill: var(--l-green); font-weight: 600; } .ladder .synthesized .arrow { stroke: var(--l-green); stroke-dasharray: 4 3; }
.ladder .synthesized .dot { fill: var(--l-paper); stroke: var(--l-green); stroke-width: 2; } .ladder .synthesized .tip { fill: var(--l-green); }
.ladder .none text.now { fill: var(--l-red); } .ladder .none .dot { fill: var(--l-paper); stroke: var(--l-red); stroke-width: 1.5; }
.ladder a:hover text, .ladder a:focus text { text-decoration: underline; }
`;

const TIME_END = 92;
const LEGACY_END = 290;
const LANES = 325;
const LANE_GAP = 84;
const CURRENT_WIDTH = 250;
const LABEL = 13;
const HEAD = 64;
const ROW = 24;
const NOTE = 15;

/** A call as an SVG that needs nothing else: 1.0 on the left, the parties' lanes in the middle, 2.0 on the right. */
export function ladderToSvg({ lanes, rungs }: Ladder, { title, linkOf, bare = false }: LadderSvgOptions): string {
  const right = LANES + Math.max(0, lanes.length - 1) * LANE_GAP + 35;
  const width = right + CURRENT_WIDTH;
  const tops: number[] = [];
  let bottom = HEAD;
  for (const { note } of rungs) {
    tops.push(bottom);
    bottom += ROW + (note === undefined ? 0 : NOTE);
  }
  const x = (lane: number): number => LANES + lane * LANE_GAP;
  const heads = lanes.map(({ sign, label }, lane) => {
    // The domain of agents says nothing that tells them apart.
    const name = shown(label).replace(/@.*$/, '');
    const short = name.length > LABEL ? `${name.slice(0, LABEL - 1)}…` : name;
    return (
      `<line class="lane" x1="${x(lane)}" x2="${x(lane)}" y1="${HEAD - 12}" y2="${bottom + 4}"/><text class="sign" x="${x(lane)}" y="${HEAD - 34}">${escapeHtml(sign)}</text>` +
      `<text class="soft middle" x="${x(lane)}" y="${HEAD - 19}">${escapeHtml(short)}<title>${escapeHtml(shown(label))}</title></text>`
    );
  });
  const rows = rungs.map((rung, index) => {
    const row = drawRung(rung, tops[index] as number, x, right);
    const link = linkOf?.(rung);
    return link === undefined ? row : `<a href="${escapeHtml(link)}">${row}</a>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="ladder" viewBox="0 0 ${width} ${bottom + 12}" width="${width}" role="img" aria-label="${escapeHtml(title)}">`,
    `<title>${escapeHtml(title)}</title>${bare ? '' : `<style>${LADDER_STYLE}</style>`}<rect class="paper" width="100%" height="100%"/>`,
    `<text class="head end" x="${LEGACY_END}" y="${HEAD - 34}">1.0</text><text class="head" x="${right}" y="${HEAD - 34}">2.0</text>`,
    ...heads,
    ...rows,
    '</svg>',
  ].join('\n');
}

function drawRung({ time, legacy, current, mark, from, to, note }: Rung, top: number, x: (lane: number) => number, right: number): string {
  const y = top + 9;
  const base = top + 14;
  const parts = [
    legacy === '' ? '' : `<text class="time end" x="${TIME_END}" y="${base}">${timeOfDay(time)}</text>`,
    legacy === '' ? '' : `<text class="end" x="${LEGACY_END}" y="${base}">${escapeHtml(shown(legacy))}</text>`,
    from === undefined ? '' : arrow(x(from), to === undefined ? undefined : x(to), y),
    `<text class="now" x="${right}" y="${base}">${SIGNS[mark]} ${escapeHtml(shown(current))}</text>`,
    note === undefined ? '' : `<text class="soft" x="${right + 14}" y="${base + NOTE}">${escapeHtml(note)}</text>`,
  ];
  return `<g class="${mark}">${parts.join('')}</g>`;
}

function arrow(from: number, to: number | undefined, y: number): string {
  const dot = `<circle class="dot" cx="${from}" cy="${y}" r="4.5"/>`;
  if (to === undefined) return dot;
  const way = to > from ? 1 : -1;
  return `<path class="arrow" d="M${from} ${y}H${to - 8 * way}"/><path class="tip" d="M${to} ${y}l${-9 * way} -4.5v9z"/>${dot}`;
}
