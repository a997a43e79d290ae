import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateCalls } from '../../bench/generate/calls.ts';
import { createRandom } from '../../bench/generate/random.ts';
import { expectedOf } from './shim/oracle.ts';
import type { ShimCommand, ShimProcess } from './shim/shim-process.ts';
import { freePort, startProcess } from './shim/shim-process.ts';
import { judge } from './support/judge.ts';
import { startProxy } from './support/proxy.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** Events that wait, and for how many hours nobody takes them. */
const SIZES = { full: { events: 1_000_000, hours: 72 }, small: { events: 20_000, hours: 6 } } as const;
/** The shim's clock runs so much faster during the outage. */
const SPEED = 2_000;
const A_REQUEST = 200;
/** What the shim may take of memory however much waits, MiB. */
const MEMORY = 256;
/** Requests a second that the endpoint takes when it is back, and a little more for what is counted at the edges. */
const RATE = 2_000;
const RATE_LIMIT = RATE * 1.05;

/**
 * Nobody takes events for days, by a clock that runs faster: nothing is lost or given up, memory stays flat, and when the endpoint is back
 * everything arrives in order at the rate that is set.
 */
export async function outage(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const { events, hours } = options.full ? SIZES.full : SIZES.small;
  const result = { name: 'outage', wanted: 1 };
  if (spawnSync('faketime', ['--version']).status !== 0) {
    return { ...result, ran: 0, bad: [], seconds: 0, notes: ['NOT RUN: not installed: faketime (apt-get install faketime)'] };
  }
  mkdirSync(options.folder, { recursive: true });
  const { bad, note } = await runOutage(options, events, hours);
  return { ...result, ran: 1, bad, seconds: (performance.now() - started) / 1000, notes: [note] };
}

async function runOutage(
  options: TierOptions,
  events: number,
  hours: number,
): Promise<{ readonly bad: readonly string[]; readonly note: string }> {
  const seed = options.seed ?? SEED;
  const { ids, items } = generateCalls({ calls: Math.ceil(events / 13), seed, open: 200 });
  const table = join(options.folder, 'outage.csv');
  writeFileSync(table, ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n'));
  const proxy = await startProxy(createRandom(seed));
  proxy.calm = true;
  const port = await freePort();
  const state = join(options.folder, 'outage.db');
  const config = join(options.folder, 'outage.yaml');
  writeFileSync(config, `endpoints:\n  - url: ${proxy.url}\n    name: new\n    concurrency: 64\n    rate: ${RATE}\n`);
  const nowhere = join(options.folder, 'nowhere.yaml');
  writeFileSync(nowhere, 'endpoints:\n  - url: http://127.0.0.1:9/in\n    name: new\n');
  const command = (file: string): ShimCommand => ({ program: options.program, state, port, ids: table, extra: ['--config', file] });
  const bad: string[] = [];
  let current: ShimProcess = await startProcess(command(nowhere));
  try {
    const expected: ReturnType<typeof expectedOf>[number][] = [];
    let lines: string[] = [];
    const send = async (): Promise<void> => {
      const body = lines.join('\n');
      const headers = { 'content-type': 'application/x-ndjson' };
      const { status } = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body, headers });
      if (status !== 202) throw new Error(`events were answered ${status} although there is room`);
      expected.push(...expectedOf(lines));
      lines = [];
    };
    for (const { legacy } of items) {
      if (legacy === undefined || expected.length >= events) continue;
      lines.push(legacy.line);
      if (lines.length === A_REQUEST) await send();
    }
    await end(current, bad);
    current = await startProcess({ ...command(nowhere), env: fastClock() });
    await sleep((hours * 3_600_000) / SPEED);
    const [dead, memory] = [current.log().includes('given up'), peakOf(current.pid)];
    if (dead) bad.push('events were given up although nobody was there to refuse them');
    current.kill('SIGKILL');
    await current.ended;
    current = await startProcess(command(config));
    const back = performance.now();
    const missing = new Set(expected.map(({ id }) => id));
    for (let at = 0, patience = 0; missing.size > 0 && patience < 100; patience += 1) {
      for (; at < proxy.deliveries.length; at += 1) {
        if (missing.delete(proxy.deliveries[at]?.id ?? '')) patience = 0;
      }
      await sleep(100);
    }
    const seconds = (performance.now() - back) / 1000;
    const rate = proxy.deliveries.length / seconds;
    if (rate > RATE_LIMIT) bad.push(`${rate.toFixed(0)} requests a second arrived, ${RATE} were allowed`);
    const most = Math.max(memory, peakOf(current.pid));
    if (most > MEMORY) bad.push(`the shim took ${most.toFixed(0)} MiB`);
    bad.push(...judge(expected, proxy.deliveries));
    await end(current, bad);
    const note = `${expected.length} events, ${hours} hours of outage, at most ${most.toFixed(0)} MiB, then ${rate.toFixed(0)} deliveries a second of ${RATE}`;
    return { bad, note };
  } finally {
    current.kill('SIGKILL');
    await proxy.close();
  }
}

/** What faketime sets: not the program itself, which would stand between us and the shim when that is killed. */
function fastClock(): Readonly<Record<string, string>> {
  const { stdout } = spawnSync('faketime', ['-f', `+0 x${SPEED}`, 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  return { LD_PRELOAD: stdout.trim(), FAKETIME: `+0 x${SPEED}` };
}

async function end(shim: ShimProcess, bad: string[]): Promise<void> {
  shim.kill('SIGTERM');
  const exit = await shim.ended;
  if (exit !== 0) bad.push(`the shim ended with ${exit}: ${shim.log().slice(-500)}`);
}

/** Highest resident set of a process so far, MiB. */
function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

await runAlone(outage, import.meta.url);
