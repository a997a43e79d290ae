import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchData } from './measure/data.ts';
import { asArray, asGzip, benchData, DATA } from './measure/data.ts';
import type { Usage } from './measure/measured.ts';
import { measured, measuredOther, ROOT } from './measure/measured.ts';
import { installedOthers } from './measure/others.ts';
import type { Pair, Results, Series } from './measure/page.ts';
import { ratioTable, resultPage, usageTable } from './measure/page.ts';
import { profile } from './measure/profile.ts';

const OUT = join(DATA, 'out');
/** The longer log is so many times as long. */
const LONGER = 5;

/** A run, with nothing left of the one before, not even bytes that wait to be written to the disk. */
async function fresh(run: () => Promise<Usage>): Promise<Usage> {
  clear();
  const usage = await run();
  if (usage.exit !== 0) throw new Error(`a run ended with ${usage.exit}\n${usage.told}`);
  return usage;
}

function clear(): void {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  spawnSync('sync');
}

function baseline(data: BenchData): Promise<Usage> {
  return fresh(() => measured(['bench/baseline.mjs', data.ndjson, relative(ROOT, join(OUT, 'baseline.ndjson'))]));
}

/** Arguments of a conversion with everything on. */
function everything(data: BenchData, input: string, lanes: readonly string[]): readonly string[] {
  const output = relative(ROOT, join(OUT, 'current.ndjson'));
  const files = ['--provenance', 'provenance', '--dead-letters', 'dead-letters', '--report', 'report.txt', '--state', 'state'];
  const named = files.map((word) => (word.startsWith('--') ? word : `${output}.${word}`));
  return ['convert', input, '--ids', data.ids, '-o', output, ...named, ...lanes];
}

/** A lane for each processor: more than it takes by itself, since here nothing else is to be done. */
const ALL_LANES = ['--lanes', String(availableParallelism())] as const;

function tool(data: BenchData, input: string = data.ndjson, lanes: readonly string[] = ALL_LANES): Promise<Usage> {
  return fresh(() => measured(['bin/ccc-upcast.js', ...everything(data, input, lanes)]));
}

const ONE_LANE = ['--lanes', '1'] as const;
/** Many calls are open at once where people talk for minutes: in shorter ones, so many would be 20,000 events a second. */
const OPEN = 100_000;
const PACE = 5;

/** Pairs in turn; which of the two comes first changes, so that neither always has the warmer machine. */
async function pairs(name: string, count: number, runBase: () => Promise<Usage>, runTool: () => Promise<Usage>): Promise<Pair[]> {
  const done: Pair[] = [];
  for (let index = 0; index < count; index += 1) {
    const first = index % 2 === 0 ? await runBase() : undefined;
    const ours = await runTool();
    const pair = { base: first ?? (await runBase()), tool: ours };
    process.stderr.write(`${name}: ${pair.base.wall.toFixed(2)} s, then ${pair.tool.wall.toFixed(2)} s\n`);
    done.push(pair);
  }
  return done;
}

async function measureOthers(data: BenchData): Promise<(readonly [string, Usage])[]> {
  const done: (readonly [string, Usage])[] = [];
  for (const { name, version, command } of installedOthers()) {
    clear();
    const usage = await measuredOther(command(data.ndjson));
    if (usage?.exit === 0) done.push([version.startsWith(name) ? version : `${name} ${version}`, usage]);
  }
  return done;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '70000' },
      open: { type: 'string', default: '2000' },
      pairs: { type: 'string', default: '5' },
      // The other forms, the longer log and other programs: with 0 they are left out.
      more: { type: 'string', default: '3' },
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      page: { type: 'string', default: 'bench/RESULTS.md' },
    },
  });
  const [calls, openCalls, count, more] = [values.calls, values.open, values.pairs, values.more].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const data = benchData(calls, openCalls);
  // The first runs after a build or a copy read cold files: not counted.
  await baseline(data);
  await tool(data);
  const { events } = data;
  const base = (): Promise<Usage> => baseline(data);
  const plain = (): Promise<Usage> => tool(data);
  const oneLane = (): Promise<Usage> => tool(data, data.ndjson, ONE_LANE);
  const series: Series[] = [
    { name: 'convert', events, against: 'baseline', least: 1.3, pairs: await pairs('convert', count, base, plain) },
    { name: 'one lane', events, against: 'baseline', least: 0.9, pairs: await pairs('one lane', count, base, oneLane) },
  ];
  let others: (readonly [string, Usage])[] = [];
  let open: Results['open'];
  if (more > 0) {
    const array = await asArray(data);
    series.push({
      name: 'array',
      events,
      against: 'convert',
      least: 0.5,
      pairs: await pairs('array', more, plain, () => tool(data, array)),
    });
    const gzip = await asGzip(data);
    series.push({ name: 'gzip', events, against: 'convert', least: 0.8, pairs: await pairs('gzip', more, plain, () => tool(data, gzip)) });
    others = await measureOthers(data);
    const long = benchData(calls * LONGER, openCalls);
    const longer = await pairs('5 times', Math.min(more, 2), plain, () => tool(long));
    series.push({ name: `${LONGER} times`, events: long.events, against: 'convert', least: 0.95, pairs: longer });
    const wide = benchData(calls * LONGER, OPEN, PACE);
    open = { calls: OPEN, events: wide.events, all: await tool(wide), one: await tool(wide, wide.ndjson, ONE_LANE) };
  }
  clear();
  const shares = await profile(everything(data, data.ndjson, ONE_LANE));
  rmSync(OUT, { recursive: true });
  const results: Results = {
    data,
    date: values.date,
    flags: `--calls ${calls} --open ${openCalls} --seed 1`,
    series,
    others,
    open,
    shares,
  };
  console.log(`${usageTable(results)}\n\n${ratioTable(results)}`);
  writeFileSync(resolve(ROOT, values.page), resultPage(results));
}

await main();
