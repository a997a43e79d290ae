import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Used } from './children.ts';
import { start, stop, usedBy } from './children.ts';
import { DATA } from './data.ts';
import { ROOT } from './measured.ts';

/** A `ccc-upcast serve` that runs. */
export interface Shim {
  /** Where events are posted. */
  readonly url: string;
  /** How things stand now. */
  look(): Promise<Standing>;
  /** Waits until nothing waits for the endpoint; returns how things stand then. */
  drained(): Promise<Standing>;
  stop(): Promise<void>;
}

/** What a shim has done so far. */
export interface Standing extends Used {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Events that wait for the endpoint. */
  readonly waiting: number;
  /** Events that the endpoint has taken, and attempts that came to nothing. */
  readonly delivered: number;
  readonly missed: number;
}

/** How a shim is started. */
export interface ShimSetup {
  readonly ids: string;
  /** Where events go, and how many with a request at most. */
  readonly sink: string;
  readonly batch?: number;
  /** Flags of Node and the program: the one that is shipped, unless told otherwise. */
  readonly program?: readonly string[];
}

/** Beside the project: where temporary files are is often no disk. */
const FOLDER = join(DATA, 'serve');
const POLL = 50;
const LONGEST_DRAIN = 600_000;

/** Starts a shim over a new state on the disk. */
export async function startShim({ ids, sink, batch = 1, program = ['bin/ccc-upcast.js'] }: ShimSetup): Promise<Shim> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const config = join(FOLDER, 'shim.yaml');
  writeFileSync(config, JSON.stringify({ endpoints: [{ url: sink, batch: String(batch) }] }));
  const addresses = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
  const args = ['serve', ...addresses, '--config', config, '--ids', ids, '--state', join(FOLDER, 'shim.db')];
  // What the environment of whoever measures sets up is not what is measured.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CCC_UPCAST_')));
  const child = start(process.execPath, [...program, ...args], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const { listening, admin } = await addressesOf(child);
  const metrics = `http://${admin}/metrics`;
  const look = async (): Promise<Standing> => {
    const page = await (await fetch(metrics)).text();
    const attempts = sumOf(page, 'deliveries_total', '');
    const delivered = sumOf(page, 'deliveries_total', 'outcome="delivered"');
    return {
      at: performance.now(),
      waiting: sumOf(page, 'outbox_events', ''),
      delivered,
      missed: attempts - delivered,
      ...usedBy(child),
    };
  };
  return {
    url: `http://${listening}/events`,
    look,
    async drained() {
      const until = performance.now() + LONGEST_DRAIN;
      for (;;) {
        const standing = await look();
        if (standing.waiting === 0) return standing;
        if (standing.at > until) throw new Error(`${standing.waiting} events still wait`);
        await wait(POLL);
      }
    },
    async stop() {
      const code = await stop(child);
      rmSync(FOLDER, { recursive: true });
      if (code !== 0) throw new Error(`serve ended with ${code}`);
    },
  };
}

/** It tells where it listens; whatever else it says is a reason not to trust the run. */
function addressesOf(child: ChildProcess): Promise<{ readonly listening: string; readonly admin: string }> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, string>();
    child.once('close', (code) => reject(new Error(`serve ended with ${code}`)));
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      const { level, msg, address, code } = line.startsWith('{') ? (JSON.parse(line) as Record<string, string | undefined>) : {};
      // That it takes nothing more when it is told to stop is as it should be.
      if (level !== 'info' && code !== 'stopping') process.stderr.write(`${line}\n`);
      if (msg !== undefined && address !== undefined) found.set(msg, address);
      const [listening, admin] = [found.get('listening'), found.get('admin')];
      if (listening !== undefined && admin !== undefined) resolve({ listening, admin });
    });
  });
}

/** Sum of the values of a metric whose labels hold `label`. */
function sumOf(page: string, name: string, label: string): number {
  let sum = 0;
  for (const [, labels = '', value] of page.matchAll(new RegExp(`^ccc_upcast_${name}(\\{.*\\})? (\\S+)$`, 'gm')))
    if (labels.includes(label)) sum += Number(value);
  return sum;
}
