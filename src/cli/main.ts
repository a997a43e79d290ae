import { getHeapStatistics, setFlagsFromString } from 'node:v8';
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
// conversion's calls come and go, and would take 100 MiB more than they need. What a collection may leave is read each time, so it may be
// set at any time: little of a large heap, and packed; more of a small one, where each collection costs the same and brings less.
const LARGE_HEAP = 64 * 2 ** 20;
const LOOK_EVERY = 1000;
const SMALL_HEAP_FLAGS = ['--heap-growing-percent=80', '--no-optimize-for-size'];
const LARGE_HEAP_FLAGS = ['--heap-growing-percent=12', '--optimize-for-size'];
for (const flag of SMALL_HEAP_FLAGS) setFlagsFromString(flag);
setInterval(() => {
  const isLarge = getHeapStatistics().used_heap_size > LARGE_HEAP;
  for (const flag of isLarge ? LARGE_HEAP_FLAGS : SMALL_HEAP_FLAGS) setFlagsFromString(flag);
}, LOOK_EVERY).unref();

const PATIENCE = 4500;

/** The first signal ends the run after a checkpoint, within five seconds; the second at once, which is safe too. */
function stopSignal(): AbortSignal {
  const stopper = new AbortController();
  for (const [name, code] of [
    ['SIGTERM', EXIT.terminated],
    ['SIGINT', EXIT.interrupted],
  ] as const) {
    process.on(name, () => {
      if (stopper.signal.aborted) process.exit(code);
      stopper.abort(name);
      setTimeout(() => process.exit(code), PATIENCE).unref();
    });
  }
  return stopper.signal;
}

const { stdin, stdout, stderr, env } = process;
const argv = process.argv.slice(2);
// Not process.exit: what was written to a pipe may still be on its way.
process.exitCode = await runProgram(argv, { stdin, stdout, stderr, env, argv, stopSignal });
