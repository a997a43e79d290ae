import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { takeLeaks, tellLeak } from '../../support/canary.ts';
import { ROOT } from './process.ts';

/** What a tier runs with. */
export interface TierOptions {
  /** All runs, not only the few of every day. */
  readonly full: boolean;
  /** Folder of the program under test. */
  readonly program: string;
  /** Folder to work in, empty. */
  readonly folder: string;
  /** Where random numbers begin; the same seed makes the same choices. */
  readonly seed?: string;
}

/** What a tier found. */
export interface TierResult {
  readonly name: string;
  readonly ran: number;
  /** What should have run; less = something is missing on this machine, and `notes` says what. */
  readonly wanted: number;
  readonly bad: readonly string[];
  readonly seconds: number;
  /** What else is worth knowing, one line each. */
  readonly notes?: readonly string[];
}

/** One kind of fault. */
export type Tier = (options: TierOptions) => Promise<TierResult>;

/** Seed unless told. */
export const SEED = '1';

/** Flags of every tier's command. */
export const FLAGS = {
  full: { type: 'boolean', default: false },
  program: { type: 'string', default: ROOT },
  folder: { type: 'string' },
  seed: { type: 'string', default: SEED },
} as const;

/** Runs a tier as a command, if its file is the one that was started: `npx tsx test/faults/kills.ts --full`. */
export async function runAlone(tier: Tier, url: string): Promise<void> {
  if (process.argv[1] === undefined || resolve(process.argv[1]) !== fileURLToPath(url)) return;
  const { full, program, folder, seed } = parseArgs({ options: FLAGS }).values;
  const result = withLeaks(await inFolder(folder, (work) => tier({ full, program: resolve(program), folder: work, seed })));
  print(describe(result));
  if (isBad(result)) process.exitCode = 1;
}

/** A result with the phone numbers that were told meanwhile where none may be. */
export function withLeaks(result: TierResult): TierResult {
  return { ...result, bad: [...result.bad, ...new Set(takeLeaks().map(tellLeak))] };
}

/** Works in a folder of its own, removed at the end unless it was asked for by name. */
export async function inFolder<T>(folder: string | undefined, work: (folder: string) => Promise<T>): Promise<T> {
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    return work(resolve(folder));
  }
  const own = mkdtempSync(join(tmpdir(), 'ccc-faults-'));
  try {
    return await work(own);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** True if something was found, or did not run. */
export function isBad(result: TierResult): boolean {
  return result.bad.length > 0 || result.ran < result.wanted;
}

/** A result as text: one line, then notes and findings. */
export function describe(result: TierResult): string {
  const { name, ran, wanted, bad, seconds, notes = [] } = result;
  return [
    `${name}: ran ${ran} of ${wanted}, ${bad.length} bad, ${seconds.toFixed(0)} s`,
    ...notes.map((note) => `  ${note}`),
    ...bad.map((line) => `  BAD ${line}`),
  ].join('\n');
}

/** Writes a line to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Does tasks with a few at a time (both cores of the machine), in their order. */
export async function inParallel<T>(tasks: Iterable<T>, work: (task: T, worker: number) => Promise<void>, workers = 2): Promise<void> {
  const queue = tasks[Symbol.iterator]();
  const loop = async (worker: number): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value, worker);
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => loop(worker)));
}
