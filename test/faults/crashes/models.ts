import type { Random } from '../../../bench/generate/random.ts';
import type { Disk } from './disk.ts';
import { applyChanges } from './disk.ts';
import type { Change, FileId } from './log.ts';
import { FOLDER } from './log.ts';

/**
 * What a crash leaves of what was not flushed.
 * - `all`: everything; the process was killed, the machine went on.
 * - `ext4`: of a file's data what was there at its last flush; names and sizes in order up to the last flush of anything.
 * - `posix`: the same of data; of names only what was there at the last flush of the folder, of sizes at the last flush of the file.
 * - `some`: besides what is durable, any part of the rest; of names and sizes a first part in order (ext4) or any (posix).
 * - `torn`: the same, and of each write that reached the disk any of its sectors.
 */
export const MODELS = ['all', 'ext4', 'posix', 'ext4 some', 'posix some', 'ext4 torn', 'posix torn'] as const;
export type Model = (typeof MODELS)[number];

const SECTOR = 512;

/** A disk and what then happened to it. */
export interface History {
  readonly base: Disk;
  readonly changes: readonly Change[];
}

/** What is on the disk after a crash right after the first `prefix` changes. */
export function crash({ base, changes }: History, prefix: number, model: Model, random: Random): Disk {
  const done = changes.slice(0, prefix);
  if (model === 'all') return applyChanges(base, done);
  const isDurable = durability(done, model.startsWith('posix'));
  if (model === 'ext4' || model === 'posix') return applyChanges(base, done.filter(isDurable));
  const isLucky = luck(done, model.startsWith('posix'), random);
  const survivors: Change[] = [];
  for (const [index, change] of done.entries()) {
    if (isDurable(change, index)) survivors.push(change);
    else if (isLucky(change, index)) survivors.push(...(model.endsWith('torn') ? torn(change, random) : [change]));
  }
  return applyChanges(base, survivors);
}

type Test = (change: Change, index: number) => boolean;

/** Tells what was flushed before the crash. */
function durability(done: readonly Change[], isPosix: boolean): Test {
  const flushed = new Map<FileId, number>();
  for (const [index, change] of done.entries()) if (change.kind === 'sync') flushed.set(change.file, index);
  const last = Math.max(-1, ...flushed.values());
  const before = (file: FileId): number => flushed.get(file) ?? -1;
  return (change, index) => {
    if (change.kind === 'data') return index < before(change.file);
    if (change.kind === 'names') return index < (isPosix ? before(FOLDER) : last);
    return change.kind === 'size' && index < (isPosix ? before(change.file) : last);
  };
}

/** Tells what reached the disk by itself. */
function luck(done: readonly Change[], isPosix: boolean, random: Random): Test {
  const share = random.pick([0.1, 0.5, 0.9]);
  const end = random.int(0, done.length);
  return (change, index) => (change.kind === 'data' || isPosix ? random.chance(share) : index < end);
}

/** The sectors of a write that reached the disk; it is cut where the disk's sectors are, not where the write begins. */
function torn(change: Change, random: Random): Change[] {
  if (change.kind !== 'data') return [change];
  const { file, offset, bytes } = change;
  const share = random.pick([0.2, 0.8, 1]);
  const pieces: Change[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + SECTOR - ((offset + at) % SECTOR));
    if (random.chance(share)) pieces.push({ kind: 'data', file, offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return pieces;
}
