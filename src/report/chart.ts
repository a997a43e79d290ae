/** A line of a chart: a value for each step, NaN where there is none. */
export interface Line {
  readonly name: string;
  /** A class of the page's style sheet, which gives the colour. */
  readonly className: string;
  readonly values: readonly number[];
}

/** A chart over time. */
export interface Chart {
  readonly title: string;
  /** Of the vertical axis. */
  readonly unit: string;
  /** Seconds from one value to the next. */
  readonly step: number;
  readonly lines: readonly Line[];
}

const WIDTH = 900;
const HEIGHT = 240;
const LEFT = 70;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;
const TICKS = 5;

/** The chart as a `<figure>` with an SVG in it: no script, readable when printed. */
export function renderChart({ title, unit, step, lines }: Chart): string {
  const count = Math.max(1, ...lines.map(({ values }) => values.length));
  const most = Math.max(0, ...lines.flatMap(({ values }) => values.filter((value) => !Number.isNaN(value))));
  const yStep = niceStep(most / TICKS);
  const yTop = Math.max(yStep, Math.ceil(most / yStep) * yStep);
  const seconds = count * step;
  const xStep = niceStep(seconds / TICKS);
  const x = (second: number): number => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / yTop) * (HEIGHT - TOP - BOTTOM);
  const rows = range(yTop, yStep).map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}"/><text class="end" x="${LEFT - 6}" y="${at(y(value) + 4)}">${label(value)}</text>`,
  );
  const columns = range(seconds, xStep).map(
    (second) => `<text class="middle" x="${at(x(second))}" y="${HEIGHT - 8}">${label(second)} s</text>`,
  );
  const paths = lines.map(({ className, values }) => `<path class="${className}" d="${pathOf(values, (i) => x((i + 0.5) * step), y)}"/>`);
  const legend = lines.map(({ name, className }) => `<span class="${className}">${escapeHtml(name)}</span>`);
  return [
    `<figure><figcaption>${escapeHtml(title)} <small>${escapeHtml(unit)}</small> <span class="legend">${legend.join(' ')}</span></figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${rows.join('')}${columns.join('')}${paths.join('')}</svg></figure>`,
  ].join('\n');
}

/** Text that stands in a page as it is. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Lines through values that follow each other; one that stands alone is a short line. */
function pathOf(values: readonly number[], x: (index: number) => number, y: (value: number) => number): string {
  let isOpen = false;
  return values
    .map((value, index) => {
      if (Number.isNaN(value)) {
        isOpen = false;
        return '';
      }
      const point = `${isOpen ? 'L' : 'M'}${at(x(index))} ${at(y(value))}${isOpen ? '' : 'h0.01'}`;
      isOpen = true;
      return point;
    })
    .join('');
}

/** 1, 2 or 5 times a power of ten, not less than `least`. */
function niceStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((each) => each * power >= least) ?? 10) * power;
}

function range(top: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => index * step);
}

function at(value: number): string {
  return value.toFixed(1);
}

function label(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 10 ? 2 : 0;
  return String(Number(value.toFixed(digits))).replace(/\B(?=(\d{3})+$)/g, ',');
}
