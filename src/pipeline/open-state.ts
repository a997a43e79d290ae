import { existsSync } from 'node:fs';
import { UpcastError } from '../errors.ts';
import type { InputSource } from '../source/inputs.ts';
import { createMemoryStore } from '../store/memory.ts';
import { openSqlite, openSqliteAnew } from '../store/sqlite.ts';
import type { ShimStore, StateStore } from '../store/store.ts';
import type { ConvertJob } from './job.ts';
import { refuseExistingOutputs } from './outputs.ts';
import type { SavedRun } from './saved-run.ts';
import { isOfShim, isUntouched, loadRun, otherKind, saveJob } from './saved-run.ts';

/** The state of a job, and where an earlier run of it stopped. */
export interface OpenState {
  readonly store: StateStore;
  readonly saved: SavedRun | undefined;
}

/**
 * Opens the state. One of the same job is gone on with; one without a checkpoint, or any with `--restart`, is begun anew. Nothing is
 * touched before it is clear that the run may begin. Errors: see `openSqlite`, `loadRun`, `refuseExistingOutputs`.
 */
export function openState(job: ConvertJob, inputs: readonly InputSource[]): OpenState {
  if (job.state === undefined) {
    refuseExistingOutputs(job);
    return { store: createMemoryStore(), saved: undefined };
  }
  const isAnew = job.restart || !canResume(job, inputs);
  if (isAnew || !existsSync(job.state)) refuseExistingOutputs(job);
  if (isAnew) return begin(openSqliteAnew(job.state, ifNoShim(job.state)), job);
  const store = openSqlite(job.state);
  try {
    refuseShim(store);
    // Also where there was none a moment ago: another run of this job may have made it, and be done.
    const saved = loadRun(store, job, inputs);
    if (saved !== undefined && !(saved.phase === 'done' && job.force)) return { store, saved };
    refuseExistingOutputs(job);
  } catch (error) {
    store.close();
    throw error;
  }
  return begin(isUntouched(store) ? store : openSqliteAnew(job.state, store), job);
}

/** A state that is to be begun anew, open; undefined where it is not there, or cannot be opened and so holds nothing that could be told. */
function ifNoShim(path: string): StateStore | undefined {
  if (!existsSync(path)) return undefined;
  let store: ShimStore;
  try {
    store = openSqlite(path);
  } catch (error) {
    if (error instanceof UpcastError && error.code === 'state-busy') throw error;
    // `openSqliteAnew` tells what is wrong, or mends it.
    return undefined;
  }
  try {
    refuseShim(store);
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

function refuseShim(store: ShimStore): void {
  if (isOfShim(store))
    throw otherKind(store.path, 'a live shim, with events that may not be delivered yet', 'name another file with --state');
}

/** Standard input, standard output and pipes are gone when the process is. */
export function canResume(job: ConvertJob, inputs: readonly InputSource[]): boolean {
  return job.state !== undefined && job.output !== '-' && inputs.every((input) => input.size !== undefined);
}

function begin(store: StateStore, job: ConvertJob): OpenState {
  try {
    saveJob(store, job);
  } catch (error) {
    store.close();
    throw error;
  }
  return { store, saved: undefined };
}
