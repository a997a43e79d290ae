import type { StateStore } from '../store/store.ts';
import type { Translator } from '../translate/api.ts';
import type { TranslatorState } from '../translate/snapshot.ts';
import { saveHeld } from './held.ts';
import type { ConvertJob } from './job.ts';
import type { Notes } from './notes.ts';
import type { Outputs } from './outputs.ts';
import type { InputProgress, SavedFiles, SavedRun } from './saved-run.ts';
import { saveRun } from './saved-run.ts';

/** What a checkpoint is made of. */
export interface CheckpointParts {
  readonly job: ConvertJob;
  readonly store: StateStore;
  readonly translator: Translator;
  readonly outputs: Outputs;
  readonly notes: Notes;
  readonly received: number | undefined;
}

/**
 * Makes all that was done so far durable. The order is the guarantee: first every output byte is on disk, then one transaction says how
 * far the outputs are and holds all that is needed to go on from there. It is prepared while the disk is busy, and committed after.
 */
export async function makeCheckpoint(
  parts: CheckpointParts,
  phase: SavedRun['phase'],
  inputs: readonly InputProgress[],
): Promise<SavedFiles> {
  parts.outputs.mark(parts.translator.frontier());
  let progress: TranslatorState | undefined;
  const files = await parts.outputs.sync(() => {
    progress = prepareCheckpoint(parts);
  });
  if (progress === undefined) throw new Error('a checkpoint was not prepared');
  finishCheckpoint(parts, { phase, inputs, files, translator: progress });
  return files;
}

/** Commits how far a run is whose outputs are durable. */
export function commitCheckpoint(parts: CheckpointParts, run: Omit<SavedRun, 'translator' | 'notes' | 'received'>): void {
  finishCheckpoint(parts, { ...run, translator: prepareCheckpoint(parts) });
}

/** Saves all but how far the outputs are. */
export function prepareCheckpoint({
  job,
  store,
  translator,
}: Pick<CheckpointParts, 'store' | 'translator'> & { readonly job: Pick<ConvertJob, 'lateness'> }): TranslatorState {
  translator.flush();
  const seen = translator.takeSeen();
  if (seen !== undefined) store.addSeen(seen.body, seen.expires);
  const { state, slots } = translator.save();
  saveHeld(store, slots);
  forgetExpired(store, translator, job);
  return state;
}

function finishCheckpoint({ store, notes, received }: CheckpointParts, run: Omit<SavedRun, 'notes' | 'received'>): void {
  saveRun(store, { ...run, notes: notes.save(), received });
  store.commit();
}

/** Frees the room of calls that have expired. An event that still waits for earlier ones may belong to one that expired meanwhile. */
export function forgetExpired(store: StateStore, translator: Translator, { lateness }: Pick<ConvertJob, 'lateness'>): void {
  const clock = translator.clock();
  if (Number.isFinite(clock)) store.expire(clock - lateness);
}
