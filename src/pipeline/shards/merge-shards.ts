import { dirname, resolve } from 'node:path';
import { EXIT, UpcastError } from '../../errors.ts';
import { expandInputs } from '../../source/inputs.ts';
import { createBooks, findImbalances } from '../../translate/account.ts';
import type { TranslatorState } from '../../translate/snapshot.ts';
import { surveyOf } from '../../translate/survey.ts';
import { createTally } from '../../translate/tally.ts';
import { freeBytes } from '../disk.ts';
import type { ConvertJob, Progress, RunResult, WrittenFile } from '../job.ts';
import { createMerger } from '../lanes/merger.ts';
import { sumOf } from '../lanes/sum.ts';
import type { Notes } from '../notes.ts';
import { createNotes } from '../notes.ts';
import type { OutputsJob } from '../outputs.ts';
import { openOutputs, refuseExistingOutputs } from '../outputs.ts';
import type { PlacesHead, ShardFile } from './places.ts';
import type { ShardReader } from './read-shard.ts';
import { openShard } from './read-shard.ts';

/** Shards to put together, and where what they make up goes. */
export interface MergeJob extends Pick<ConvertJob, 'output' | 'deadLetters' | 'keepEmpty' | 'force'> {
  /** Their outputs, or the files beside them; in any order. */
  readonly shards: readonly string[];
  /** Undefined: there is none in the shards, or it is left out. */
  readonly dropped: string | undefined;
  readonly provenance: string | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/**
 * Puts shards together, in the order of the input: the files are those of one run over all contacts, byte for byte. Nothing of the shards
 * is changed. Errors: `no-shard` (66), `shard-damaged` (65), `shards-differ` (76), `shards-missing` (2), `shard-files` (2), those of writing.
 */
export async function mergeShards(job: MergeJob): Promise<RunResult> {
  const started = performance.now();
  const shards: ShardReader[] = [];
  try {
    for (const { name } of await expandInputs(job.shards)) shards.push(await openShard(name));
    shards.sort((a, b) => a.head.shard.index - b.head.shard.index);
    const [first] = shards as [ShardReader, ...ShardReader[]];
    refuseOthers(shards, first);
    refuseMissing(shards, first);
    refuseUnwritten(job, first.head);
    // What the shards did not keep cannot be put together.
    const kept = (kind: ShardFile, path: string | undefined) => (first.head.files[kind] === undefined ? undefined : path);
    const provenance = kept('provenance', job.provenance);
    const outputsJob: OutputsJob = {
      ...{ output: job.output, keepEmpty: job.keepEmpty, force: job.force, mapping: first.head.mapping },
      deadLetters: kept('deadLetters', job.deadLetters),
      dropped: kept('dropped', job.dropped),
      provenance: provenance === undefined ? { kind: 'none' } : { kind: 'file', path: provenance },
    };
    refuseExistingOutputs(outputsJob);
    const outputs = await openOutputs(outputsJob, first.head.inputs, undefined);
    const notes = createNotes(
      { onProgress: undefined, output: job.output },
      first.head.inputs.map((name) => ({ name, size: undefined })),
    );
    const files = await written(shards, outputs, notes, progressOf(job, shards, outputs, started));
    return { ...resultOf(shards, notes, files), seconds: (performance.now() - started) / 1000, ending: 'done' };
  } finally {
    for (const shard of shards) await shard.close();
  }
}

type Outputs = Awaited<ReturnType<typeof openOutputs>>;

async function written(
  shards: readonly ShardReader[],
  outputs: Outputs,
  notes: Notes,
  progress: () => void,
): Promise<readonly WrittenFile[]> {
  try {
    const merger = createMerger(shards.length, outputs.merged(notes));
    // The one that is furthest behind goes next: so little is in memory, however large the shards are.
    for (let behind = furthestBehind(shards); ; behind = furthestBehind(shards)) {
      const shard = shards[behind] as ShardReader;
      const piece = await shard.next();
      if (piece === undefined) break;
      merger.add(behind, piece);
      merger.merge();
      await outputs.flush();
      progress();
    }
    await outputs.sync();
    return await outputs.finish();
  } catch (error) {
    await outputs.abandon().catch(() => {});
    throw error;
  }
}

function furthestBehind(shards: readonly ShardReader[]): number {
  let least = 0;
  for (const [index, { items }] of shards.entries()) if (items < (shards[least]?.items ?? 0)) least = index;
  return least;
}

function progressOf(job: MergeJob, shards: readonly ShardReader[], outputs: Outputs, started: number): () => void {
  let told = started;
  return () => {
    const now = performance.now();
    if (job.onProgress === undefined || now - told < 250) return;
    told = now;
    const sum = (of: (shard: ShardReader) => number): number => shards.reduce((total, shard) => total + of(shard), 0);
    job.onProgress({
      records: Math.min(...shards.map(({ items }) => items)),
      bytesRead: sum(({ bytesRead }) => bytesRead),
      bytesTotal: sum(({ size }) => size),
      outputs: outputs.written,
      deadLetters: 0,
      seconds: (now - started) / 1000,
      free: freeBytes(dirname(resolve(job.output))),
    });
  };
}

function resultOf(shards: readonly ShardReader[], notes: Notes, files: readonly WrittenFile[]): Omit<RunResult, 'seconds' | 'ending'> {
  const ends = shards.map((shard) => shard.end());
  const [first] = ends as [(typeof ends)[number]];
  const state: TranslatorState = sumOf(ends.map(({ translator }) => translator));
  const books = createBooks();
  for (const [type, row] of state.input) books.input.set(type, row);
  for (const [type, row] of state.output) books.output.set(type, row);
  for (const [key, decision] of state.decisions) books.decisions.set(key, decision);
  books.late = state.late;
  const tally = createTally();
  tally.restore(state.tally);
  const { from, to } = state.arrival;
  notes.adopt(first);
  notes.warn(first.warnings);
  return {
    ...{ books, tally, files },
    survey: state.survey ?? surveyOf([]),
    mapping: (shards[0] as ShardReader).head.mapping,
    inputs: (shards[0] as ShardReader).head.inputs,
    ...notes.result(),
    span: from === null || to === null ? undefined : { from, to },
    unfinished: {
      count: state.begun - state.ended,
      first: ends
        .flatMap(({ unfinished }) => unfinished)
        .sort()
        .slice(0, 10),
    },
    imbalances: findImbalances(books),
  };
}

function refuseOthers(shards: readonly ShardReader[], { name, head }: ShardReader): void {
  for (const other of shards) {
    const pairs: Readonly<Record<string, readonly [unknown, unknown]>> = {
      ...Object.fromEntries(Object.keys(head.job).map((key) => [key, [head.job[key], other.head.job[key]] as const])),
      inputs: [head.inputs.join(' '), other.head.inputs.join(' ')],
      shard: [head.shard.count, other.head.shard.count],
      files: [Object.keys(head.files).join(', '), Object.keys(other.head.files).join(', ')],
    };
    const different = Object.entries(pairs).find(([, [ours, theirs]]) => ours !== theirs);
    if (different === undefined) continue;
    const [what, [ours, theirs]] = different;
    throw new UpcastError({
      code: 'shards-differ',
      exit: EXIT.stateMismatch,
      message: `the shards are of different jobs: ${what} is ${JSON.stringify(ours)} in ${name} and ${JSON.stringify(theirs)} here`,
      place: other.name,
      hint: 'all shards are converted with the same inputs and options',
    });
  }
}

function refuseMissing(shards: readonly ShardReader[], { head }: ShardReader): void {
  const { count } = head.shard;
  const missing = Array.from({ length: count }, (_, index) => index).filter(
    (index) => !shards.some((each) => each.head.shard.index === index),
  );
  const twice = shards.find(({ head: { shard } }, at) => shards.findIndex((each) => each.head.shard.index === shard.index) !== at);
  if (missing.length === 0 && twice === undefined) return;
  const what =
    twice === undefined
      ? `of ${count} shards there ${missing.length === 1 ? 'is one' : `are ${missing.length}`} missing: ${missing.map((index) => `${index + 1}/${count}`).join(', ')}`
      : `shard ${twice.head.shard.index + 1}/${count} is there twice`;
  throw new UpcastError({
    code: twice === undefined ? 'shards-missing' : 'shard-twice',
    exit: EXIT.usage,
    message: what,
    place: twice?.name,
    hint: 'name the output of each shard, once',
  });
}

/** What the shards kept is not left behind silently. */
function refuseUnwritten(job: MergeJob, head: PlacesHead): void {
  if (head.files.dropped === undefined || job.dropped !== undefined) return;
  throw new UpcastError({
    code: 'shard-files',
    exit: EXIT.usage,
    message: 'the shards kept what was dropped, and it is not said where that goes',
    hint: 'give --dropped FILE',
  });
}
