import type { ReplayStore } from '../store/store.ts';
import type { ReplayFiles } from './files.ts';
import type { SavedReplay } from './saved-replay.ts';
import { saveReplay } from './saved-replay.ts';

/** Keeps how far a replay is. */
export interface Committer {
  /** What belongs to the next commit. If it fails nothing is committed any more, and the replay ends. */
  change(work: () => void): void;
  /** Resolves when all that has happened so far is on disk, or when that has failed. */
  kept(): Promise<void>;
  /** Brings lines to their files and keeps how far these are. */
  moveLines(): Promise<void>;
  /** Keeps that the replay is at its end, gives the files their names, and keeps that, too. */
  finish(): Promise<void>;
}

/** What a committer keeps. */
export interface Kept {
  readonly store: ReplayStore;
  readonly files: ReplayFiles;
  readonly saved: () => Omit<SavedReplay, 'phase' | 'files'>;
  readonly failed: (error: unknown) => void;
  /** Requests at once: one whose end is not kept still counts as under way. */
  readonly concurrency: number;
}

/** Requests that end within so many milliseconds share a commit: while it flushes to disk nothing else happens, and events come late. */
const TOGETHER = 20;
/** But no more than this part of all that may be under way. */
const SHARE = 8;

/** A committer over an open state. */
export function createCommitter({ store, files, saved, failed, concurrency }: Kept): Committer {
  /** Those that wait for the next commit. */
  let group: { readonly kept: Promise<void>; readonly resolve: () => void; size: number } | undefined;
  let isBroken = false;
  const change = (work: () => void): void => {
    // Half of a change must not be committed with what comes after it.
    if (isBroken) return;
    try {
      work();
    } catch (error) {
      isBroken = true;
      failed(error);
    }
  };
  const commit = (phase: SavedReplay['phase']): void => {
    saveReplay(store, { ...saved(), phase, files: files.ends });
    store.commit();
  };
  const open = (): NonNullable<typeof group> => {
    let resolve = (): void => {};
    const kept = new Promise<void>((done) => {
      resolve = done;
    });
    const own = { kept, resolve, size: 0 };
    group = own;
    setTimeout(() => flush(own), TOGETHER);
    return own;
  };
  const flush = (own: NonNullable<typeof group>): void => {
    // It may have been full before its time came.
    if (group !== own) return;
    group = undefined;
    change(() => commit('running'));
    own.resolve();
  };
  const moveLines = async (): Promise<void> => {
    if (isBroken) return;
    try {
      await files.move();
    } catch (error) {
      // Some lines may stand in their files, some not: moved again, they would stand there twice. A new run cuts the files to the last commit.
      isBroken = true;
      throw error;
    }
    change(() => {
      files.forget();
      commit('running');
    });
  };
  return {
    change,
    kept() {
      const own = group ?? open();
      own.size += 1;
      // What waits for it holds up others.
      if (own.size === Math.ceil(concurrency / SHARE)) setImmediate(() => flush(own));
      return own.kept;
    },
    moveLines,
    async finish() {
      while (files.waiting > 0 && !isBroken) await moveLines();
      if (isBroken) return;
      await files.move();
      change(() => commit('complete'));
      if (isBroken) return;
      await files.finish();
      change(() => commit('done'));
    },
  };
}
