import { EXIT, UpcastError } from '../errors.ts';
import { homeOf } from '../event/home.ts';
import type { RecordView } from '../event/record.ts';
import type { InputSource } from '../source/inputs.ts';
import { expandInputs } from '../source/inputs.ts';
import { findImbalances, heldOf as heldOfRow } from '../translate/account.ts';
import { createTranslator } from '../translate/translator.ts';
import type { CheckpointParts } from './checkpoint.ts';
import { commitCheckpoint, forgetExpired, makeCheckpoint } from './checkpoint.ts';
import { estimateDisk } from './disk.ts';
import { feed, take } from './feed.ts';
import { createRecordReader, heldOf } from './held.ts';
import type { ConvertJob, RunResult, Shard, WrittenFile } from './job.ts';
import { convertDivided, lanesOf, removeLaneStates } from './lanes/divide.ts';
import type { StartLane } from './lanes/messages.ts';
import { startThread } from './lanes/threads.ts';
import { readMerged } from './merge.ts';
import type { Notes } from './notes.ts';
import { createNotes } from './notes.ts';
import { canResume, openState } from './open-state.ts';
import { isCompressed, openOutputs, writtenFiles } from './outputs.ts';
import type { Reading } from './read-inputs.ts';
import { firstProgress, readInOrder } from './read-inputs.ts';
import type { InputProgress, SavedRun } from './saved-run.ts';
import { meaningOf } from './saved-run.ts';
import type { ShardEnd } from './shards/places.ts';
import { placesHead } from './shards/places.ts';

/**
 * Converts 1.0 logs to the stream that 2.0 would have sent: records flow source → parse → translate → sink. A run that was stopped goes on
 * where its last checkpoint was; a finished one does nothing.
 * Errors: UpcastError with the exit code of the command; the unfinished files stay as `NAME.partial`.
 */
export async function runConvert(job: ConvertJob, startLane: StartLane = startThread): Promise<RunResult> {
  const started = performance.now();
  const inputs = await expandInputs(job.inputs);
  const { store, saved } = openState(job, inputs);
  const disk = saved === undefined ? estimateDisk(job, inputs) : undefined;
  if (disk !== undefined) job.onDisk?.(disk);
  try {
    const lanes = lanesOf(job, inputs, saved);
    const translator = createTranslator({
      ...job,
      order: job.asReceived ? 'arrival' : 'time',
      store,
      resumable: true,
      listLeftOut: job.dropped !== undefined,
      isHome: homeIn(job.shard),
    });
    const notes = createNotes(job, inputs);
    if (saved !== undefined) {
      notes.restore(saved.notes);
      if (saved.lanes === undefined) {
        translator.restore(saved.translator, heldOf(store), createRecordReader(job));
        for (const body of store.seen()) translator.restoreSeen(body);
      }
    }
    if (saved?.lanes === undefined) removeLaneStates(job.state);
    const names = inputs.map((input) => input.name);
    const outputs = await openOutputs(job, names, saved, shardOf(job, names, notes));
    const run: Run = { job, inputs, store, translator, outputs, notes, saved, started, received: saved?.received, lanes, startLane };
    if (saved?.phase === 'done') return resultOf(run, writtenFiles(job, saved.files), 'again');
    try {
      return await convert(run);
    } catch (error) {
      // What stopped the run is to be told, not what came of it.
      await outputs.abandon().catch(() => {});
      throw error;
    }
  } finally {
    store.close();
  }
}

interface Run extends CheckpointParts {
  readonly inputs: readonly InputSource[];
  readonly saved: SavedRun | undefined;
  readonly started: number;
  readonly lanes: number;
  readonly startLane: StartLane;
  /** Contacts whose call has not ended, where the store does not know them. */
  unfinished?: readonly string[];
}

async function convert(run: Run): Promise<RunResult> {
  const { job, inputs, outputs, saved, store, translator } = run;
  let progress: readonly InputProgress[] = saved?.inputs ?? firstProgress(readingOf(run));
  if (saved?.phase !== 'complete') {
    if (run.lanes > 1) progress = await convertByLanes(run);
    else {
      progress = await convertInputs(run, progress);
      if (job.keepOpen) return leaveOpen(run, progress);
      for (const outcome of translator.finish()) take(run, outcome);
      outputs.end(endOf(run));
    }
    await outputs.flush();
    if (canResume(job, inputs)) await makeCheckpoint(run, 'complete', progress);
    else translator.flush();
  }
  const ends = await outputs.sync();
  const files = await outputs.finish();
  if (canResume(job, inputs)) commitCheckpoint(run, { phase: 'done', inputs: progress, files: ends });
  else store.commit();
  if (run.lanes > 1) removeLaneStates(job.state);
  return resultOf(run, files, 'done');
}

async function convertByLanes(run: Run): Promise<readonly InputProgress[]> {
  const { job, lanes: count } = run;
  const resumable = canResume(job, run.inputs);
  const { progress, unfinished } = await convertDivided({ ...run, count, resumable }, () => {
    if (job.signal?.aborted === true) throw stopped(job, resumable);
  });
  run.unfinished = unfinished;
  return progress;
}

