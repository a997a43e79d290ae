import { machine, median, table, withSpread } from './page.ts';
import type { Arrival, Replayed } from './replay-runs.ts';
import type { Taken } from './wrk.ts';

/** How well a schedule was held, as the sink saw it; milliseconds. */
export interface Held {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

/** All that was measured in one run. */
export interface ReplayResults {
  readonly date: string;
  /** One directly beside the other. */
  readonly rounds: readonly { readonly wrk: Taken; readonly single: Replayed; readonly batch: Replayed }[];
  readonly concurrency: number;
  readonly batchSize: number;
  readonly paced: { readonly replayed: Replayed; readonly speed: number; readonly all: Held; readonly first: Held; readonly last: Held };
  readonly rated: { readonly replayed: Replayed; readonly rate: number; readonly measured: number; readonly mostInASecond: number };
  readonly small: Replayed;
  readonly large: Replayed;
}

/** How far arrivals are from their schedule: an event is late by as much as it came later than the one that was earliest for its time. */
export function heldOf(arrivals: readonly Arrival[], speed: number): { readonly all: Held; readonly first: Held; readonly last: Held } {
  const offsets = arrivals.map(({ at, time }) => at - time / speed);
  const earliest = offsets.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const errors = offsets.map((each) => each - earliest);
  const tenth = Math.floor(errors.length / 10);
  return { all: spreadOf(errors), first: spreadOf(errors.slice(0, tenth)), last: spreadOf(errors.slice(-tenth)) };
}

function spreadOf(errors: readonly number[]): Held {
  const sorted = errors.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? Number.NaN };
}

/** A program that has just begun is not compiled yet. */
const WARM = 2_000;

/** Arrivals a second from when it is warm, and the most in any second of all. */
export function rateOf(arrivals: readonly Arrival[]): { readonly measured: number; readonly mostInASecond: number } {
  const times = arrivals.map(({ at }) => at).toSorted((a, b) => a - b);
  const begin = (times[0] ?? 0) + WARM;
  const warm = times.filter((at) => at >= begin);
  const [first = 0] = warm;
  const last = warm.at(-1) ?? 0;
  let [from, most] = [0, 0];
  times.forEach((at, index) => {
    while (at - (times[from] ?? 0) >= 1000) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return { measured: ((warm.length - 1) * 1000) / (last - first), mostInASecond: most };
}

/** Events a second of the sending. */
export function speedOf({ events, seconds }: Replayed): number {
  return events / seconds;
}

/** The figures of each case, and what was asked for. */
export function replayTables({ rounds, concurrency, batchSize, paced, rated, small, large }: ReplayResults): string {
  const wrks = rounds.map(({ wrk }) => wrk.requests / wrk.seconds);
  const singles = rounds.map(({ single }) => speedOf(single));
  const batches = rounds.map(({ batch }) => speedOf(batch));
  const row = (name: string, speeds: readonly number[], runs: readonly Replayed[]): string[] => [
    name,
    whole(median(speeds)),
    ...(runs.length === 0
      ? ['', '']
      : [
          ((1e6 * median(runs.map(({ cpu }) => cpu))) / median(runs.map(({ events }) => events))).toFixed(0),
          whole(median(runs.map(({ peak }) => peak))),
        ]),
  ];
  const speeds = table(
    ['', 'events/s', 'CPU µs/event', 'peak RSS MiB'],
    [
      row(`wrk, ${concurrency} connections`, wrks, []),
      row(
        `replay --speed max, ${concurrency} at once`,
        singles,
        rounds.map(({ single }) => single),
      ),
      row(
        `replay --speed max --batch ${batchSize}`,
        batches,
        rounds.map(({ batch }) => batch),
      ),
    ],
  );
  const held = ({ median: half, p99, most }: Held): string => `median ${ms(half)}, p99 ${ms(p99)}, most ${ms(most)}`;
  const { lag } = paced.replayed;
  const ratios = table(
    ['', 'measured', 'asked for'],
    [
      ['replay ÷ wrk, events/s', withSpread(singles.map((each, index) => each / (wrks[index] ?? 1))), 'aim ≥ 0.5'],
      [`--batch ${batchSize} ÷ wrk, events/s`, withSpread(batches.map((each, index) => each / (wrks[index] ?? 1))), ''],
      [`${paced.speed}x, error of the send time at the sink`, held(paced.all), 'median ≤ 2 ms, p99 ≤ 10 ms'],
      ['the same, first tenth', held(paced.first), ''],
      ['the same, last tenth', held(paced.last), 'no growth'],
      ['the same, by its own account', lag === null ? '' : `median ${ms(lag.median)}, p99 ${ms(lag.p99)}, most ${ms(lag.max)}`, ''],
      [
        `--rate ${rated.rate}/s, events/s at the sink`,
        `${rated.measured.toFixed(1)} (${((100 * rated.measured) / rated.rate).toFixed(2)} %)`,
        'within 1 %',
      ],
      [`--rate ${rated.rate}/s, most in any second`, String(rated.mostInASecond), `≤ ${rated.rate}`],
      [`peak RSS, ${millions(large.events)} million events`, `${whole(large.peak)} MiB`, ''],
      [`the same ÷ ${millions(small.events)} million`, (large.peak / small.peak).toFixed(2), 'flat'],
    ],
  );
  return `${speeds}\n\n${ratios}`;
}

/** `bench/RESULTS-replay.md` as a whole. */
export function replayPage(results: ReplayResults): string {
  const { date, rounds, paced, rated, large } = results;
  return `# Results of \`npm run bench:replay\`

${date} · Node ${process.version} · ${machine()}

A converted stream of the generator, about 340 bytes an event. Replay, \`wrk\` and sink share the machine.

- **wrk** and **replay --speed max** send to the same nginx, which answers 200 and does nothing else; ${rounds.length} rounds, one directly after the other;
  figures are medians, ratios are taken round by round (least and most in brackets). replay keeps its state on the disk, flushed.
- **pacing**: ${paced.replayed.events.toLocaleString('en')} events of ten minutes at ${paced.speed}x. The nginx writes down when each came, to the millisecond; the error
  of an event is how much later it came than the one that was earliest for its time.
- **rate**: ${rated.replayed.events.toLocaleString('en')} events at full speed with \`--rate ${rated.rate}/s\`, counted in the same way, the mean from ${WARM / 1000} s on.
- **memory**: ${large.events.toLocaleString('en')} events in batches.

${replayTables(results)}
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function millions(events: number): string {
  return (events / 1e6).toFixed(1);
}
