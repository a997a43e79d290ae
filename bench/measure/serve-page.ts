import type { Used } from './children.ts';
import type { Paced } from './open-loop.ts';
import { machine, median, profileTable, table, withSpread } from './page.ts';
import type { ServeShares } from './serve-profile.ts';
import type { Taken } from './wrk.ts';

/** A load and what the program that took it used; the events of a request are counted each. */
export interface Loaded extends Taken, Used {
  readonly events: number;
}

/** The same of a shim, which goes on to deliver when the load has ended. */
export interface Served extends Loaded {
  /** Events delivered a second while the load went on, and from its begin until nothing waited any more. */
  readonly deliveredWhile: number;
  readonly deliveredInAll: number;
  /** Seconds from the end of the load until nothing waited. */
  readonly drain: number;
  /** Attempts to deliver that came to nothing. */
  readonly missed: number;
}

/** One round: all directly one after the other. */
export interface Round {
  /** With a connection to the endpoint for each request, which is how nginx works by itself. */
  readonly plain: Loaded;
  /** With connections that stay open. */
  readonly nginx: Loaded;
  readonly serve: Served;
}

/** All that was measured in one run. */
export interface ServeResults {
  readonly date: string;
  readonly events: number;
  readonly seconds: number;
  readonly connections: number;
  readonly rounds: readonly Round[];
  readonly half: Served & Pick<Paced, 'late'>;
  readonly batches: Served;
  /** Batches in, and batches out. */
  readonly through: Served;
  readonly batch: number;
  /** Flushes to the disk a second, one after the other, before and after all. */
  readonly flushes: readonly number[];
  readonly shares: ServeShares;
}

const HEAD = ['', 'events/s taken', 'p50 ms', 'p99 ms', 'delivered/s meanwhile', 'delivered/s in all', 'drain s', 'CPU s', 'CPU µs/event'];

