import { mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateCalls } from '../../bench/generate/calls.ts';
import type { Random } from '../../bench/generate/random.ts';
import { createRandom } from '../../bench/generate/random.ts';
import { expectedOf } from './shim/oracle.ts';
import type { ShimCommand } from './shim/shim-process.ts';
import { freePort, startProcess } from './shim/shim-process.ts';
import { judge } from './support/judge.ts';
import { mountLoop, whyNoMount } from './support/mount.ts';
import { startProxy } from './support/proxy.ts';
import type { Stop } from './support/stops.ts';
import { cutOf, kill } from './support/stops.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** Events that are acknowledged, and how often the shim is stopped on the way, for each kind of stop. */
const SIZES = { full: { events: 250_000, stops: 200 }, small: { events: 10_000, stops: 20 } } as const;
/** Events of one request. */
const MOST_A_REQUEST = 60;
/** MiB of the disk that loses its power: what was delivered is kept for a day, so that all events of a story lie on it at its end. */
const DISK = 1024;
/** A request is repeated for so long: longer than a shim may take to start. */
const TAKING = 90_000;
/** All that was acknowledged must have arrived so long after the last stop. */
const PATIENCE = 90_000;

/** A tier of these stories alone, for a program that is known to be broken. */
export interface ShimOptions extends TierOptions {
  readonly by?: readonly ('kills' | 'cuts')[];
  readonly events?: number;
  readonly stops?: number;
  /** How long what was acknowledged is waited for, milliseconds. */
  readonly patience?: number;
}

/**
 * The oracle: events are posted to a shim that is killed, or whose disk loses its power, while a bad network lies before its endpoint.
 * What was answered 202 must arrive, unchanged, in order for each contact and each agent, and when it is repeated, under the same id.
 */
export async function shim(options: ShimOptions): Promise<TierResult> {
  const started = performance.now();
  const size = options.full ? SIZES.full : SIZES.small;
  const { by = ['kills', 'cuts'], events = size.events, stops = size.stops, patience = PATIENCE } = options;
  const result = { ran: 0, bad: [] as string[], notes: [] as string[] };
  mkdirSync(options.folder, { recursive: true });
  const play = async (name: string, state: string, stop: Stop): Promise<void> => {
    const begun = performance.now();
    // A story that breaks off must not take along what another one showed.
    const story = await runStory({ ...options, name, state, events, stops, patience, stop }).catch((error: Error) => error.message);
    if (typeof story === 'string') {
      result.bad.push(`${name}, seed ${options.seed ?? SEED}: ${story}`);
      return;
    }
    result.ran += stops;
    result.bad.push(...story.bad.map((each) => `${name}, seed ${options.seed ?? SEED}: ${each}`));
    const { acknowledged, repeats, faults } = story;
    const [size, seconds] = [statSync(state).size / 2 ** 20, (performance.now() - begun) / 1000];
    result.notes.push(
      `${name}: ${acknowledged} events, ${story.stops} stops, ${repeats} repeats, ${faults} faults of the network, a state of ${size.toFixed(0)} MiB, ${seconds.toFixed(0)} s`,
    );
  };
  if (by.includes('kills')) await play('kills', join(options.folder, 'killed.db'), kill);
  const missing = whyNoMount(['mkfs.ext4', 'xfs_io', 'mount', 'umount']);
  if (by.includes('cuts') && missing !== undefined) result.notes.push(`power cuts NOT RUN: ${missing}`);
  else if (by.includes('cuts')) {
    const disk = mountLoop('ext4', join(realpathSync(options.folder), 'disk'), DISK);
    try {
      await play('cuts', join(disk.folder, 'cut.db'), cutOf(disk));
    } finally {
      disk.remove();
    }
  }
  return { name: 'shim', wanted: by.length * stops, seconds: (performance.now() - started) / 1000, ...result };
}

interface Plot extends TierOptions {
  readonly name: string;
  readonly state: string;
  readonly events: number;
  readonly stops: number;
  readonly patience: number;
  readonly stop: Stop;
}

interface Story {
  readonly bad: readonly string[];
  readonly acknowledged: number;
  readonly stops: number;
  readonly repeats: number;
  readonly faults: number;
}

