import { existsSync } from 'node:fs';
import { isOfShim, otherKind } from '../pipeline/saved-run.ts';
import { refuseExisting } from '../sink/file.ts';
import type { InputSource } from '../source/inputs.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createMemoryLedger } from '../store/memory-ledger.ts';
import { openSqlite, openSqliteAnew } from '../store/sqlite.ts';
import type { ReplayStore, Store } from '../store/store.ts';
import type { ReplayJob } from './job.ts';
import type { SavedReplay } from './saved-replay.ts';
import { loadReplay, saveReplayJob } from './saved-replay.ts';

/** The state of a replay, and where an earlier run of it stopped. */
export interface OpenReplay {
  readonly store: ReplayStore;
  readonly saved: SavedReplay | undefined;
}

/** True if the same command can go on when this run is stopped. */
export function canGoOn(job: ReplayJob, inputs: readonly InputSource[]): boolean {
  return job.state !== undefined && job.target.kind !== 'stdout' && inputs.every(({ size }) => size !== undefined);
}

/** Opens the state; one of the same job is gone on with. Errors: see `openSqlite`, `loadReplay`, `refuseExisting`. */
export function openReplayState(job: ReplayJob, inputs: readonly InputSource[]): OpenReplay {
  if (job.state === undefined || !canGoOn(job, inputs)) {
    refuseExistingFiles(job);
    return { store: { ...createMemoryStore(), ledger: createMemoryLedger() }, saved: undefined };
  }
  const isThere = existsSync(job.state);
  if (!isThere) refuseExistingFiles(job);
  const store = openSqlite(job.state);
  try {
    refuseShim(store);
    if (job.restart) {
      refuseExistingFiles(job);
      return { store: begun(openSqliteAnew(job.state, store), job, inputs), saved: undefined };
    }
    const saved = loadReplay(store, job, inputs);
    if (saved !== undefined) return { store, saved };
    refuseExistingFiles(job);
    return { store: begun(store, job, inputs), saved: undefined };
  } catch (error) {
    store.close();
    throw error;
  }
}

function begun(store: Store, job: ReplayJob, inputs: readonly InputSource[]): Store {
  saveReplayJob(store, job, inputs);
  store.commit();
  return store;
}

/** Nothing that is there is written over, before anything is sent. */
function refuseExistingFiles({ target, receipts, deadLetters, force }: ReplayJob): void {
  for (const path of [target.kind === 'file' ? target.path : undefined, receipts, deadLetters])
    if (path !== undefined) refuseExisting(path, { force });
}

function refuseShim(store: Store): void {
  if (isOfShim(store))
    throw otherKind(store.path, 'a live shim, with events that may not be delivered yet', 'name another file with --state');
}
