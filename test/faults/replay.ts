import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateCalls } from '../../bench/generate/calls.ts';
import { createRandom } from '../../bench/generate/random.ts';
import { EXIT } from '../../src/errors.ts';
import type { Expected } from './support/judge.ts';
import { judge } from './support/judge.ts';
import type { Mounted } from './support/mount.ts';
import { mountLoop, mountTmpfs, whyNoMount } from './support/mount.ts';
import type { Running } from './support/process.ts';
import { startProgram } from './support/process.ts';
import type { Delivery } from './support/proxy.ts';
import { startProxy } from './support/proxy.ts';
import type { Stop } from './support/stops.ts';
import { cutOf, kill } from './support/stops.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** Contacts of the stream, and how often the replay is stopped on the way, for each kind of stop. */
const SIZES = {
  full: { kills: [8_000, 500], cuts: [4_000, 100], room: [4_000, 1] },
  small: { kills: [1_000, 30], cuts: [300, 10], room: [200, 1] },
} as const;
/** Share of the requests that are answered badly. */
const FAULTY = 0.2;
const CONCURRENCY = 16;
/** MiB of the disk that loses its power. */
const DISK = 256;
/** A disk on which there is room for a part of the receipts, and for all of them. */
const LITTLE = '2m';
const ENOUGH = '256m';
/** A run that takes longer hangs. */
const LONGEST = 600_000;

type Kind = keyof typeof SIZES.small;

/** A tier of some of these stories alone. */
export interface ReplayOptions extends TierOptions {
  readonly by?: readonly Kind[];
}

/**
 * A replay is killed, or its disk loses its power, again and again, or is full for a while, while a bad network lies before its target: each event arrives,
 * unchanged, under its id, in order for each contact and each agent; what was answered is sent again only if it was under way.
 */
export async function replay(options: ReplayOptions): Promise<TierResult> {
  const started = performance.now();
  const size = options.full ? SIZES.full : SIZES.small;
  const { by = ['kills', 'cuts', 'room'] } = options;
  const result = { ran: 0, bad: [] as string[], notes: [] as string[] };
  mkdirSync(options.folder, { recursive: true });
  const play = async (name: Kind, folder: string, stop: Stop): Promise<void> => {
    const [contacts, stops] = size[name];
    const story = await runStory({ ...options, name, keepIn: folder, contacts, stops, stop }).catch((error: Error) => error.message);
    if (typeof story === 'string') {
      result.bad.push(`${name}, seed ${options.seed ?? SEED}: ${story}`);
      return;
    }
    result.ran += story.stops;
    result.bad.push(...story.bad.map((each) => `${name}, seed ${options.seed ?? SEED}: ${each}`));
    result.notes.push(`${name}: ${story.note}`);
  };
  if (by.includes('kills')) await play('kills', options.folder, kill);
  const missing = whyNoMount(['mkfs.ext4', 'xfs_io', 'mount', 'umount']);
  if (by.includes('cuts') && missing !== undefined) result.notes.push(`power cuts NOT RUN: ${missing}`);
  else if (by.includes('cuts')) {
    const disk = mountLoop('ext4', join(realpathSync(options.folder), 'disk'), DISK);
    try {
      await play('cuts', disk.folder, cutOf(disk));
    } finally {
      disk.remove();
    }
  }
  if (by.includes('room') && missing !== undefined) result.notes.push(`full disk NOT RUN: ${missing}`);
  else if (by.includes('room')) {
    const disk = mountTmpfs(join(realpathSync(options.folder), 'little'), LITTLE);
    try {
      await play('room', disk.folder, untilFull(disk));
    } finally {
      disk.remove();
    }
  }
  const wanted = by.reduce((sum, kind) => sum + size[kind][1], 0);
  return { name: 'replay', wanted, seconds: (performance.now() - started) / 1000, ...result };
}

/** The disk is full at some time: then the replay ends with 74 by itself, and there is room. */
function untilFull(disk: Mounted): Stop {
  return async (process_) => {
    const exit = await process_.ended;
    if (exit !== EXIT.io) throw new Error(`on a full disk it ended with ${String(exit)}, not with ${EXIT.io}`);
    disk.remount(`size=${ENOUGH}`);
  };
}

interface Plot extends TierOptions {
  readonly name: string;
  /** Where state, receipts and dead letters are. */
  readonly keepIn: string;
  readonly contacts: number;
  readonly stops: number;
  readonly stop: Stop;
}

interface Story {
  readonly bad: readonly string[];
  readonly stops: number;
  readonly note: string;
}