/** Figures of each case. */
export function servedTable({ rounds, half, batches, through }: ServeResults): string {
  const rows = [
    loadedCells(
      'nginx',
      rounds.map(({ plain }) => plain),
    ),
    loadedCells(
      'nginx, kept alive',
      rounds.map(({ nginx }) => nginx),
    ),
    servedCells(
      'serve',
      rounds.map(({ serve }) => serve),
    ),
    servedCells('serve at half the rate', [half]),
    servedCells('serve, batches', [batches]),
    servedCells('serve, batches in and out', [through]),
  ];
  return table([...HEAD, 'peak RSS MiB'], rows);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

type Middle<T> = (of: (run: T) => number) => number;

function loadedCells(name: string, runs: readonly Loaded[]): string[] {
  return cells(name, runs, ['', '', '']);
}

function servedCells(name: string, runs: readonly Served[]): string[] {
  const of: Middle<Served> = (value) => median(runs.map(value));
  return cells(name, runs, [
    whole(of((run) => run.deliveredWhile)),
    whole(of((run) => run.deliveredInAll)),
    of((run) => run.drain).toFixed(1),
  ]);
}

function cells(name: string, runs: readonly Loaded[], deliveries: readonly string[]): string[] {
  const of: Middle<Loaded> = (value) => median(runs.map(value));
  const [p50, p99, cpu] = [of((run) => run.p50), of((run) => run.p99), of((run) => run.cpu)];
  const times = [p50.toFixed(1), p99.toFixed(1), ...deliveries, cpu.toFixed(1), whole(of(cost))];
  return [name, whole(of(rate)), ...times, whole(of((run) => run.peak))];
}

/** Events a second. */
export function rate({ events, seconds }: Loaded): number {
  return events / seconds;
}

/** Microseconds of processor time for an event. */
function cost({ cpu, events }: Loaded): number {
  return (cpu * 1e6) / events;
}

/** Pair by pair. */
export function servedRatios({ rounds, half, batches, through }: ServeResults): string {
  const pairs = (which: 'plain' | 'nginx', of: (run: Loaded) => number): string =>
    withSpread(rounds.map((round) => of(round.serve) / of(round[which])));
  const middle: Middle<Served> = (of) => median(rounds.map(({ serve }) => of(serve)));
  const against = (value: number, of: (run: Served) => number): string => (value / middle(of)).toFixed(2);
  return table(
    ['', 'measured'],
    [
      ['serve ÷ nginx, events/s taken', pairs('plain', rate)],
      ['serve ÷ nginx, p50', pairs('plain', ({ p50 }) => p50)],
      ['serve ÷ nginx, p99', pairs('plain', ({ p99 }) => p99)],
      ['serve ÷ nginx, CPU per event', pairs('plain', cost)],
      ['serve ÷ nginx kept alive, events/s taken', pairs('nginx', rate)],
      ['serve, delivered/s in all ÷ events/s taken', withSpread(rounds.map(({ serve }) => serve.deliveredInAll / rate(serve)))],
      ['serve at half the rate ÷ serve, p99', against(half.p99, ({ p99 }) => p99)],
      ['serve, batches ÷ serve, events/s taken', against(rate(batches), rate)],
      ['serve, batches ÷ serve, delivered/s in all', against(batches.deliveredInAll, ({ deliveredInAll }) => deliveredInAll)],
      ['serve, batches in and out ÷ serve, delivered/s in all', against(through.deliveredInAll, ({ deliveredInAll }) => deliveredInAll)],
    ],
  );
}

/** `bench/RESULTS-serve.md` as a whole. */
export function servePage(results: ServeResults): string {
  const { date, events, seconds, connections, rounds, half, batches, through, batch, flushes, shares } = results;
  const missed = [...rounds.map(({ serve }) => serve), half, batches, through].reduce((sum, each) => sum + each.missed, 0);
  const turns = rounds.map(({ plain, nginx, serve }, index) => [
    String(index + 1),
    whole(rate(plain)),
    whole(rate(nginx)),
    whole(rate(serve)),
    (rate(serve) / rate(plain)).toFixed(2),
    (rate(serve) / rate(nginx)).toFixed(2),
    serve.p99.toFixed(1),
    whole(serve.deliveredInAll),
    serve.drain.toFixed(1),
  ]);
  return `# Results of \`npm run bench:serve\`

${date} · Node ${process.version} · ${machine()}

Events of the generator's log (${events.toLocaleString('en')}, about 350 bytes each), every request another one; ${connections} connections, ${seconds} s a load. Load, shim and
endpoint share the machine.

- **nginx**: a plain reverse proxy (\`proxy_pass\` and nothing else), one process. It is loaded by \`wrk\`, one event a request, and keeps nothing:
  an answer is that of the endpoint, to which it opens a connection for each request.
- **nginx, kept alive**: the same, set up to use connections to the endpoint again.
- **serve**: \`ccc-upcast serve\` with an id table, loaded in the same way, after ${WARM} s of the same load to warm up. It answers 202 when the event
  is flushed to disk, and delivers 2.0 events meanwhile, 32 at once.
- **serve at half the rate**: half the events a second of **serve**, on a schedule that does not wait for answers; a time counts from when the
  request was due. The sender itself was ${half.late.toFixed(1)} ms late at the median, which is in them.
- **serve, batches**: NDJSON, ${batch} events a request; times are those of a request. **in and out**: the endpoint takes so many with a request, too.
- The endpoint of all of them is an nginx that answers 200 and does nothing else.

**taken**: events answered with 2xx. **delivered/s meanwhile**: 2.0 events that the endpoint took while the load went on; **in all**: until nothing
waited any more, which is **drain** after the end of the load. An event taken in makes about one 2.0 event, not exactly. **CPU** is that of the
one process, until nothing waits. Of all deliveries ${missed} came to nothing and were repeated. The disk flushes (\`fdatasync\` after 4 KiB, one
after the other) ${flushes.map(whole).join(' times a second before and ')} after.

What is compared runs in turn, one directly beside the other; figures are medians, ratios are taken pair by pair (least and most in brackets).

${servedTable(results)}

${servedRatios(results)}

${table(['round', 'nginx events/s', 'kept alive', 'serve', '÷ nginx', '÷ kept alive', 'serve p99 ms', 'delivered/s in all', 'drain s'], turns)}

## Where the time goes

A profile of one more run of **serve** (Node's \`--cpu-prof\`; the one thread that does all), idle time left out. First by file or package: what Node
does counts for who asked for it. Then by function, each without what it calls.

${profileTable({ parts: shares.files })}

${profileTable({ parts: shares.functions })}
`;
}

/** Seconds of load before what is measured begins. */
export const WARM = 3;
