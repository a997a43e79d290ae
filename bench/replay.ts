import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stop } from './measure/children.ts';
import { benchData } from './measure/data.ts';
import { ROOT } from './measure/measured.ts';
import { startSink } from './measure/nginx.ts';
import type { ReplayResults } from './measure/replay-page.ts';
import { heldOf, rateOf, replayPage, replayTables, speedOf } from './measure/replay-page.ts';
import { runClocked, runReplay } from './measure/replay-runs.ts';
import { CONNECTIONS, runWrk } from './measure/wrk.ts';

const BATCH = 100;
const SPEED = 10;
const RATE = 2_000;
const TEN_MINUTES = 600_000;

/** The converted stream of the generator's log; made if it is missing. A path from the project's folder. */
function currentStream(calls: number, open: number): string {
  const { ndjson, ids } = benchData(calls, open);
  const current = join(dirname(ndjson), 'current.ndjson');
  if (existsSync(join(ROOT, current))) return current;
  tell(`making ${current} …`);
  const making = `${current}.made`;
  const args = ['bin/ccc-upcast.js', 'convert', ndjson, '--ids', ids, '-o', making, '--provenance', 'none', '--restart', '--force', '-q'];
  const run = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) throw new Error(`convert ended with ${run.status}`);
  rmSync(join(ROOT, `${making}.state`));
  renameSync(join(ROOT, making), join(ROOT, current));
  return current;
}

/** The event time of the first event of a stream. */
function firstTime(path: string): number {
  const [line = ''] = readFileSync(join(ROOT, path), { encoding: 'latin1' }).slice(0, 2_000).split('\n');
  return Date.parse((JSON.parse(line) as { readonly eventTime: string }).eventTime);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function isEquipped(): boolean {
  const missing = ['wrk', 'nginx'].filter((name) => spawnSync(name, ['-v'], { stdio: 'ignore' }).error !== undefined);
  if (missing.length > 0) tell(`not installed: ${missing.join(', ')}\n  Debian, Ubuntu: apt-get install wrk nginx-light`);
  return missing.length === 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
      events: { type: 'string', default: '60000' },
      large: { type: 'string', default: '350000' },
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      page: { type: 'string', default: 'bench/RESULTS-replay.md' },
    },
  });
  if (!isEquipped()) {
    process.exitCode = 2;
    return;
  }
  const busy = currentStream(70_000, 2_000);
  // So many open calls give about 35 events a second.
  const calm = currentStream(2_500, 350);
  const large = currentStream(Number(values.large), 2_000);
  const folder = mkdtempSync(join(tmpdir(), 'ccc-bench-replay-'));
  const sink = await startSink(folder);
  const full = ['--speed', 'max', '--concurrency', String(CONNECTIONS)];
  const limit = ['--limit', values.events];
  try {
    const rounds: ReplayResults['rounds'][number][] = [];
    for (let index = 0; index < Number(values.rounds); index += 1) {
      const wrk = await runWrk(sink.url, { log: join(ROOT, busy), batch: 1, skip: 0, seconds: Number(values.seconds) });
      const single = await runReplay(busy, sink.url, [...full, ...limit]);
      const batch = await runReplay(busy, sink.url, [...full, ...limit, '--batch', String(BATCH)]);
      tell(
        `round ${index + 1}: wrk ${(wrk.requests / wrk.seconds).toFixed(0)}, replay ${speedOf(single).toFixed(0)}, in batches ${speedOf(batch).toFixed(0)} events/s`,
      );
      rounds.push({ wrk, single, batch });
    }
    const until = new Date(firstTime(calm) + TEN_MINUTES).toISOString();
    const paced = await runClocked(calm, ['--speed', `${SPEED}x`, '--until', until]);
    const held = heldOf(paced.arrivals, SPEED);
    tell(`pacing: ${paced.events} events, median ${held.all.median.toFixed(1)} ms, p99 ${held.all.p99.toFixed(1)} ms`);
    const rated = await runClocked(busy, ['--speed', 'max', '--rate', `${RATE}/s`, '--limit', String(RATE * 20)]);
    const measured = rateOf(rated.arrivals);
    tell(`rate: ${measured.measured.toFixed(1)} events/s, at most ${measured.mostInASecond} in a second`);
    const inBatches = [...full, '--batch', String(BATCH)];
    const small = await runReplay(busy, sink.url, inBatches);
    const whole = await runReplay(large, sink.url, inBatches);
    tell(`memory: ${small.peak.toFixed(0)} and ${whole.peak.toFixed(0)} MiB`);
    const results: ReplayResults = {
      date: values.date,
      rounds,
      concurrency: CONNECTIONS,
      batchSize: BATCH,
      paced: { replayed: paced, speed: SPEED, ...held },
      rated: { replayed: rated, rate: RATE, ...measured },
      small,
      large: whole,
    };
    console.log(replayTables(results));
    writeFileSync(resolve(ROOT, values.page), replayPage(results));
  } finally {
    await stop(sink.child);
    rmSync(folder, { recursive: true });
  }
}

await main();