/** What belongs to a shard; undefined: all does. */
function homeIn(shard: Shard | undefined): ((record: RecordView) => boolean) | undefined {
  return shard === undefined ? undefined : (record) => homeOf(record, shard.count) === shard.index;
}

function shardOf(job: ConvertJob, inputs: readonly string[], { records }: Notes): Parameters<typeof openOutputs>[3] {
  const { shard, mapping, output, deadLetters, dropped, provenance } = job;
  if (shard === undefined) return undefined;
  const files = { output, deadLetters, dropped, provenance: provenance.kind === 'file' ? provenance.path : undefined };
  const { name, version, hash } = mapping;
  const head = { shard, job: { ...meaningOf(job), provenance: provenance.kind }, mapping: { name, version, hash }, inputs, files };
  return { head: (path) => placesHead(path, head), items: records };
}

function endOf({ translator, store, notes }: Run): ShardEnd {
  translator.flush();
  const { warnings, records, blanks, bytesRead } = notes.result();
  return { translator: translator.save().state, unfinished: store.unfinished(10), warnings, records, blanks, bytesRead };
}

function readingOf({ job, inputs, notes, saved }: Run): Reading {
  return { job, inputs, notes, saved: saved?.inputs };
}

/** Translates the inputs as far as they go or the limit allows; returns how far they were read. */
async function convertInputs(run: Run, from: readonly InputProgress[]): Promise<readonly InputProgress[]> {
  const { job, notes, outputs } = run;
  const resumable = canResume(job, run.inputs);
  let progress = from;
  for await (const portion of job.merge ? readMerged(readingOf(run)) : readInOrder(readingOf(run))) {
    notes.blanks(portion.blanks);
    for (const item of portion.items) {
      if (job.limit !== undefined && notes.records() >= job.limit) return progress;
      feed(run, item);
    }
    await outputs.flush();
    if (portion.progress !== undefined) progress = portion.progress;
    if (portion.atBorder && portion.progress !== undefined) await border(run, progress, resumable);
    // Each run goes some way, however soon it is stopped.
    const isPlace = portion.atBorder || (portion.items.length > 0 && !isCompressed(job));
    const canStop = portion.progress !== undefined && isPlace;
    if (job.signal?.aborted === true && canStop) await stop(run, progress, resumable);
    notes.progress(outputs.written);
  }
  return progress;
}

async function border(run: Run, progress: readonly InputProgress[], resumable: boolean): Promise<void> {
  if (resumable) {
    await makeCheckpoint(run, 'running', progress);
    return;
  }
  // No way back, but memory and the state file stay bounded.
  run.translator.flush();
  run.translator.takeSeen();
  forgetExpired(run.store, run.translator, run.job);
  run.store.commit();
}

/**
 * Ends the run early, behind a checkpoint. In a compressed output one that is not at a border would leave a border of its own.
 */
async function stop(run: Run, progress: readonly InputProgress[], resumable: boolean): Promise<never> {
  const { job } = run;
  if (resumable && !isCompressed(job)) await makeCheckpoint(run, 'running', progress);
  throw stopped(job, resumable);
}

function stopped(job: ConvertJob, resumable: boolean): UpcastError {
  const signal = String(job.signal?.reason);
  return new UpcastError({
    code: 'stopped',
    exit: signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated,
    message: `stopped by ${signal}`,
    hint: resumable ? undefined : 'standard input and output cannot be resumed: begin anew',
  });
}

/** Ends without deciding what still waits. */
async function leaveOpen(run: Run, progress: readonly InputProgress[]): Promise<RunResult> {
  const { job, outputs } = run;
  if (!canResume(job, run.inputs)) {
    throw new UpcastError({ code: 'usage', exit: EXIT.usage, message: 'keep-open needs input and output files', hint: 'name files' });
  }
  if (!isCompressed(job)) await makeCheckpoint(run, 'open', progress);
  await outputs.abandon();
  return resultOf(run, [], 'open');
}

function resultOf(run: Run, files: readonly WrittenFile[], ending: RunResult['ending']): RunResult {
  const { job, translator, store, notes, inputs, started } = run;
  const { books } = translator;
  const held = [...books.input.values()].reduce((sum, row) => sum + heldOfRow(row), 0);
  // An open run holds what it has not decided: counted one by one.
  const isHeld = ending === 'open' && held === [...translator.save().slots].length;
  return {
    books,
    tally: translator.tally,
    survey: translator.survey(),
    mapping: { name: job.mapping.name, version: job.mapping.version, hash: job.mapping.hash },
    inputs: inputs.map((input) => input.name),
    files,
    ...notes.result(),
    span: translator.span(),
    unfinished: { count: translator.unfinished(), first: run.unfinished ?? store.unfinished(10) },
    imbalances: isHeld ? [] : findImbalances(books),
    seconds: (performance.now() - started) / 1000,
    ending,
  };
}
