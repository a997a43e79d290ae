import { existsSync } from 'node:fs';
import type { SavedFile } from '../sink/file.ts';
import { createNamedSink, openFileSink } from '../sink/file.ts';
import type { Sink } from '../sink/sink.ts';
import type { ReplayStore } from '../store/store.ts';
import type { ReplayJob } from './job.ts';
import type { ReplayResult } from './result.ts';
import type { ReplayFile, SavedReplay } from './saved-replay.ts';

/**
 * The files of a replay. A line goes into the state with the commit that says what it tells of, and from there to its file: so a file never
 * tells of what a crash undid, and nothing is told twice.
 */
export interface ReplayFiles {
  /** Belongs to the next commit; nothing if there is no such file. */
  add(file: ReplayFile, line: string | Uint8Array): void;
  /** Lines that no file holds yet. */
  readonly waiting: number;
  /** Brings lines to their files, durably. What it returns is to be saved with the next commit, `forget` in the same. */
  move(): Promise<SavedReplay['files']>;
  /** The moved lines are no longer needed in the state; belongs to the next commit. */
  forget(): void;
  /** Where the files end. */
  readonly ends: SavedReplay['files'];
  /** What was written, when it is finished. */
  readonly written: ReplayResult['files'];
  /** Gives the files their names. */
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

const MOST_LINES = 100_000;
const KINDS: Readonly<Record<ReplayFile, string>> = { events: '2.0 events', receipts: 'receipts', deadLetters: 'dead letters' };

/** Opens the files of a replay, or goes on with those of an earlier run. Errors: see `openFileSink`. */
export function openReplayFiles(job: ReplayJob, store: ReplayStore, saved: SavedReplay | undefined): ReplayFiles {
  const paths: { readonly [file in ReplayFile]: string | undefined } = {
    events: job.target.kind === 'file' ? job.target.path : undefined,
    receipts: job.receipts,
    deadLetters: job.deadLetters,
  };
  const sinks = new Map<ReplayFile, Sink>();
  for (const [file, path] of Object.entries(paths) as [ReplayFile, string | undefined][])
    if (path !== undefined) sinks.set(file, openSink(path, job.force, saved, saved?.files[file]));
  let ends: SavedReplay['files'] = saved?.files ?? {};
  let waiting = store.ledger.lines(MOST_LINES).length;
  let moved = 0;
  const written: { kind: string; path: string; lines: number }[] = [];
  const syncAll = async (): Promise<void> => {
    const synced: { [file in ReplayFile]?: SavedFile } = {};
    for (const [file, sink] of sinks) synced[file] = { ...(await sink.sync()), plain: sink.bytes };
    ends = synced;
  };
  return {
    add(file, line) {
      if (!sinks.has(file)) return;
      store.ledger.add(file, typeof line === 'string' ? Buffer.from(line) : line);
      waiting += 1;
    },
    get waiting() {
      return waiting;
    },
    async move() {
      const lines = store.ledger.lines(MOST_LINES);
      for (const { file, line } of lines) sinks.get(file as ReplayFile)?.line(line, 0, line.length);
      for (const sink of sinks.values()) sink.flush();
      await syncAll();
      moved = lines.at(-1)?.id ?? 0;
      waiting -= lines.length;
      return ends;
    },
    forget() {
      store.ledger.forget(moved);
    },
    get ends() {
      return ends;
    },
    get written() {
      return written;
    },
    async finish() {
      for (const [file, sink] of sinks) {
        // Nothing died: no file of dead letters.
        if (file === 'deadLetters' && sink.lines === 0) await sink.remove();
        else {
          await sink.finish();
          written.push({ kind: KINDS[file], path: sink.path, lines: sink.lines });
        }
      }
    },
    async abandon() {
      for (const sink of sinks.values()) await sink.abandon();
    },
  };
}

/** A file that is written from its beginning, from a checkpoint on, or not at all any more since it has its name already. */
function openSink(path: string, force: boolean, saved: SavedReplay | undefined, resume: SavedFile | undefined): Sink {
  if (saved === undefined || resume === undefined) return openFileSink(path, { force });
  if (saved.phase === 'complete' && !existsSync(`${path}.partial`)) return createNamedSink(path, resume);
  return openFileSink(path, { force, resume });
}
