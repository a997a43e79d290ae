import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, UpcastError } from '../errors.ts';
import { createRecordReader, heldOf } from '../pipeline/held.ts';
import type { SavedRun } from '../pipeline/saved-run.ts';
import { RUN_KEYS } from '../pipeline/saved-run.ts';
import { flushPath } from '../store/create-file.ts';
import { copySqlite, openSqlite } from '../store/sqlite.ts';
import type { ShimStore } from '../store/store.ts';
import { createTranslator } from '../translate/translator.ts';
import type { CoreOptions } from './core-api.ts';
import type { EngineOptions } from './engine.ts';
import { eventOf, saveEngine } from './engine.ts';
import { createTakers } from './takers.ts';

/** What a hand-over needs to know. */
export interface WarmOptions {
  /** State of a finished conversion, or of one that was kept open. */
  readonly from: string;
  readonly state: string;
  readonly engine: Pick<EngineOptions, 'mapping' | 'profiles' | 'ids' | 'timeZone' | 'dupKeys'>;
  /** Endpoints that get what the conversion had not decided yet. */
  readonly endpoints: CoreOptions['endpoints'];
  readonly now: number;
}

/**
 * Begins a shim's state with the calls of a conversion, so that those in progress at the cut-over are translated right. What the conversion
 * had held back is decided now and goes to the endpoints. A state that is there already is left as it is: the hand-over happens once.
 * Returns false then. Errors (76): `not-finished`.
 */
export function warmUp(options: WarmOptions): boolean {
  const { from, state } = options;
  if (existsSync(state)) return false;
  const partial = `${state}.partial`;
  remove(partial);
  copySqlite(from, partial);
  const store = openSqlite(partial);
  try {
    takeOver(store, options);
    store.commit();
    store.close();
  } catch (error) {
    store.close();
    remove(partial);
    throw error;
  }
  renameSync(partial, state);
  flushPath(dirname(state));
  return true;
}

function remove(database: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${database}${suffix}`, { force: true });
}

function takeOver(store: ShimStore, { from, engine, endpoints, now }: WarmOptions): void {
  const text = store.meta(RUN_KEYS.run);
  const run = text === undefined ? undefined : (JSON.parse(text) as SavedRun);
  if (run === undefined || (run.phase !== 'done' && run.phase !== 'open')) {
    throw new UpcastError({
      code: 'not-finished',
      exit: EXIT.stateMismatch,
      message: 'the conversion has not come to its end',
      place: from,
      hint: 'run the conversion again until it is done, or with --keep-open until it has read all',
    });
  }
  store.verify();
  const { mapping, profiles, ids, timeZone } = engine;
  const translator = createTranslator({ mapping, profiles, ids, timeZone, store, resumable: true });
  translator.restore(run.translator, heldOf(store), createRecordReader(engine));
  for (const body of store.seen()) translator.restoreSeen(body);
  const takers = createTakers(endpoints.map(({ name, types, profile }) => ({ number: store.outbox.endpoint(name), types, profile })));
  for (const output of translator.finish().flatMap(({ outputs }) => outputs)) {
    const taken = takers(output);
    store.outbox.add(eventOf(output, undefined), taken.endpoints, now, taken.forms);
  }
  saveEngine(store, translator);
  for (const key of Object.values(RUN_KEYS)) store.forgetMeta(key);
}
