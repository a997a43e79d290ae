import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateCalls } from '../../bench/generate/calls.ts';
import { createRandom } from '../../bench/generate/random.ts';
import { expectedOf } from './shim/oracle.ts';
import { freePort, startProcess } from './shim/shim-process.ts';
import { judge } from './support/judge.ts';
import { mountTmpfs, whyNoMount } from './support/mount.ts';
import { startProxy } from './support/proxy.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** The disk has this size while it is full, and afterwards. */
const [TIGHT, ROOMY] = ['6m', '64m'];
/** What else lies on the disk when it is filled by somebody else. */
const FILLER = 40 * 2 ** 20;
/** A full disk is to be noticed to have room again so soon, milliseconds. */
const RECOVERY = 1_000;
const FULL_FOR = { full: 60_000, small: 3_000 };
const A_REQUEST = 40;

/** Who fills the disk, and what of it the shim is to leave. */
const CASES = [
  { name: 'filled by itself', minFree: '0B', size: TIGHT, filler: 0 },
  { name: 'filled by somebody else', minFree: '16MiB', size: ROOMY, filler: FILLER },
] as const;

/**
 * Posts events to a shim whose disk is full for a while: it answers 503 and nothing else, stays up, goes on by itself within a second when
 * there is room again, and nothing that it took is lost.
 */
export async function room(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const missing = whyNoMount(['mount', 'umount']);
  const result = { name: 'room', wanted: CASES.length };
  if (missing !== undefined) return { ...result, ran: 0, bad: [], seconds: 0, notes: [`NOT RUN: ${missing}`] };
  mkdirSync(options.folder, { recursive: true });
  const bad: string[] = [];
  const notes: string[] = [];
  for (const each of CASES) {
    const story = await runCase(each, options);
    bad.push(...story.bad.map((line) => `${each.name}: ${line}`));
    notes.push(
      `${each.name}: ${story.taken} events taken, ${story.refused} requests answered 503, took events ${story.recovery.toFixed(0)} ms after there was room`,
    );
  }
  return { ...result, ran: CASES.length, bad, seconds: (performance.now() - started) / 1000, notes };
}

interface Story {
  readonly bad: readonly string[];
  readonly taken: number;
  readonly refused: number;
  readonly recovery: number;
}

async function runCase({ name, minFree, size, filler }: (typeof CASES)[number], options: TierOptions): Promise<Story> {
  const bad: string[] = [];
  const disk = mountTmpfs(join(realpathSync(options.folder), 'tmpfs'), size);
  const { ids, items } = generateCalls({ calls: 2_500, seed: options.seed ?? SEED, open: 50 });
  const lines = [...items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line]));
  const table = join(options.folder, 'space.csv');
  writeFileSync(table, ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n'));
  const proxy = await startProxy(createRandom(options.seed ?? SEED));
  proxy.calm = true;
  const port = await freePort();
  const state = join(disk.folder, 'shim.db');
  const extra = ['--min-free', minFree];
  const shim = await startProcess({ program: options.program, state, port, forward: proxy.url, ids: table, extra });
  const post = (group: readonly string[]): Promise<number> =>
    fetch(`http://127.0.0.1:${port}/events`, {
      method: 'POST',
      body: group.join('\n'),
      headers: { 'content-type': 'application/x-ndjson' },
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
  let at = 0;
  let refused = 0;
  /** Posts the next events; true if they were taken. */
  const next = async (): Promise<boolean> => {
    const status = await post(lines.slice(at, at + A_REQUEST));
    if (status === 202) at += A_REQUEST;
    else if (status === 503) refused += 1;
    else bad.push(`answered ${status === 0 ? 'nothing' : status}`);
    return status === 202;
  };
  try {
    const full = join(disk.folder, 'filler');
    for (let round = 0; round < 20; round += 1) await next();
    if (filler > 0) writeFileSync(full, Buffer.alloc(filler, 1));
    const until = performance.now() + 20_000;
    while ((await next()) && performance.now() < until);
    if (refused === 0) bad.push('the disk was never full');
    for (const end = performance.now() + (options.full ? FULL_FOR.full : FULL_FOR.small); performance.now() < end; await sleep(20))
      await next();
    rmSync(full, { force: true });
    disk.remount(`size=${ROOMY}`);
    const freed = performance.now();
    while (!(await next()) && performance.now() < freed + 10 * RECOVERY) await sleep(10);
    const recovery = performance.now() - freed;
    if (recovery > RECOVERY) bad.push(`took events only ${recovery.toFixed(0)} ms after there was room`);
    for (let round = 0; round < 20; round += 1) await next();
    const expected = expectedOf(lines.slice(0, at));
    for (let waits = 0; waits < 300 && expected.some(({ id }) => !proxy.deliveries.some((each) => each.id === id)); waits += 1)
      await sleep(100);
    bad.push(...judge(expected, proxy.deliveries));
    shim.kill('SIGTERM');
    const exit = await shim.ended;
    if (exit !== 0) bad.push(`ended with ${exit}: ${shim.log().slice(-500)}`);
    return { bad: [...new Set(bad)], taken: at, refused, recovery };
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}\n${shim.log().slice(-800)}`);
  } finally {
    shim.kill('SIGKILL');
    await shim.ended;
    await proxy.close();
    disk.remove();
  }
}

await runAlone(room, import.meta.url);
