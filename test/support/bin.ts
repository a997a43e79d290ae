import type { SpawnSyncReturns } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printsData, watch } from './canary.ts';
import { ROOT } from './example.ts';

/** Settings of the process. */
export interface BinOptions {
  readonly input?: string;
  /** In place of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

const MOST_OUTPUT = 1 << 26;

/** Runs the program as it was built, in the folder of the project. */
export function runBin(args: readonly string[], options: BinOptions = {}): SpawnSyncReturns<string> {
  const all = [join(ROOT, 'bin/ccc-upcast.js'), ...args];
  const run = spawnSync(process.execPath, all, { cwd: ROOT, encoding: 'utf8', maxBuffer: MOST_OUTPUT, ...options });
  watch(`stderr of ${args.join(' ')}`, run.stderr);
  if (!printsData(args)) watch(`stdout of ${args.join(' ')}`, run.stdout);
  const report = args[args.indexOf('--report') + 1] ?? '';
  if (args.includes('--report') && existsSync(report)) watch(`the report of ${args.join(' ')}`, readFileSync(report, 'utf8'));
  return run;
}

/** A run of the program beside this process, which can answer it meanwhile. */
export interface RunningBin {
  readonly pid: number;
  /** What it has written to stderr so far. */
  said(): string;
  readonly ended: Promise<{ readonly exit: number | NodeJS.Signals; readonly out: string; readonly err: string }>;
}

/** Starts the program as it was built. */
export function startBin(args: readonly string[]): RunningBin {
  const child = spawn(process.execPath, [join(ROOT, 'bin/ccc-upcast.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  ).then((exit) => {
    watch(`stderr of ${args.join(' ')}`, err);
    if (!printsData(args)) watch(`stdout of ${args.join(' ')}`, out);
    return { exit, out, err };
  });
  return { pid: child.pid ?? 0, said: () => err, ended };
}
