import { fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from './crashes/models.ts';
import { MODELS } from './crashes/models.ts';
import type { SlotMessage, SlotOptions } from './crashes/slot.ts';
import { compileWriteLog } from './crashes/trace.ts';
import type { Data, JobOptions } from './support/job.ts';
import { prepareData } from './support/job.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** What is explored, unless all. */
export interface CrashOptions extends TierOptions {
  /** Inputs of the jobs. */
  readonly data?: Data;
  readonly variants?: readonly JobOptions[];
  readonly models?: readonly Model[];
  readonly states?: number;
  /** States of one traced run. */
  readonly perTrace?: number;
  /** Stop after so many bad states, and keep so many of them for a look. */
  readonly enoughBad?: number;
  readonly keep?: number;
}

const VARIANTS: readonly JobOptions[] = (['ndjson', 'gz', 'array', 'merge'] as const).flatMap((input) =>
  ['8KiB', '16KiB', '64KiB'].flatMap((checkpointEvery) => [false, true].map((gzOutput) => ({ input, checkpointEvery, gzOutput }))),
);

const SLOTS = 2;
const STATES = { small: 500, full: 20_000 };
const PER_TRACE = { small: 40, full: 100 };
const CALLS = 20;
const ENOUGH_BAD = 20;
const KEEP = 3;
/** A state takes a fraction of a second. */
const LONGEST_MS = 90_000;

/**
 * Logs every change that runs of the program make to their files, rebuilds what a crash at any place may leave of them, and resumes there.
 * Finds what kills cannot: their page cache outlives the process.
 */
export async function crashes(options: CrashOptions): Promise<TierResult> {
  const { full, program, folder, seed = SEED } = options;
  const { models = MODELS, variants = VARIANTS, enoughBad = ENOUGH_BAD, keep = KEEP } = options;
  const wanted = options.states ?? (full ? STATES.full : STATES.small);
  const perTrace = options.perTrace ?? (full ? PER_TRACE.full : PER_TRACE.small);
  const started = performance.now();
  mkdirSync(folder, { recursive: true });
  const library = compileWriteLog(folder);
  const result = { name: 'crashes', wanted, ran: 0, bad: [] as string[], traces: 0 };
  const finish = (note: string): TierResult => ({
    ...result,
    notes: [note],
    seconds: (performance.now() - started) / 1000,
  });
  if (library === undefined) return finish('NOT RUN: there is no gcc to compile the write log with');
  const data = options.data ?? (await prepareData(join(folder, 'data'), CALLS, seed));
  const work = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : folder, 'ccc-crashes-'));
  const slot = (index: number): SlotOptions => ({
    ...{ program, library, data, perTrace },
    ...{ models, variants, enoughBad, keep },
    folder: join(work, String(index)),
    seed: `${seed}/${index}`,
    states: Math.ceil(wanted / SLOTS),
  });
  try {
    await Promise.all(Array.from({ length: SLOTS }, (_, index) => runSlot(slot(index), result)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return finish(`${result.traces} traced runs, seed ${seed}`);
}

/** Runs a slot to its end. A slot that dies or hangs found something, too. */
function runSlot(options: SlotOptions, result: { ran: number; traces: number; readonly bad: string[] }): Promise<void> {
  return new Promise((resolve) => {
    const child = fork(join(import.meta.dirname, 'crashes/slot-process.ts'), [JSON.stringify(options)]);
    let last = 'the beginning';
    let watchdog = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
    child.on('message', (message: SlotMessage) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
      if (message.kind === 'bad') result.bad.push(message.what);
      else if (message.kind === 'trace') result.traces += 1;
      else {
        result.ran += 1;
        last = message.what;
      }
    });
    child.on('close', (exit, signal) => {
      clearTimeout(watchdog);
      if (exit !== 0) result.bad.push(`the process of seed ${options.seed} ended with ${exit ?? signal} at ${last}`);
      resolve();
    });
  });
}

await runAlone(crashes, import.meta.url);
