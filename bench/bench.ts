import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchData } from './measure/data.ts';
import { asArray, asGzip, benchData, DATA } from './measure/data.ts';
import type { Usage } from './measure/measured.ts';
import { measured, ROOT } from './measure/measured.ts';
import type { Pair, Series } from './measure/page.ts';
import { resultPage, resultTable } from './measure/page.ts';

const OUT = join(DATA, 'out');

/** One run with nothing left of the one before, not even bytes that wait to be written to the disk. */
async function fresh(args: readonly string[]): Promise<Usage> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  spawnSync('sync');
  const usage = await measured(args);
  if (usage.exit !== 0) throw new Error(`${args.join(' ')} ended with ${usage.exit}\n${usage.told}`);
  return usage;
}

function baseline(data: BenchData): Promise<Usage> {
  return fresh(['bench/baseline.mjs', data.ndjson, relative(ROOT, join(OUT, 'baseline.ndjson'))]);
}

/** The tool with everything on. */
function tool(data: BenchData, input: string): Promise<Usage> {
  const output = relative(ROOT, join(OUT, 'current.ndjson'));
  const files = ['--provenance', 'provenance', '--dead-letters', 'dead-letters', '--report', 'report.txt', '--state', 'state'];
  const named = files.map((word) => (word.startsWith('--') ? word : `${output}.${word}`));
  return fresh(['bin/ccc-upcast.js', 'convert', input, '--ids', data.ids, '-o', output, ...named]);
}

/** Pairs in turn; which of the two comes first changes, so that neither always has the warmer machine. */
async function pairs(data: BenchData, input: string, count: number): Promise<Pair[]> {
  const done: Pair[] = [];
  for (let index = 0; index < count; index += 1) {
    const first = index % 2 === 0 ? await baseline(data) : undefined;
    const ours = await tool(data, input);
    const pair = { baseline: first ?? (await baseline(data)), tool: ours };
    process.stderr.write(`${input}: baseline ${pair.baseline.wall.toFixed(2)} s, convert ${pair.tool.wall.toFixed(2)} s\n`);
    done.push(pair);
  }
  return done;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '70000' },
      open: { type: 'string', default: '2000' },
      pairs: { type: 'string', default: '5' },
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      page: { type: 'string', default: 'bench/RESULTS.md' },
      'no-array': { type: 'boolean', default: false },
      'no-gz': { type: 'boolean', default: false },
    },
  });
  const data = benchData(Number(values.calls), Number(values.open));
  // The first runs after a build or a copy read cold files: not counted.
  await baseline(data);
  await tool(data, data.ndjson);
  const series: Series[] = [{ name: 'convert', pairs: await pairs(data, data.ndjson, Number(values.pairs)) }];
  if (!values['no-array']) series.push({ name: 'convert, array', pairs: await pairs(data, await asArray(data), 1) });
  if (!values['no-gz']) series.push({ name: 'convert, gzip', pairs: await pairs(data, await asGzip(data), 1) });
  rmSync(OUT, { recursive: true });
  console.log(resultTable(series, data.events));
  const flags = `--calls ${values.calls} --open ${values.open} --seed 1`;
  writeFileSync(resolve(ROOT, values.page), resultPage(series, data, { date: values.date, flags }));
}

await main();
