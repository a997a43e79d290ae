import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stop, usedBy } from './measure/children.ts';
import { benchData, DATA } from './measure/data.ts';
import { ROOT } from './measure/measured.ts';
import type { Nginx } from './measure/nginx.ts';
import { startPlain, startProxy, startSink } from './measure/nginx.ts';
import { runPaced } from './measure/open-loop.ts';
import { median } from './measure/page.ts';
import type { Loaded, Round, Served } from './measure/serve-page.ts';
import { rate, servedRatios, servedTable, servePage, WARM } from './measure/serve-page.ts';
import { PROFILED, PROFILES, serveShares } from './measure/serve-profile.ts';
import type { ShimSetup } from './measure/shim.ts';
import { startShim } from './measure/shim.ts';
import type { Load, Taken } from './measure/wrk.ts';
import { CONNECTIONS, runWrk } from './measure/wrk.ts';

const BATCH = 100;

/** What all loads have in common. */
interface Bench {
  readonly log: string;
  readonly ids: string;
  readonly seconds: number;
  readonly sink: Nginx;
  readonly plain: Nginx;
  readonly proxy: Nginx;
}

async function measureNginx({ log, seconds }: Bench, proxy: Nginx): Promise<Loaded> {
  const before = usedBy(proxy.child);
  const taken = await runWrk(proxy.url, { log, batch: 1, skip: 0, seconds });
  const { cpu, peak } = usedBy(proxy.child);
  return { ...taken, events: taken.requests, cpu: cpu - before.cpu, peak };
}

/** A shim over a new state, warm, under one load. */
async function measureServe<T extends Taken>(
  { log, ids, seconds, sink }: Bench,
  batch: number,
  send: (url: string, load: Load) => Promise<T>,
  setup: Partial<ShimSetup> = {},
): Promise<Served & T> {
  const shim = await startShim({ ids, sink: sink.url, ...setup });
  try {
    const warm = await runWrk(shim.url, { log, batch, skip: 0, seconds: WARM });
    const before = await shim.drained();
    // What was under way at the end was sent too, and one was only looked at.
    const skip = (warm.requests + CONNECTIONS + 1) * batch;
    const taken = await send(shim.url, { log, batch, skip, seconds });
    const loaded = await shim.look();
    const after = await shim.drained();
    return {
      ...taken,
      events: taken.requests * batch,
      deliveredWhile: (loaded.delivered - before.delivered) / taken.seconds,
      deliveredInAll: (after.delivered - before.delivered) / (taken.seconds + (after.at - loaded.at) / 1000),
      drain: (after.at - loaded.at) / 1000,
      missed: after.missed - before.missed,
      cpu: after.cpu - before.cpu,
      peak: after.peak,
    };
  } finally {
    await shim.stop();
  }
}

/** In turn; what comes first changes, so that nothing always has the warmer machine. */
async function measureRounds(bench: Bench, count: number): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let index = 0; index < count; index += 1) {
    const measureBoth = async () => ({ plain: await measureNginx(bench, bench.plain), nginx: await measureNginx(bench, bench.proxy) });
    const first = index % 2 === 0 ? await measureBoth() : undefined;
    const serve = await measureServe(bench, 1, runWrk);
    const round = { ...(first ?? (await measureBoth())), serve };
    const [plain, nginx, own] = [round.plain, round.nginx, serve].map((each) => rate(each).toFixed(0));
    tell(`round ${index + 1}: nginx ${plain}, with connections that stay open ${nginx}, serve ${own} events/s`);
    rounds.push(round);
  }
  return rounds;
}

async function measureProfile(bench: Bench): Promise<ReturnType<typeof serveShares>> {
  rmSync(PROFILES, { recursive: true, force: true });
  await measureServe(bench, 1, runWrk, { program: PROFILED });
  return serveShares();
}

/** Flushes a second of the disk that holds the state: what a durable answer costs at least, unless several share one. */
function flushesPerSecond(): number {
  mkdirSync(DATA, { recursive: true });
  const file = join(DATA, 'flushes');
  const handle = openSync(file, 'w');
  const page = Buffer.alloc(4096, 'x');
  const started = performance.now();
  let count = 0;
  for (; performance.now() - started < 1000; count += 1) {
    writeSync(handle, page);
    fdatasyncSync(handle);
  }
  closeSync(handle);
  rmSync(file);
  return (count * 1000) / (performance.now() - started);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** True if what the benchmark needs is there. */
function isEquipped(): boolean {
  // wrk ends with 1 when it is asked for its version: only a program that is missing cannot be started.
  const missing = ['wrk', 'nginx'].filter((name) => spawnSync(name, ['-v'], { stdio: 'ignore' }).error !== undefined);
  if (missing.length > 0) tell(`not installed: ${missing.join(', ')}\n  Debian, Ubuntu: apt-get install wrk nginx-light`);
  if (process.platform !== 'linux') tell('only Linux tells what a process that still runs has used');
  return missing.length === 0 && process.platform === 'linux';
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '70000' },
      open: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      page: { type: 'string', default: 'bench/RESULTS-serve.md' },
    },
  });
  if (!isEquipped()) {
    process.exitCode = 2;
    return;
  }
  const { ndjson, ids, events } = benchData(Number(values.calls), Number(values.open));
  const folder = mkdtempSync(join(tmpdir(), 'ccc-bench-serve-'));
  const flushes = [flushesPerSecond()];
  const sink = await startSink(folder);
  const plain = await startPlain(folder, sink.url);
  const proxy = await startProxy(folder, sink.url);
  try {
    const seconds = Number(values.seconds);
    const bench: Bench = { log: join(ROOT, ndjson), ids, seconds, sink, plain, proxy };
    const rounds = await measureRounds(bench, Number(values.rounds));
    const pace = median(rounds.map(({ serve }) => rate(serve))) / 2;
    const half = await measureServe(bench, 1, (url, load) => runPaced(url, load, pace));
    tell(`half the rate: p50 ${half.p50.toFixed(1)} ms, p99 ${half.p99.toFixed(1)} ms`);
    const batches = await measureServe(bench, BATCH, runWrk);
    tell(`batches: ${rate(batches).toFixed(0)} events/s`);
    const through = await measureServe(bench, BATCH, runWrk, { batch: BATCH });
    tell(`batches in and out: ${through.deliveredInAll.toFixed(0)} events/s delivered`);
    const shares = await measureProfile(bench);
    flushes.push(flushesPerSecond());
    const common = { date: values.date, events, seconds, connections: CONNECTIONS, batch: BATCH, flushes };
    const results = { ...common, rounds, half, batches, through, shares };
    console.log(`${servedTable(results)}\n\n${servedRatios(results)}`);
    writeFileSync(resolve(ROOT, values.page), servePage(results));
  } finally {
    await stop(proxy.child);
    await stop(plain.child);
    await stop(sink.child);
    rmSync(folder, { recursive: true });
  }
}

await main();