async function runStory(plot: Plot): Promise<Story> {
  const seed = plot.seed ?? SEED;
  const random = createRandom(`${seed}/replay/${plot.name}`);
  const { items } = generateCalls({ calls: plot.contacts, seed, open: 50 });
  // The same event twice would be two occurrences: that is tested elsewhere.
  const lines = [...new Set([...items].flatMap(({ truth }) => truth.map(({ line }) => line)))];
  const input = join(plot.folder, `${plot.name}.ndjson`);
  writeFileSync(input, `${lines.join('\n')}\n`);
  const proxy = await startProxy(createRandom(`${seed}/replay-proxy/${plot.name}`), FAULTY);
  const kept = (name: string): string => join(plot.keepIn, `${plot.name}.${name}`);
  const args = ['replay', input, '--to', proxy.url, '--speed', 'max', '--concurrency', String(CONCURRENCY), '--deadline', '1s'];
  const files = ['--state', kept('state'), '--receipts', kept('receipts'), '--dead-letters', kept('dead')];
  const start = (): Running => startProgram([...args, ...files], plot.program);
  const stopAfter = Array.from({ length: plot.stops }, (_, index) =>
    Math.floor(((index + random.next()) * lines.length) / (plot.stops + 1)),
  );
  const begun = performance.now();
  let current = start();
  let stops = 0;
  try {
    for (const count of stopAfter) {
      const isThere = await until(() => answered(proxy.deliveries) >= count, current);
      // It may have come to its end: then there is nothing to stop any more.
      if (!isThere && plot.name !== 'room') break;
      await sleep(random.int(0, 12));
      await plot.stop(current);
      stops += 1;
      proxy.run += 1;
      current = start();
    }
    const exit = await Promise.race([current.ended, sleep(LONGEST, 'no end', { ref: false })]);
    const bad = [
      ...(exit === 0 ? [] : [`the replay ended with ${exit}: ${current.log().slice(-500)}`]),
      ...judge(expectedOf(lines), proxy.deliveries),
      ...altered(lines, proxy.deliveries),
      ...repeatsOf(proxy.deliveries),
      ...receiptsOf(kept('receipts'), lines),
    ];
    const faults = [...proxy.shown.values()].reduce((sum, each) => sum + each, 0);
    const repeats = proxy.deliveries.length - new Set(proxy.deliveries.map(({ id }) => id)).size;
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    const note = `${lines.length} events, ${stops} stops, ${repeats} repeats, at most ${mostRepeats(proxy.deliveries)} of what was answered a stop, ${faults} faults of the network, ${seconds} s`;
    return { bad, stops, note };
  } catch (cause) {
    throw new Error(`${(cause as Error).message}, after ${stops} stops; the replay said: ${current.log().slice(-1000)}`, { cause });
  } finally {
    current.kill('SIGKILL');
    await proxy.close();
  }
}

/** True once it is so; false if the replay is over first. Errors: neither happens. */
async function until(isSo: () => boolean, { isOver }: Running): Promise<boolean> {
  for (const end = performance.now() + LONGEST; performance.now() < end; await sleep(2)) {
    if (isSo()) return true;
    if (isOver()) return false;
  }
  throw new Error('the replay does not get on');
}

function answered(deliveries: readonly Delivery[]): number {
  let count = 0;
  for (const { isAnswered } of deliveries) if (isAnswered) count += 1;
  return count;
}

function expectedOf(lines: readonly string[]): readonly Expected[] {
  return lines.map((line) => {
    const { contactId, agentId } = JSON.parse(line) as { readonly contactId?: string; readonly agentId?: string };
    return { id: idOf(line), contact: contactId, agent: agentId };
  });
}

/** Without provenance: the hash of the content. */
function idOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

function altered(lines: readonly string[], deliveries: readonly Delivery[]): readonly string[] {
  const known = new Set(lines);
  return deliveries.filter(({ text }) => !known.has(text)).map(({ text }) => `arrived, and was never in the stream: ${text}`);
}

/** What was answered in one run and came again in another, by the stop that lies behind it. */
function mostRepeats(deliveries: readonly Delivery[]): number {
  const answeredIn = new Map<string, number>();
  const repeats = new Map<number, Set<string>>();
  for (const { id, run, isAnswered } of deliveries) {
    const before = answeredIn.get(id);
    if (before !== undefined && before < run) repeats.set(before, (repeats.get(before) ?? new Set()).add(id));
    if (isAnswered && before === undefined) answeredIn.set(id, run);
  }
  return Math.max(0, ...[...repeats.values()].map(({ size }) => size));
}

function repeatsOf(deliveries: readonly Delivery[]): readonly string[] {
  const most = mostRepeats(deliveries);
  return most <= CONCURRENCY ? [] : [`${most} events that were answered came again after one stop; at most ${CONCURRENCY} were under way`];
}

function receiptsOf(path: string, lines: readonly string[]): readonly string[] {
  const receipts = readFileSync(path, 'utf8').trim().split('\n');
  const ids = receipts.map((line) => (JSON.parse(line) as { readonly id: string }).id);
  const known = new Set(lines.map(idOf));
  return [
    ...(ids.length === lines.length ? [] : [`${ids.length} receipts of ${lines.length} events`]),
    ...(new Set(ids).size === ids.length ? [] : ['an event has two receipts']),
    ...(ids.every((id) => known.has(id)) ? [] : ['a receipt names an event that is not in the stream']),
    ...(receipts.every((line) => line.includes('"status":"delivered"')) ? [] : ['a receipt says failed']),
  ];
}

await runAlone(replay, import.meta.url);
