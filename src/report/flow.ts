import { escapeHtml } from './chart.ts';
import { formatCount } from './figures.ts';

/** A stream that goes on as several. */
export interface Flow {
  readonly name: string;
  readonly count: number;
  /** A class of the page's style sheet, which gives the colour. */
  readonly className: string;
}

const WIDTH = 900;
const HEIGHT = 250;
const TOP = 26;
const LEFT = 10;
const RIGHT = 640;
const BAR = 16;
/** Where nothing but a name fits. */
const LEAST = 17;

/**
 * Where the events of a run went: on the left what came in, on the right what became of it. The height of a band is its share; what is
 * there at all is never too thin to be seen.
 */
export function renderFlow(title: string, total: number, flows: readonly Flow[], made: Flow | undefined): string {
  const all = [...flows, ...(made === undefined ? [] : [made])].filter(({ count }) => count > 0);
  const sum = Math.max(
    1,
    all.reduce((before, { count }) => before + count, 0),
  );
  const room = HEIGHT - TOP - all.length * LEAST;
  const heightOf = (count: number): number => (count / sum) * room;
  let [inAt, outAt] = [TOP, TOP];
  const bands = all.map((flow) => {
    const height = Math.max(1.5, heightOf(flow.count));
    const band = flow === made ? madeBand(flow, outAt, height) : comingBand(flow, inAt, outAt, height);
    if (flow !== made) inAt += height;
    outAt += Math.max(height + 4, LEAST);
    return band;
  });
  const tall = Math.max(HEIGHT, outAt + 6);
  const text = `${title}: ${all.map(({ name, count }) => `${name} ${formatCount(count)}`).join(', ')}`;
  return [
    `<figure><svg viewBox="0 0 ${WIDTH} ${tall.toFixed(0)}" role="img" aria-label="${escapeHtml(text)}">`,
    `<text x="${LEFT}" y="14">${escapeHtml(`${formatCount(total)} events of 1.0`)}</text>`,
    ...bands,
    '</svg></figure>',
  ].join('\n');
}

function comingBand({ name, count, className }: Flow, from: number, to: number, height: number): string {
  const middle = (LEFT + BAR + RIGHT) / 2;
  const [low, high] = [from + height, to + height];
  const path = `M${LEFT + BAR} ${from.toFixed(1)}C${middle} ${from.toFixed(1)} ${middle} ${to.toFixed(1)} ${RIGHT} ${to.toFixed(1)}V${high.toFixed(1)}C${middle} ${high.toFixed(1)} ${middle} ${low.toFixed(1)} ${LEFT + BAR} ${low.toFixed(1)}Z`;
  const bar = `<rect class="${className}" x="${LEFT}" y="${from.toFixed(1)}" width="${BAR}" height="${height.toFixed(1)}"/>`;
  return `<path class="band ${className}" d="${path}"/>${bar}${end(name, count, className, to, height)}`;
}

/** What comes out and never came in begins midway. */
function madeBand({ name, count, className }: Flow, to: number, height: number): string {
  const path = `M${RIGHT - 160} ${(to + height / 2).toFixed(1)}L${RIGHT} ${to.toFixed(1)}V${(to + height).toFixed(1)}Z`;
  return `<path class="band ${className}" d="${path}"/>${end(name, count, className, to, height)}`;
}

function end(name: string, count: number, className: string, to: number, height: number): string {
  return (
    `<rect class="${className}" x="${RIGHT}" y="${to.toFixed(1)}" width="${BAR}" height="${height.toFixed(1)}"/>` +
    `<text x="${RIGHT + BAR + 8}" y="${(to + Math.max(height, 10) / 2 + 4).toFixed(1)}">${escapeHtml(`${name} ${formatCount(count)}`)}</text>`
  );
}