async function runStory(plot: Plot): Promise<Story> {
  const random = createRandom(`${plot.seed ?? SEED}/shim/${plot.name}`);
  const { ids, items } = generateCalls({ calls: Math.ceil(plot.events / 13), seed: plot.seed ?? SEED, open: 50 });
  const lines = [...items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line])).slice(0, plot.events);
  const table = join(plot.folder, `${plot.name}.csv`);
  writeFileSync(table, ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n'));
  const proxy = await startProxy(createRandom(`${plot.seed ?? SEED}/proxy/${plot.name}`));
  const command: ShimCommand = { program: plot.program, state: plot.state, port: await freePort(), forward: proxy.url, ids: table };
  let current = await startProcess(command);
  const groups = grouped(lines, random);
  const stopAt = new Set(
    Array.from({ length: plot.stops }, (_, index) => Math.floor(((index + random.next()) * groups.length) / plot.stops)),
  );
  let stops = 0;
  try {
    for (const [index, group] of groups.entries()) {
      const posting = postUntilTaken(`http://127.0.0.1:${command.port}/events`, group);
      // It is looked at when the shim runs again.
      posting.catch(() => {});
      if (stopAt.has(index)) {
        await sleep(random.int(0, 12));
        await plot.stop(current);
        stops += 1;
        current = await startProcess(command);
      }
      await posting;
    }
    const expected = expectedOf(lines);
    proxy.calm = true;
    await untilArrived(
      expected.map(({ id }) => id),
      proxy.deliveries,
      plot.patience,
    );
    current.kill('SIGTERM');
    const exit = await current.ended;
    const bad = [
      ...judge(expected, proxy.deliveries),
      ...(exit === 0 ? [] : [`the shim ended with ${exit}: ${current.log().slice(-500)}`]),
    ];
    const distinct = new Set(proxy.deliveries.map(({ id }) => id)).size;
    const faults = [...proxy.shown.values()].reduce((sum, count) => sum + count, 0);
    return { bad, acknowledged: lines.length, stops, repeats: proxy.deliveries.length - distinct, faults };
  } catch (cause) {
    throw new Error(`${(cause as Error).message}, after ${stops} stops; the shim said: ${current.log().slice(-1000)}`, { cause });
  } finally {
    current.kill('SIGKILL');
    await proxy.close();
  }
}

function grouped(lines: readonly string[], random: Random): readonly (readonly string[])[] {
  const groups: (readonly string[])[] = [];
  for (let at = 0; at < lines.length; ) {
    const size = random.int(1, MOST_A_REQUEST);
    groups.push(lines.slice(at, at + size));
    at += size;
  }
  return groups;
}

/** Posts a group until it is answered 202: after a broken connection or a 503 the same again, as every sender has to. */
async function postUntilTaken(url: string, lines: readonly string[]): Promise<void> {
  const body = `${lines.join('\n')}\n`;
  let status = 0;
  for (const until = performance.now() + TAKING; performance.now() < until; await sleep(10)) {
    status = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson' } }).then(
      async (response) => {
        const { status: code } = response;
        // All of it was good, so nothing may be rejected.
        const { rejected = [] } = (await response.json()) as { readonly rejected?: readonly unknown[] };
        if (rejected.length > 0) throw new Error(`good events were rejected: ${JSON.stringify(rejected[0])}`);
        return code;
      },
      () => 0,
    );
    if (status === 202) return;
    if (status !== 0 && status !== 503) throw new Error(`good events were answered ${status}`);
  }
  throw new Error(`the shim never took the events: the last time it answered ${status === 0 ? 'nothing' : status}`);
}

async function untilArrived(ids: readonly string[], deliveries: readonly { readonly id: string }[], patience: number): Promise<void> {
  const missing = new Set(ids);
  const until = performance.now() + patience;
  for (let at = 0; missing.size > 0 && performance.now() < until; await sleep(50)) {
    for (; at < deliveries.length; at += 1) missing.delete(deliveries[at]?.id ?? '');
  }
}

await runAlone(shim, import.meta.url);
