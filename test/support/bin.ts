import type { SpawnSyncReturns } from 'node:child_process';
import { spawnSync } from 'node:child_process';
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
