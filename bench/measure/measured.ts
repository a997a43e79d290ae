import type { SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const GNU_TIME = '/usr/bin/time';
const USAGE = new URL('./usage.mjs', import.meta.url).href;

/** The folder of the project; measured programs run there. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** What a whole process took, its start included. */
export interface Usage {
  /** Seconds on the clock. */
  readonly wall: number;
  /** Seconds of all processors, user and system, all threads. */
  readonly cpu: number;
  /** Highest resident set, MiB. */
  readonly peak: number;
  readonly exit: number | null;
  /** What it wrote to stderr. */
  readonly told: string;
}

/** Runs a Node program by itself and measures the whole process. `feed` writes its standard input. */
export function measured(args: readonly string[], feed?: (stdin: Writable) => Promise<void>): Promise<Usage> {
  return measure(
    (file) => (hasTime() ? [...timing(file), process.execPath, ...args] : [process.execPath, '--import', USAGE, ...args]),
    feed,
  );
}

/** The same of any program, which only GNU time can measure; undefined where there is none. */
export async function measuredOther(command: readonly string[]): Promise<Usage | undefined> {
  return hasTime() ? measure((file) => [...timing(file), ...command]) : undefined;
}

function hasTime(): boolean {
  return existsSync(GNU_TIME);
}

function timing(file: string): readonly string[] {
  return [GNU_TIME, '-v', '-o', file];
}

async function measure(commandFor: (file: string) => readonly string[], feed?: (stdin: Writable) => Promise<void>): Promise<Usage> {
  const folder = mkdtempSync(join(tmpdir(), 'ccc-bench-'));
  const file = join(folder, 'usage');
  const command = commandFor(file);
  try {
    const env = { ...process.env, CCC_USAGE_FILE: file };
    const started = performance.now();
    const { exit, told } = await run(command, { cwd: ROOT, env, stdio: ['pipe', 'ignore', 'pipe'] }, feed);
    const wall = (performance.now() - started) / 1000;
    const text = readFileSync(file, 'utf8');
    return { wall, exit, told, ...(hasTime() ? readTime(text) : (JSON.parse(text) as { cpu: number; peak: number })) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run(
  [program = '', ...args]: readonly string[],
  options: SpawnOptions,
  feed: ((stdin: Writable) => Promise<void>) | undefined,
): Promise<Pick<Usage, 'exit' | 'told'>> {
  const child = spawn(program, args, options);
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // A program that ends early is told by its exit, not by the pipe that breaks.
  child.stdin?.on('error', () => {});
  if (child.stdin !== null && feed !== undefined) await feed(child.stdin);
  child.stdin?.end();
  return { exit: await ended, told };
}

function readTime(text: string): Pick<Usage, 'cpu' | 'peak'> {
  const number = (name: string): number => Number(new RegExp(`${name}[^:]*: ([\\d.]+)`).exec(text)?.[1]);
  return { cpu: number('User time') + number('System time'), peak: number('Maximum resident set size') / 1024 };
}
