import { EXIT, UpcastError } from '../../errors.ts';
import { homeOf } from '../../event/home.ts';
import { createIdTable } from '../../event/ids.ts';
import type { BadRecord, RecordView } from '../../event/record.ts';
import { releaseRecord } from '../../event/record.ts';
import { isBad } from '../../parse/options.ts';
import { badRecordLine, deadLetterLine } from '../../sink/side-lines.ts';
import { expandInputs } from '../../source/inputs.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { openSqlite, openSqliteAnew } from '../../store/sqlite.ts';
import type { StateStore } from '../../store/store.ts';
import { inputRow } from '../../translate/account.ts';
import type { Translator } from '../../translate/api.ts';
import type { Outcome } from '../../translate/outcome.ts';
import { createTranslator } from '../../translate/translator.ts';
import { forgetExpired, prepareCheckpoint } from '../checkpoint.ts';
import { createRecordReader, heldOf } from '../held.ts';
import type { ConvertJob } from '../job.ts';
import { readMerged } from '../merge.ts';
import type { Notes } from '../notes.ts';
import { createNotes } from '../notes.ts';
import type { Reading } from '../read-inputs.ts';
import { firstProgress, readInOrder } from '../read-inputs.ts';
import type { InputProgress } from '../saved-run.ts';
import type { Border, Counted, ErrorNews, LaneLink, LaneNews, LaneOrder, LaneStart, SavedLane } from './messages.ts';
import type { Packer } from './packer.ts';
import { createPacker } from './packer.ts';
import { memoryOf } from './piece.ts';

/** A piece is sent when it has so many bytes, or so many items were taken since the last. */
const PIECE = 512 * 1024;
const ITEMS = 4000;
/** Pieces that may be on their way. */
const MOST_SENT = 2;
/** Calls in memory, of all lanes together. */
const HOT_CALLS = 6000;
const KEY = 'lane';

/** Runs one lane to its end: reads all inputs, translates the events of its part, and tells the run what came of them. */
export async function runLane(start: LaneStart, link: LaneLink): Promise<void> {
  link.tell(await newsOfLane(start, link));
}

async function newsOfLane(start: LaneStart, link: LaneLink): Promise<LaneNews> {
  let store: StateStore | undefined;
  try {
    const lane = await openLane(start, link);
    ({ store } = lane);
    return await convert(lane);
  } catch (error) {
    return { kind: 'failed', error: newsOf(error) };
  } finally {
    // Whoever hears of its end may open its state.
    store?.close();
  }
}

interface Lane {
  readonly start: LaneStart;
  readonly link: LaneLink;
  readonly job: ConvertJob;
  readonly store: StateStore;
  readonly saved: SavedLane | undefined;
  readonly translator: Translator;
  readonly notes: Notes;
  readonly packer: Packer;
  readonly reading: Reading;
  readonly context: { readonly inputs: readonly string[]; readonly mapping: string };
  /** Number of the last checkpoint. */
  checkpoint: number;
  /** Items taken since the run's last checkpoint. */
  items: number;
  itemsSent: number;
  /** Pieces that the run has not taken yet. */
  sent: number;
}

async function openLane(start: LaneStart, link: LaneLink): Promise<Lane> {
  const { index, count } = start;
  const job: ConvertJob = {
    ...start.job,
    ids: createIdTable(start.job.ids),
    onProgress: undefined,
    onDisk: undefined,
    signal: undefined,
  };
  const inputs = await expandInputs(job.inputs);
  const { store, saved } = openState(start);
  const translator = createTranslator({
    ...job,
    order: 'time',
    store,
    resumable: true,
    listLeftOut: job.dropped !== undefined,
    hotCalls: Math.ceil(HOT_CALLS / count),
    isHome: (record) => homeOf(record, count) === index,
  });
  const notes = createNotes(job, inputs);
  if (saved !== undefined) {
    translator.restore(saved.translator, heldOf(store), createRecordReader(job));
    for (const body of store.seen()) translator.restoreSeen(body);
    notes.restore(saved.notes);
  }
  const context = { inputs: inputs.map(({ name }) => name), mapping: `${job.mapping.name}@${job.mapping.version}` };
  return {
    ...{ start, link, job, store, saved, translator, notes, context },
    packer: createPacker(context, job),
    reading: { job, inputs, notes, saved: saved?.inputs },
    checkpoint: saved?.checkpoint ?? 0,
    items: 0,
    itemsSent: 0,
    sent: 0,
  };
}

/** The lane's state, and where it is. A lane commits after the run, so it is at the run's checkpoint or one behind. */
function openState({ state, run, checkpoint, resumable }: LaneStart): Pick<Lane, 'store' | 'saved'> {
  if (state === undefined) return { store: createMemoryStore(), saved: undefined };
  if (checkpoint === 0 || !resumable) return { store: openSqliteAnew(state), saved: undefined };
  const store = openSqlite(state);
  const text = store.meta(KEY);
  const saved = text === undefined ? undefined : (JSON.parse(text) as SavedLane);
  const at = saved?.run === run ? saved.checkpoint : 0;
  if (at === checkpoint || at === checkpoint - 1) {
    store.verify();
    return { store, saved: at === 0 ? undefined : saved };
  }
  store.close();
  throw new UpcastError({
    code: 'state-damaged',
    exit: EXIT.stateMismatch,
    message: 'the state of a lane does not belong to the state of the run',
    place: state,
    hint: 'bring back all files of the state, or begin anew with --restart',
  });
}

