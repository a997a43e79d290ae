import { rmSync } from 'node:fs';
import { EXIT, UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { createShapeTree } from '../event/shape.ts';
import { decompress } from '../parse/decompress.ts';
import { isBad, readRecords } from '../parse/reader.ts';
import type { InputSource } from '../source/inputs.ts';
import { expandInputs } from '../source/inputs.ts';
import { createMemoryStore } from '../store/memory.ts';
import { openSqlite } from '../store/sqlite.ts';
import type { StateStore } from '../store/store.ts';
import { findImbalances, inputRow } from '../translate/account.ts';
import type { Translator } from '../translate/api.ts';
import { createTranslator } from '../translate/translator.ts';
import type { ConvertJob, RunResult } from './job.ts';
import type { Notes } from './notes.ts';
import { createNotes } from './notes.ts';
import type { Outputs } from './outputs.ts';
import { openOutputs, refuseExistingOutputs } from './outputs.ts';

/** Bytes of input after which the state is committed: a place in the input, never a time. */
const COMMIT_EVERY = 64 * 1024 * 1024;

/**
 * Converts 1.0 logs to the stream that 2.0 would have sent: records flow source → parse → translate → sink.
 * Errors: UpcastError with the exit code of the command; the unfinished files stay as `NAME.partial`.
 */
export async function runConvert(job: ConvertJob): Promise<RunResult> {
  const started = performance.now();
  const inputs = await expandInputs(job.inputs);
  refuseExistingOutputs(job);
  const store = openState(job);
  try {
    const translator = createTranslator({ ...job, store, listLeftOut: job.dropped !== undefined });
    const outputs = await openOutputs(
      job,
      inputs.map((input) => input.name),
    );
    try {
      return await convert({ job, inputs, store, translator, outputs, notes: createNotes(job, inputs), started });
    } catch (error) {
      await outputs.abandon();
      throw error;
    }
  } finally {
    store.close();
  }
}

interface Run {
  readonly job: ConvertJob;
  readonly inputs: readonly InputSource[];
  readonly store: StateStore;
  readonly translator: Translator;
  readonly outputs: Outputs;
  readonly notes: Notes;
  readonly started: number;
}

async function convert(run: Run): Promise<RunResult> {
  const { translator, outputs, notes, store } = run;
  for (const [source, input] of run.inputs.entries()) {
    if (!(await convertInput(run, source, input))) break;
  }
  for (const outcome of translator.finish()) take(run, outcome);
  await outputs.flush();
  translator.flush();
  store.commit();
  const imbalances = findImbalances(translator.books);
  const first = store.unfinished(10);
  const files = await outputs.finish();
  return {
    books: translator.books,
    tally: translator.tally,
    mapping: { name: run.job.mapping.name, version: run.job.mapping.version },
    inputs: run.inputs.map((input) => input.name),
    files,
    ...notes.result(),
    span: translator.span(),
    unfinished: { count: translator.unfinished(), first },
    imbalances,
    seconds: (performance.now() - run.started) / 1000,
  };
}

/** Converts one input; false = the limit of records is reached. */
async function convertInput(run: Run, source: number, input: InputSource): Promise<boolean> {
  const { job, notes } = run;
  const shapes = createShapeTree({ duplicates: job.dupKeys === 'last' ? 'last' : 'first' });
  const bytes = decompress(notes.counted(input.open()), { allowTruncated: job.allowTruncated, name: input.name });
  const batches = readRecords(bytes, {
    source,
    maxLine: job.maxLine,
    dupKeys: job.dupKeys,
    ...(job.eventAt === undefined ? {} : { eventAt: job.eventAt }),
    name: input.name,
    rs: job.rs,
    shapes,
    allowTruncated: job.allowTruncated,
  });
  let committed = 0;
  for await (const batch of batches) {
    notes.blanks(batch.blanks);
    for (const item of batch.items) {
      if (job.limit !== undefined && notes.records() >= job.limit) return false;
      feed(run, item);
    }
    await run.outputs.flush();
    if (batch.position - committed >= COMMIT_EVERY) {
      committed = batch.position;
      checkpoint(run);
    }
    notes.progress(run.outputs.written);
  }
  return true;
}

function feed(run: Run, item: RecordView | BadRecord): void {
  const { translator, notes } = run;
  if (isBad(item)) {
    const row = inputRow(translator.books, '');
    row.in += 1;
    row.deadLetters += 1;
    notes.record(item.source, undefined, translator.clock());
    notes.deadLetter(item, item.code, item.message);
    run.outputs.badRecord(item);
    refuseIfStrict(run, item.code, item.message, notes.place(item));
    return;
  }
  const outcomes = translator.push(item);
  notes.record(item.source, translator, translator.clock());
  for (const outcome of outcomes) take(run, outcome);
}

function take(run: Run, outcome: ReturnType<Translator['finish']>[number]): void {
  run.outputs.outcome(outcome);
  if (outcome.account !== 'deadLetters') return;
  const code = outcome.reason ?? 'unknown';
  const message = outcome.message ?? code;
  run.notes.deadLetter(outcome.record, code, message);
  if (code === 'unknown-id' && run.job.mapping.policies.unknownId === 'fail') refuse(code, message, run.notes.place(outcome.record));
  refuseIfStrict(run, code, message, run.notes.place(outcome.record));
}

function refuseIfStrict(run: Run, code: string, message: string, place: string): void {
  if (run.job.strict) refuse(code, message, place);
}

function refuse(code: string, message: string, place: string): never {
  throw new UpcastError({
    code,
    exit: EXIT.damaged,
    message,
    place,
    hint: 'mend the record, or run without --strict to set it aside as a dead letter',
  });
}

function checkpoint(run: Run): void {
  run.translator.flush();
  const clock = run.translator.clock();
  if (Number.isFinite(clock)) run.store.expire(clock);
  run.store.commit();
}

/** A state left by an earlier run is begun anew; whether it is ours is checked before it goes. */
function openState(job: ConvertJob): StateStore {
  if (job.state === undefined) return createMemoryStore();
  const store = openSqlite(job.state);
  if (store.meta('job') !== undefined) {
    store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${job.state}${suffix}`, { force: true });
    return begin(openSqlite(job.state), job);
  }
  return begin(store, job);
}

function begin(store: StateStore, job: ConvertJob): StateStore {
  store.setMeta('job', JSON.stringify({ mapping: job.mapping.hash, inputs: job.inputs, output: job.output }));
  store.commit();
  return store;
}
