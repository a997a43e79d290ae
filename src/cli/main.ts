import { createInterface } from 'node:readline/promises';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { EXIT } from '../errors.ts';
import { isBrokenPipe } from './output.ts';
import { runProgram } from './program.ts';

/** A reader that went away (`… | head`) ends the program quietly; any other trouble with a stream is an I/O error. */
function endOnStreamError(error: Error): void {
  process.exit(isBrokenPipe(error) ? EXIT.ok : EXIT.io);
}

process.stdout.on('error', endOnStreamError);
process.stderr.on('error', endOnStreamError);

// On a machine with much memory V8 lets garbage grow to several times what lives before it looks, and leaves pages half empty: a
// conversion's calls come and go, and would take 100 MiB more than they need. How much a collection may leave, and how much room there is
// for what is new, is read each time, so it may be set at any time: in a large heap little, and packed; in a small one, where each
// collection costs the same and brings less, more. A heap that was large counts as large until it is much smaller.
const LARGE_HEAP = 72 * 2 ** 20;
const SMALL_HEAP = 36 * 2 ** 20;
const ENOUGH_FOR_NEW = 4 * 2 ** 20;
const LOOK_EVERY = 100;
let isLarge = false;
setInterval(() => {
  const used = getHeapStatistics().used_heap_size;
  isLarge = used > LARGE_HEAP || (isLarge && used > SMALL_HEAP);
  const isEnough =
    isLarge && (getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0) >= ENOUGH_FOR_NEW;
  setFlagsFromString(`--heap-growing-percent=${isLarge ? 12 : 80}`);
  setFlagsFromString(isLarge ? '--optimize-for-size' : '--no-optimize-for-size');
  setFlagsFromString(`--semi-space-growth-factor=${isEnough ? 1 : 2}`);
}, LOOK_EVERY).unref();

const PATIENCE = 4500;

/** The first signal ends the run after a checkpoint, within a time; the second at once, which is safe too. */
function stopSignal(patience = PATIENCE): AbortSignal {
  const stopper = new AbortController();
  for (const [name, code] of [
    ['SIGTERM', EXIT.terminated],
    ['SIGINT', EXIT.interrupted],
  ] as const) {
    process.on(name, () => {
      if (stopper.signal.aborted) process.exit(code);
      stopper.abort(name);
      setTimeout(() => process.exit(code), patience).unref();
    });
  }
  return stopper.signal;
}

function onReload(listener: () => void): void {
  process.on('SIGHUP', listener);
}

function onPause(listener: () => void): void {
  process.on('SIGUSR2', listener);
}

const CONTROL_C = '\u0003';

/** Keys one by one, without enter; Control-C still ends the run. */
function onKey(listener: (key: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const look = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) {
      if (key === CONTROL_C) process.kill(process.pid, 'SIGINT');
      else listener(key);
    }
  };
  stdin.setRawMode(true).on('data', look).resume();
  return () => {
    stdin.off('data', look).setRawMode(false).pause();
  };
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

const { stdin, stdout, stderr, env } = process;
const argv = process.argv.slice(2);
// Not process.exit: what was written to a pipe may still be on its way.
process.exitCode = await runProgram(argv, { stdin, stdout, stderr, env, argv, stopSignal, onReload, onPause, onKey, ask });
