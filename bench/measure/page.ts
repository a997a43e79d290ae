import { cpus, release, totalmem, type } from 'node:os';
import type { BenchData } from './data.ts';
import type { Usage } from './measured.ts';
import type { Shares } from './profile.ts';

/** Two runs side by side: what is measured against, and what is measured. */
export interface Pair {
  readonly base: Usage;
  readonly tool: Usage;
}

/** One case: its pairs, and the ratio that it must reach at least. */
export interface Series {
  readonly name: string;
  readonly events: number;
  readonly pairs: readonly Pair[];
  /** What the runs of `base` are, for the ratio's column. */
  readonly against: string;
  readonly least: number;
}

/** All that was measured in one run of the benchmark. */
export interface Results {
  readonly data: BenchData;
  readonly date: string;
  readonly flags: string;
  readonly series: readonly Series[];
  /** Other programs, by name and version. */
  readonly others: readonly (readonly [string, Usage])[];
  /** A long log with many calls open at once, with a lane for each processor, and with one. */
  readonly open: { readonly calls: number; readonly events: number; readonly all: Usage; readonly one: Usage } | undefined;
  readonly shares: Shares;
}

/** Middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? Number.NaN, sorted[sorted.length >> 1] ?? Number.NaN];
  return (low + high) / 2;
}

/** A table of Markdown; all but the first column are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function usageCells(name: string, usages: readonly Usage[], events: number): string[] {
  const [wall = Number.NaN, cpu = Number.NaN, peak = Number.NaN] = (['wall', 'cpu', 'peak'] as const).map((key) =>
    median(usages.map((usage) => usage[key])),
  );
  return [name, wall.toFixed(2), cpu.toFixed(2), Math.round(events / wall).toLocaleString('en'), peak.toFixed(0)];
}

/** Speed of the tool over the speed of what it is measured against, events of both counted, pair by pair. */
function speeds(pairs: readonly Pair[], share = 1): readonly number[] {
  return pairs.map(({ base, tool }) => (share * base.wall) / tool.wall);
}

/** The middle of some ratios, with the least and the most. */
export function withSpread(ratios: readonly number[]): string {
  const spread = ratios.length === 1 ? '' : ` (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  return `${median(ratios).toFixed(2)}${spread}`;
}

/** Times and memory of each case. */
export function usageTable({ data, series, others, open }: Results): string {
  const [first] = series;
  const rows = [
    usageCells('baseline', first?.pairs.map((pair) => pair.base) ?? [], data.events),
    ...series.map(({ name, pairs, events }) =>
      usageCells(
        name,
        pairs.map((pair) => pair.tool),
        events,
      ),
    ),
    ...(open === undefined
      ? []
      : [usageCells(openName(open.calls), [open.all], open.events), usageCells(`the same, one lane`, [open.one], open.events)]),
    ...others.map(([name, usage]) => usageCells(name, [usage], data.events)),
  ];
  return table(['', 'wall s', 'CPU s', 'events/s', 'peak RSS MiB'], rows);
}

function openName(calls: number): string {
  return `${calls.toLocaleString('en')} calls open`;
}

/** What is to be shown, and what was. */
export function ratioTable({ data, series, others, open, shares }: Results): string {
  const [plain] = series;
  const ours = median(plain?.pairs.map((pair) => pair.tool.wall) ?? []);
  const cpu = plain?.pairs.map(({ base, tool }) => tool.cpu / base.cpu) ?? [];
  const rows = series.map(({ name, against, pairs, events, least }) => {
    const isLonger = against.startsWith('convert') && events !== data.events;
    return [`${name} ÷ ${against}, speed`, withSpread(speeds(pairs, isLonger ? events / data.events : 1)), `≥ ${least}`];
  });
  for (const [name, usage] of others)
    rows.push([`convert ÷ ${name}, speed`, (usage.wall / ours).toFixed(2), name.startsWith('jq') ? '≥ 10' : '']);
  if (open !== undefined) {
    rows.push([`peak RSS, ${openName(open.calls)}, MiB`, open.all.peak.toFixed(0), '≤ 300']);
    rows.push(['the same, one lane, MiB', open.one.peak.toFixed(0), '≤ 300']);
  }
  rows.push(['convert ÷ baseline, CPU seconds', withSpread(cpu), '']);
  rows.push(['store and checkpoints, share of the CPU', `${(100 * shares.state).toFixed(1)} %`, '≤ 10 %']);
  return table(['', 'measured', 'asked for'], rows);
}

/** What it was measured on. */
export function machine(): string {
  const processors = cpus();
  return `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`;
}

/** The parts of a profile that take most. */
export function profileTable({ parts }: Pick<Shares, 'parts'>): string {
  const shown = parts.slice(0, 24);
  const rest = parts.slice(24).reduce((sum, [, share]) => sum + share, 0);
  const rows = [...shown, ['all others', rest] as const].map(([part, share]) => [part, (100 * share).toFixed(1)]);
  return table(['part', '%'], rows);
}

/** `bench/RESULTS.md` as a whole. */
export function resultPage(results: Results): string {
  const { data, date, flags, series } = results;
  const rounds = series[0]?.pairs.map(({ base, tool }, index) => [
    String(index + 1),
    base.wall.toFixed(2),
    tool.wall.toFixed(2),
    (base.wall / tool.wall).toFixed(2),
  ]);
  return `# Results of \`npm run bench\`

${date} · Node ${process.version} · ${machine()}

${data.events.toLocaleString('en')} events, ${(data.bytes / 2 ** 20).toFixed(0)} MiB of NDJSON, made by the generator (${flags}).

- **baseline**: \`bench/baseline.mjs\` reads, splits lines, JSON.parse, JSON.stringify, writes. One thread, no translation.
- **convert**: \`ccc-upcast convert\` with everything on: id table, provenance file, dead letters, state file, report. With a
  lane (thread) for each processor. **one lane**: \`--lanes 1\`.
- **array**, **gzip**: the same events as one JSON array, and compressed. **5 times**: a log of five times as many events.
  **calls open**: as long a log, of a centre where so many calls are open at once.
- **jq**, **gojq**, **mlr** rename two fields of each event and write it; nothing is translated.

Whole processes, from start to exit. What is compared runs in turn, one directly beside the other; figures are medians, ratios are taken pair
by pair (least and most in brackets).

${usageTable(results)}

${ratioTable(results)}

${table(['pair', 'baseline s', 'convert s', 'speed'], rounds ?? [])}

## Where the time goes

A profile of one run in one lane (Node's \`--cpu-prof\`; the thread that translates). What copies, hashes and decodes bytes counts for who asked for it.

${profileTable(results.shares)}
`;
}
