import { hash } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stop } from './children.ts';
import { DATA } from './data.ts';
import type { Usage } from './measured.ts';
import { measured, ROOT } from './measured.ts';
import { startClock } from './nginx.ts';

/** Where a measured replay keeps its state. */
const STATE = join(DATA, 'replay.state');
const REPORT = join(DATA, 'replay.json');

/** A replay as a whole process, and what it says of itself. */
export interface Replayed extends Usage {
  readonly events: number;
  /** Of the sending alone, without the start of the program. */
  readonly seconds: number;
  /** How late events were sent by its own account, milliseconds. */
  readonly lag: { readonly median: number; readonly p99: number; readonly max: number } | null;
  readonly latency: { readonly median: number; readonly p99: number } | null;
  readonly retries: number;
}

/** Runs a replay from its beginning, with its state on the disk. Throws if it did not deliver everything. */
export async function runReplay(input: string, to: string, flags: readonly string[]): Promise<Replayed> {
  for (const file of [STATE, `${STATE}-wal`, `${STATE}-shm`, REPORT]) rmSync(file, { force: true });
  const args = ['bin/ccc-upcast.js', 'replay', input, '--to', to, '--state', STATE, '--report', REPORT, '--yes', '-q'];
  const usage = await measured([...args, ...flags]);
  if (usage.exit !== 0) throw new Error(`replay ended with ${usage.exit}: ${usage.told}`);
  const told = JSON.parse(readFileSync(REPORT, 'utf8')) as {
    readonly seconds: number;
    readonly events: { readonly delivered: number };
    readonly lagMs: Replayed['lag'];
    readonly latencyMs: Replayed['latency'];
    readonly retries: number;
  };
  rmSync(STATE, { force: true });
  rmSync(REPORT, { force: true });
  const { seconds, events, lagMs, latencyMs, retries } = told;
  return { ...usage, events: events.delivered, seconds, lag: lagMs, latency: latencyMs, retries };
}

/** An event as the sink saw it; milliseconds. */
export interface Arrival {
  readonly at: number;
  readonly time: number;
}

/** Runs a replay to an nginx that writes down when each event came. Ids follow from the content, so whose time it was is known. */
export async function runClocked(input: string, flags: readonly string[]): Promise<Replayed & { readonly arrivals: readonly Arrival[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'ccc-bench-clock-'));
  try {
    const sink = await startClock(folder);
    const replayed = await runReplay(input, sink.url, flags);
    await stop(sink.child);
    const times = await timesOf(input);
    const arrivals = readFileSync(sink.log, 'utf8')
      .trim()
      .split('\n')
      .flatMap((line): readonly Arrival[] => {
        const [at = '', id = ''] = line.split(' ');
        const time = times.get(id);
        return time === undefined ? [] : [{ at: Number(at) * 1000, time }];
      });
    // The same event again has another id, of which the content says nothing.
    if (arrivals.length < replayed.events * 0.99) throw new Error(`${arrivals.length} of ${replayed.events} events arrived`);
    return { ...replayed, arrivals };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function timesOf(input: string): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for await (const line of createInterface({ input: createReadStream(join(ROOT, input)), crlfDelay: Number.POSITIVE_INFINITY })) {
    const { eventTime } = JSON.parse(line) as { readonly eventTime: string };
    times.set(hash('sha256', line, 'hex'), Date.parse(eventTime));
    if (times.size >= MOST_TIMES) break;
  }
  return times;
}

/** More events are not clocked. */
const MOST_TIMES = 100_000;
