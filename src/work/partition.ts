import { existsSync } from 'node:fs';
import { EXIT, UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { agentToken, contactToken, NO_TOKEN } from '../event/token.ts';
import type { Snapshots } from '../jetstream/snapshots.ts';
import { isBad } from '../parse/options.ts';
import { prepareCheckpoint } from '../pipeline/checkpoint.ts';
import { createRecordReader, heldOf } from '../pipeline/held.ts';
import type { BatchMessage, BatchSink } from '../sink/batch.ts';
import { lost } from '../sink/batch.ts';
import { badRecordLine, deadLetterLine } from '../sink/side-lines.ts';
import type { Cursor, PartitionSource, Stretch } from '../source/partition.ts';
import { imageOfSqlite, openSqlite, openSqliteAnew, placeSqlite } from '../store/sqlite.ts';
import type { StateStore } from '../store/store.ts';
import { inputRow } from '../translate/account.ts';
import type { Translator } from '../translate/api.ts';
import type { Outcome, Output } from '../translate/outcome.ts';
import { eventId } from '../translate/outcome.ts';
import type { TranslatorState } from '../translate/snapshot.ts';
import { createTranslator } from '../translate/translator.ts';
import type { PartitionProgress, WorkJob } from './job.ts';
import { createRecordMaker, FOREIGN } from './records.ts';

/** What a partition is worked on with. */
export interface PartitionParts {
  readonly partition: number;
  readonly job: WorkJob;
  readonly source: PartitionSource;
  readonly sink: BatchSink;
  readonly handover: Snapshots;
  /** State file of this partition on this machine. */
  readonly state: string;
  /** False once another worker may work on it: nothing is put out or saved from then on. */
  readonly isHeld: () => boolean;
  readonly onProgress?: (progress: PartitionProgress) => void;
}

/** What a state says of its partition. */
interface Saved {
  readonly format: number;
  /** What the outputs depend on. */
  readonly job: string;
  readonly cursor: Cursor;
  /** Number of the last output, in the stream of outputs. */
  readonly put: number;
  readonly events: number;
  readonly outputs: number;
  readonly deadLetters: number;
  readonly translator: TranslatorState;
}

const KEY = 'partition';
const FORMAT = 1;
/** From one transaction to the next at most, while events come; milliseconds. */
const PATIENCE = 1_000;
/** Messages of other partitions weigh less: only that they were seen is lost. */
const FOREIGN_A_BATCH = 8;

/**
 * Works on one partition until `signal` says to stop or another worker takes it over (`lost`). Each batch: what it makes is put out, then
 * one transaction says how far the partition is and holds its calls, then its messages are acknowledged. Whatever stops this, what was put
 * out and not committed is made again, with the same ids.
 */
export async function workOnPartition(parts: PartitionParts, signal: AbortSignal): Promise<void> {
  const { source, sink, partition } = parts;
  const { store, saved } = await openState(parts);
  try {
    const worker = createWorker(parts, store, saved);
    await sink.recall(saved?.put ?? 0);
    const stop = (): void => void source.close();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const stretch of source.read(saved?.cursor ?? { position: 0, mark: 0 })) await worker.take(stretch);
      if (signal.aborted && parts.isHeld()) await worker.leave();
    } finally {
      signal.removeEventListener('abort', stop);
      await source.close();
    }
  } catch (error) {
    if (error instanceof UpcastError && error.place === undefined) {
      const { code, exit, message, hint } = error;
      throw new UpcastError({ code, exit, message, hint, place: `partition ${partition}`, cause: error });
    }
    throw error;
  } finally {
    store.close();
  }
}

/**
 * The state on this machine, or where the last snapshot is further, that. A state is right whoever made it: it follows from the stream up
 * to its place, and from nothing else.
 */
async function openState({
  state,
  handover,
  job,
}: PartitionParts): Promise<{ readonly store: StateStore; readonly saved: Saved | undefined }> {
  const there = await handover.cursor();
  const here = existsSync(state) ? cursorIn(state, job) : undefined;
  if (there !== undefined && (here === undefined || there.position > here.position || there.mark > here.mark)) {
    const snapshot = await handover.load();
    if (snapshot !== undefined) placeSqlite(state, snapshot.image);
  } else if (here === undefined) openSqliteAnew(state).close();
  const store = openSqlite(state);
  const saved = savedIn(store);
  if (saved !== undefined && saved.job !== meaningOf(job)) {
    store.close();
    throw otherJob(state);
  }
  return { store, saved };
}

function cursorIn(path: string, job: WorkJob): Cursor | undefined {
  let store: StateStore;
  try {
    store = openSqlite(path);
  } catch (error) {
    // Damaged, or of another version: the snapshot, or the stream from its beginning, takes its place.
    if (error instanceof UpcastError && error.exit === EXIT.stateMismatch) return undefined;
    throw error;
  }
  try {
    const saved = savedIn(store);
    if (saved === undefined) return undefined;
    // Not thrown away: whoever gave the wrong mapping would find out by its outputs.
    if (saved.job !== meaningOf(job)) throw otherJob(path);
    return isWhole(store) ? saved.cursor : undefined;
  } finally {
    store.close();
  }
}

function isWhole(store: StateStore): boolean {
  try {
    store.verify();
    return true;
  } catch (error) {
    if (error instanceof UpcastError && error.exit === EXIT.stateMismatch) return false;
    throw error;
  }
}

function otherJob(place: string): UpcastError {
  return new UpcastError({
    code: 'state-other-job',
    exit: EXIT.stateMismatch,
    message: 'the state of the partition was made with another mapping, other ids or other waits',
    place,
    hint: 'all workers of a stream are given the same; to change them in the middle of a stream, set up streams of other names',
  });
}