async function convert(lane: Lane): Promise<LaneNews> {
  const { job, notes, packer, reading, saved, store, translator } = lane;
  let progress: readonly InputProgress[] = saved?.inputs ?? firstProgress(reading);
  if (saved?.last !== true) {
    for await (const portion of job.merge ? readMerged(reading) : readInOrder(reading)) {
      notes.blanks(portion.blanks);
      for (const item of portion.items) takeItem(lane, item);
      progress = portion.progress ?? progress;
      if (portion.atBorder && portion.progress !== undefined) await makeBorder(lane, progress, false);
      else if (packer.size > PIECE || lane.items - lane.itemsSent > ITEMS) {
        sendPiece(lane, undefined);
        await room(lane);
      }
    }
    for (const outcome of translator.finish()) pack(lane, outcome);
    await makeBorder(lane, progress, true);
  }
  return {
    kind: 'ended',
    end: {
      translator: translator.save().state,
      unfinished: { count: translator.unfinished(), first: store.unfinished(10) },
      warnings: notes.result().warnings,
      inputs: progress,
    },
    counted: countedBy(notes),
  };
}

function countedBy(notes: Notes): Counted {
  const { records, blanks, bytesRead } = notes.result();
  return { records, blanks, bytesRead };
}

function takeItem(lane: Lane, item: RecordView | BadRecord): void {
  const { translator, notes, packer, start } = lane;
  lane.items += 1;
  if (isBad(item)) {
    notes.record(item.source, undefined, translator.clock());
    if (start.index !== 0) return;
    const row = inputRow(translator.books, '');
    row.in += 1;
    row.deadLetters += 1;
    const { code, message, source, line, offset } = item;
    packer.dead({ item: lane.items - 1, text: badRecordLine(lane.context, item), code, message, source, line, offset });
    return;
  }
  const lateBefore = translator.lateEvents();
  const outcomes = translator.push(item);
  notes.record(item.source, translator, translator.clock());
  if (translator.lateEvents() === lateBefore) {
    for (const outcome of outcomes) pack(lane, outcome);
    return;
  }
  // What became of a late event comes first, if anything did here.
  const [first, ...others] = outcomes;
  packer.late(translator.lateFrontier(), first?.late === true ? first : undefined);
  if (first?.late === true) releaseRecord(first.record);
  else if (first !== undefined) pack(lane, first);
  for (const outcome of others) pack(lane, outcome);
}

function pack({ packer, context, items }: Lane, outcome: Outcome): void {
  if (outcome.account === 'deadLetters') {
    const { source, line, offset } = outcome.record;
    const code = outcome.reason ?? 'unknown';
    const message = outcome.message ?? code;
    packer.dead({ item: items - 1, text: deadLetterLine(context, outcome), code, message, source, line, offset });
  } else packer.outcome(outcome);
  releaseRecord(outcome.record);
}

/** True while the lane catches up with a checkpoint that the run has: what it makes has been told before. */
function isMuted({ checkpoint, start }: Lane): boolean {
  return start.resumable && checkpoint < start.checkpoint;
}

/** Hands on what was packed. */
function sendPiece(lane: Lane, border: Border | undefined): void {
  const { packer, translator } = lane;
  const piece = packer.take(border?.last === true ? END : translator.frontier(), lane.items);
  const memory = memoryOf(piece);
  lane.itemsSent = lane.items;
  if (isMuted(lane)) {
    packer.reuse(memory);
    return;
  }
  lane.link.tell({ kind: 'piece', piece, border, counted: countedBy(lane.notes) }, memory);
  lane.sent += 1;
}

async function room(lane: Lane): Promise<void> {
  while (lane.sent >= MOST_SENT) heed(lane, await lane.link.next());
}

function heed(lane: Lane, order: LaneOrder): boolean {
  if (order.kind === 'commit') return true;
  lane.sent -= 1;
  lane.packer.reuse(order.reuse);
  return false;
}

/** A checkpoint: the run makes all that was told durable, commits, and only then does the lane. */
async function makeBorder(lane: Lane, inputs: readonly InputProgress[], last: boolean): Promise<void> {
  const { start, store, translator, job } = lane;
  const number = lane.checkpoint + 1;
  const catchesUp = isMuted(lane);
  sendPiece(lane, { number, inputs, last });
  if (start.resumable) {
    const state = prepareCheckpoint({ job, store, translator });
    const saved: SavedLane = { run: start.run, checkpoint: number, last, inputs, translator: state, notes: lane.notes.save() };
    store.setMeta(KEY, JSON.stringify(saved));
    if (!catchesUp) while (!heed(lane, await lane.link.next()));
  } else {
    translator.flush();
    translator.takeSeen();
    forgetExpired(store, translator, job);
    await room(lane);
  }
  store.commit();
  lane.checkpoint = number;
  if (catchesUp) {
    lane.items = 0;
    lane.itemsSent = 0;
  }
}

/** Behind everything. */
const END = { time: Number.POSITIVE_INFINITY, seq: 0 } as const;

function newsOf(error: unknown): ErrorNews {
  if (error instanceof UpcastError) {
    const { code, message, exit, place, hint, stack } = error;
    return { code, message, exit, place, hint, stack };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: undefined, message, exit: EXIT.internal, place: undefined, hint: undefined, stack };
}
