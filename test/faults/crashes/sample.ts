import type { Random } from '../../../bench/generate/random.ts';
import type { Disk } from './disk.ts';
import { hashDisk } from './disk.ts';
import type { Change } from './log.ts';
import type { History, Model } from './models.ts';
import { crash } from './models.ts';

/** One state that a crash may leave. */
export interface CrashState {
  readonly disk: Disk;
  /** Where in the run the crash was, and the model. */
  readonly what: string;
}

/** Tries for one state that was not seen before; a short history has few states. */
const TRIES = 20;

/** How states are sampled. */
export interface Sampling {
  readonly models: readonly Model[];
  readonly random: Random;
  readonly count: number;
  /** Hashes of states that are not wanted again. */
  readonly seen: Set<string>;
}

/** Up to `count` states that are not in `seen` yet, from all of the history; they are added to it. */
export function* sampleStates(history: History, { models, random, count, seen }: Sampling): Generator<CrashState> {
  const { changes } = history;
  const anywhere = Array.from({ length: changes.length + 1 }, (_, index) => index);
  // Most of a log are writes; what decides are the few flushes, and the still fewer changes of names.
  const flushes = aroundThose(changes, ({ kind }) => kind === 'sync' || kind === 'size');
  const names = aroundThose(changes, ({ kind }) => kind === 'names');
  for (let found = 0, tries = 0; found < count && tries < count * TRIES; tries++) {
    const prefix = random.pick(random.pick([anywhere, anywhere, flushes, names]));
    const model = random.pick(models);
    const disk = crash(history, prefix, model, random);
    const hash = hashDisk(disk);
    if (seen.has(hash)) continue;
    seen.add(hash);
    found += 1;
    yield { disk, what: `${place(changes, prefix)}, ${model}` };
  }
}

/** The prefixes that end right before or right after such a change. */
function aroundThose(changes: readonly Change[], test: (change: Change) => boolean): number[] {
  const borders = changes.flatMap((change, index) => (test(change) ? [index, index + 1] : []));
  return [...new Set([...borders, changes.length])];
}

/** A place in a history as text: `after 17 of 122 changes, the last: sync 3`. */
function place(changes: readonly Change[], prefix: number): string {
  const last = changes[prefix - 1];
  return `after ${prefix} of ${changes.length} changes${last === undefined ? '' : `, the last: ${describeChange(last)}`}`;
}

function describeChange(change: Change): string {
  switch (change.kind) {
    case 'names':
      return change.what;
    case 'data':
      return `write of ${change.bytes.length} bytes at ${change.offset} to file ${change.file}`;
    case 'size':
      return `file ${change.file} set to ${change.length} bytes`;
    case 'sync':
      return change.file === 0 ? 'sync of the folder' : `sync of file ${change.file}`;
  }
}
