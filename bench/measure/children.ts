import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** What a process that goes on running has used so far. */
export interface Used {
  /** Seconds of all processors, user and system, all threads. */
  readonly cpu: number;
  /** Highest resident set, MiB. */
  readonly peak: number;
}

/** Longer than `serve` takes at most to end. */
const PATIENCE = 15_000;
/** Linux tells processor time in hundredths of a second, whatever its clock does. */
const TICKS = 100;

const running = new Set<ChildProcess>();

/** Nothing that was started may outlive the benchmark, however it ends. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Starts a program that runs until it is stopped. */
export function start(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, options);
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Asks a program to end, and waits until it has. */
export async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const closed = once(child, 'close') as Promise<[number | null]>;
  child.kill('SIGTERM');
  const slow = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const [code] = await closed;
  clearTimeout(slow);
  return code;
}

/** What a child has used: of a process that has not ended only Linux tells. */
export function usedBy({ pid }: ChildProcess): Used {
  // The name of the program, in brackets, may hold anything: what is counted begins behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, peak: Number(peak) / 1024 };
}

/** A port that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
