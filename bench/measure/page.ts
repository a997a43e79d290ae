import { cpus, release, totalmem, type } from 'node:os';
import type { BenchData } from './data.ts';
import type { Usage } from './measured.ts';

/** The baseline and the tool, run one after the other. */
export interface Pair {
  readonly baseline: Usage;
  readonly tool: Usage;
}

/** One form of the input, and its pairs. */
export interface Series {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

/** Middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? Number.NaN, sorted[sorted.length >> 1] ?? Number.NaN];
  return (low + high) / 2;
}

const HEAD = ['', 'wall s', 'CPU s', 'events/s', 'peak RSS MiB', 'speed, baseline = 1', 'CPU, baseline = 1'];

/** The table of results: medians, and ratios pair by pair. */
export function resultTable(series: readonly Series[], events: number): string {
  const rows = series.flatMap(({ name, pairs }, index) => {
    const tool = row(
      name,
      pairs.map((pair) => pair.tool),
      events,
      [ratios(pairs, speedRatio), ratios(pairs, cpuRatio)],
    );
    return index === 0
      ? [
          row(
            'baseline',
            pairs.map((pair) => pair.baseline),
            events,
            ['1', '1'],
          ),
          tool,
        ]
      : [tool];
  });
  return [HEAD, HEAD.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row(name: string, usages: readonly Usage[], events: number, rest: readonly string[]): string[] {
  const [wall, cpu, peak] = (['wall', 'cpu', 'peak'] as const).map((key) => median(usages.map((usage) => usage[key]))) as [
    number,
    number,
    number,
  ];
  return [name, wall.toFixed(2), cpu.toFixed(2), Math.round(events / wall).toLocaleString('en'), peak.toFixed(0), ...rest];
}

/** Higher is better: 1 = as fast as the baseline. */
function speedRatio({ baseline, tool }: Pair): number {
  return baseline.wall / tool.wall;
}

function cpuRatio({ baseline, tool }: Pair): number {
  return tool.cpu / baseline.cpu;
}

function ratios(pairs: readonly Pair[], of: (pair: Pair) => number): string {
  const all = pairs.map(of);
  const spread = all.length === 1 ? '' : ` (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;
  return `${median(all).toFixed(2)}${spread}`;
}

/** `bench/RESULTS.md` as a whole. */
export function resultPage(
  series: readonly Series[],
  data: BenchData,
  settings: { readonly date: string; readonly flags: string },
): string {
  const processors = cpus();
  const machine = `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`;
  const rounds = series[0]?.pairs.map(({ baseline, tool }, index) => {
    const cells = [index + 1, baseline.wall.toFixed(2), tool.wall.toFixed(2), speedRatio({ baseline, tool }).toFixed(2)];
    return `| ${cells.join(' | ')} |`;
  });
  return `# Results of \`npm run bench\`

${settings.date} · Node ${process.version} · ${machine}

${data.events.toLocaleString('en')} events, ${(data.bytes / 2 ** 20).toFixed(0)} MiB of NDJSON, made by the generator (${settings.flags}).

- **baseline**: \`bench/baseline.mjs\` reads, splits lines, JSON.parse, JSON.stringify, writes. One thread, no translation.
- **convert**: \`ccc-upcast convert\` with everything on: id table, provenance file, dead letters, state file, report.
- **array**, **gzip**: the same events as one JSON array, and compressed; their baseline is the same run over plain NDJSON.

Whole processes, from start to exit. Each run of the tool stands directly beside one of the baseline; figures are medians, ratios are taken
pair by pair. Speed = the baseline's wall over the tool's, higher is better. CPU = seconds of all threads over the baseline's, lower is better.

${resultTable(series, data.events)}

| pair | baseline s | convert s | speed |
| ---: | ---: | ---: | ---: |
${(rounds ?? []).join('\n')}
`;
}