function savedIn(store: StateStore): Saved | undefined {
  const text = store.meta(KEY);
  const saved = text === undefined ? undefined : (JSON.parse(text) as Saved);
  return saved?.format === FORMAT ? saved : undefined;
}

/** What the outputs of a partition depend on besides its messages. */
function meaningOf(job: WorkJob): string {
  const { mapping, ids, timeZone, lateness, hold, idle, retention, maxJump, maxLine, dupKeys } = job;
  return JSON.stringify([mapping.hash, ids.fingerprint, timeZone, lateness, hold, idle, retention, maxJump, maxLine, dupKeys]);
}

function createWorker(parts: PartitionParts, store: StateStore, saved: Saved | undefined) {
  const { job, sink, source, handover, isHeld, partition } = parts;
  const context = { inputs: [job.input, job.input], mapping: `${job.mapping.name}@${job.mapping.version}` };
  const translator: Translator = createTranslator({
    ...job,
    order: 'time',
    store,
    resumable: true,
    isHome: (record) => record.source !== FOREIGN,
  });
  if (saved !== undefined) {
    translator.restore(saved.translator, heldOf(store), createRecordReader(job));
    for (const body of store.seen()) translator.restoreSeen(body);
  }
  const maker = createRecordMaker(job);
  let { cursor, put, events, outputs, deadLetters } = saved ?? {
    cursor: { position: 0, mark: 0 },
    put: 0,
    events: 0,
    outputs: 0,
    deadLetters: 0,
  };
  let messages: BatchMessage[] = [];
  /** Messages since the last transaction: of this partition, and all. */
  let own = 0;
  let taken = 0;
  let committed = performance.now();
  let snapshotAt = committed;
  let snapshotCursor = saved?.cursor.position ?? 0;

  const deadLetter = (line: string, { line: position }: Pick<RecordView, 'line'>): void => {
    deadLetters += 1;
    const id = `dead-${partition}-${position}`;
    messages.push({ id, kind: 'dead-letter', token: NO_TOKEN, keys: [], body: Buffer.from(line.trimEnd()), headers: {} });
  };

  const bad = (record: BadRecord): void => {
    const row = inputRow(translator.books, '');
    row.in += 1;
    row.deadLetters += 1;
    deadLetter(badRecordLine(context, record), record);
  };

  const take = (outcome: Outcome): void => {
    for (const output of outcome.outputs) {
      messages.push(messageOf(output));
      output.label.row.out += 1;
      output.chunk.live -= 1;
    }
    if (outcome.account === 'deadLetters') deadLetter(deadLetterLine(context, outcome), outcome.record);
    releaseRecord(outcome.record);
  };

  const commit = async (): Promise<void> => {
    if (!isHeld()) throw lost();
    outputs += messages.length;
    if (messages.length > 0) put = Math.max(put, await sink.put(messages, isHeld));
    messages = [];
    const progress: Saved = {
      ...{ format: FORMAT, job: meaningOf(job), cursor, put, events, outputs, deadLetters },
      translator: prepareCheckpoint({ job, store, translator }),
    };
    store.setMeta(KEY, JSON.stringify(progress));
    if (!isHeld()) throw lost();
    store.commit();
    await source.acknowledge(cursor.position);
    own = 0;
    taken = 0;
    committed = performance.now();
    parts.onProgress?.({ partition, position: cursor.position, events, outputs, deadLetters, books: translator.books });
  };

  const snapshot = async (): Promise<void> => {
    if (!isHeld()) throw lost();
    await handover.save({ cursor, image: imageOfSqlite(store) });
    snapshotAt = performance.now();
    snapshotCursor = cursor.position;
  };

  return {
    async take({ arrivals, cursor: next, rest }: Stretch) {
      for (const item of maker.records(arrivals)) {
        if (isBad(item)) {
          events += 1;
          own += 1;
          bad(item);
          continue;
        }
        if (item.source !== FOREIGN) {
          events += 1;
          own += 1;
        }
        for (const outcome of translator.push(item)) take(outcome);
      }
      if (rest) for (const outcome of translator.finish()) take(outcome);
      cursor = next;
      taken += arrivals.length;
      if (taken === 0 && !rest) return;
      const isFull = own >= job.batch / 2 || taken >= job.batch * FOREIGN_A_BATCH;
      const isQuiet = arrivals.length === 0;
      if (!isFull && !isQuiet && !rest && performance.now() - committed < PATIENCE) return;
      await commit();
      if (rest || performance.now() - snapshotAt >= job.snapshotEvery) await snapshot();
    },
    /** What was done so far is handed over. */
    async leave() {
      await commit();
      if (snapshotCursor !== cursor.position) await snapshot();
    },
  };
}

function messageOf(output: Output): BatchMessage {
  const { contact, agent, kind, rule, source } = output;
  const keys = [...(contact === undefined ? [] : [`c${contact}`]), ...(agent === undefined ? [] : [`a${agent}`])];
  return {
    id: eventId(output),
    kind: 'event',
    token: contact === undefined ? (agent === undefined ? NO_TOKEN : agentToken(agent)) : contactToken(contact),
    keys,
    // The line feed is the file's, not the event's; and the bytes are used again. A Buffer: small ones share their memory.
    body: Buffer.from(output.bytes.subarray(output.start, output.end - 1)),
    headers: { 'Upcast-Kind': kind, 'Upcast-Rule': rule, 'Upcast-Source': String(source.line), 'Upcast-Waited': String(output.waited) },
  };
}
