import { outputId } from '../event/identity.ts';
import type { IdTable } from '../event/ids.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord, slotText } from '../event/record.ts';
import type { ShapeTree } from '../event/shape.ts';
import { createShapeTree } from '../event/shape.ts';
import { SLOT } from '../event/slots.ts';
import type { Mapping } from '../mapping/model.ts';
import { isBad, readBuffer } from '../parse/reader.ts';
import { createRecordReader, heldOf, saveHeld } from '../pipeline/held.ts';
import type { Outbox, StoredLetter } from '../store/outbox.ts';
import type { ShimStore } from '../store/store.ts';
import { inputRow, outputRow } from '../translate/account.ts';
import type { Translator } from '../translate/api.ts';
import type { Profile } from '../translate/forms.ts';
import type { Outcome, Output } from '../translate/outcome.ts';
import { eventId } from '../translate/outcome.ts';
import type { NotRewritten, Rewritten } from '../translate/rewrite.ts';
import type { TranslatorState } from '../translate/snapshot.ts';
import { createTranslator } from '../translate/translator.ts';
import type { Capture } from './capture.ts';
import { createLetterRewriter } from './letter-rewriter.ts';
import type { Lookout } from './lookout.ts';
import type { Overlay } from './overlay.ts';
import { createOverlay } from './overlay.ts';
import type { Taker } from './takers.ts';
import { createTakers } from './takers.ts';

/** What a shim translates with. Times in milliseconds. */
export interface EngineOptions {
  readonly mapping: Mapping;
  /** Other mappings by which endpoints get their events. */
  readonly profiles: readonly Profile[];
  readonly ids: IdTable;
  readonly timeZone: string;
  readonly hold: number;
  readonly idle: number;
  readonly retention: number;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
  /** Endpoints for which events are kept. */
  readonly endpoints: readonly Taker[];
  /** The endpoint that gets the records as they came, if there is one. */
  readonly dual: number | undefined;
  /** Somebody may look on. */
  readonly lookout?: Lookout | undefined;
  /** Told what the translator is told. */
  readonly capture: Capture | undefined;
  /** Calls kept in memory; the translator's default unless told. */
  readonly hotCalls?: number | undefined;
}

/** What became of one record, as the sender is told. */
export type Verdict =
  | { readonly kind: 'accepted' | 'duplicate' }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

/**
 * Translates what comes in, in the order in which it comes, and puts what comes of it into the outbox. Nothing is durable before the
 * store's next commit. What it was told is noted, and a checkpoint holds the rest: a new engine over the same store is told it again and
 * stands where this one stood, with the same events in the outbox (each has its id, and is taken in once).
 */
export interface Engine {
  /** Takes records that arrived at `now` (Unix milliseconds, never going back). */
  accept(records: readonly (RecordView | BadRecord)[], now: number): readonly Verdict[];
  /** Tells that time has passed: waits that ended are decided. */
  advance(now: number): void;
  /** Saves all that is known, in place of what was noted. */
  checkpoint(now: number): void;
  /** Notes since the last checkpoint. */
  readonly noted: number;
  /** The last time that it was told of, by an earlier process too; 0: none. */
  readonly time: number;
  /** Saves the time where nothing else is to be saved. */
  saveTime(): void;
  readonly shapes: ShapeTree;
  readonly translator: Translator;
  /** Writes an event that an endpoint refused anew, by the mapping of now, or says why it cannot. */
  rewrite(letter: StoredLetter): Rewritten | NotRewritten;
}

const STATE = 'shim';
const TIME = 'shim: time';
/** An event comes out so long at most behind the end of its wait. */
const SLACK = 60_000;
const ACCEPTED: Verdict = { kind: 'accepted' };
const DUPLICATE: Verdict = { kind: 'duplicate' };

/** The engine of a shim, where an earlier one stopped or at its beginning. */
export function createEngine(store: ShimStore, options: EngineOptions): Engine {
  const { mapping, ids, timeZone, hold, idle, retention } = options;
  const { outbox } = store;
  const overlay: Overlay = createOverlay(store);
  const translator = createTranslator({
    mapping,
    profiles: options.profiles,
    ids,
    timeZone,
    hold,
    idle,
    retention,
    store: overlay,
    hotCalls: options.hotCalls,
    order: 'arrival',
    resumable: true,
    watcher: options.lookout?.watcher,
  });
  const shapes = createShapeTree({ duplicates: options.dupKeys === 'last' ? 'last' : 'first' });
  /** Journal numbers of records whose events may still be on their way. */
  const sources = new WeakMap<RecordView, number>();
  let noted = 0;
  let time = Number(store.meta(TIME) ?? 0);

  const saved = store.meta(STATE);
  if (saved !== undefined) {
    translator.restore(JSON.parse(saved) as TranslatorState, heldOf(store), createRecordReader(options));
    for (const body of store.seen()) translator.restoreSeen(body);
  }

  const takers = createTakers(options.endpoints);
  const keep = (output: Output, now: number): void => {
    const row = outputRow(translator.books, output.type);
    row.out += 1;
    const { endpoints, forms } = takers(output);
    outbox.add(eventOf(output, sources.get(output.source)), endpoints, now, forms);
  };
  /** Keeps what was decided; returns the verdict on `record` if that is among it. */
  const take = (outcomes: readonly Outcome[], now: number, record?: RecordView): Verdict => {
    let verdict = ACCEPTED;
    for (const outcome of outcomes) {
      options.lookout?.take(outcome);
      for (const output of outcome.outputs) {
        keep(output, now);
        output.chunk.live -= 1;
      }
      if (outcome.account === 'deadLetters') {
        const rejected = refused(outcome);
        if (!isTold) deadLetter(outbox, outcome, rejected, now);
        if (outcome.record === record) verdict = rejected;
      } else if (outcome.account === 'duplicates' && outcome.record === record) verdict = DUPLICATE;
      releaseRecord(outcome.record);
    }
    return verdict;
  };
  const push = (item: RecordView, id: number, now: number): Verdict => {
    sources.set(item, id);
    if (options.dual !== undefined) outbox.add(legacyOf(item, id), [options.dual], now);
    return take(translator.push(item, now), now, item);
  };
  const countBad = (): void => {
    const row = inputRow(translator.books, '');
    row.in += 1;
    row.deadLetters += 1;
  };
  const acceptBad = (bad: BadRecord, now: number): Verdict => {
    countBad();
    outbox.note(now, bad.raw);
    outbox.dead({ stage: 'parse', code: bad.code, message: bad.message, at: now, body: bad.raw });
    return { kind: 'rejected', code: bad.code, message: bad.message };
  };
  const accept = (item: RecordView | BadRecord, now: number): Verdict => {
    noted += 1;
    options.capture?.record(isBad(item) ? item.raw : bytesOfRecord(item));
    if (isBad(item)) return acceptBad(item, now);
    return push(item, outbox.note(now, bytesOfRecord(item)), now);
  };

  // What an earlier process had been told. Dead letters were kept then; an event of the outbox is known by its id.
  let isTold = true;
  for (const { id, at, body } of outbox.noted()) {
    noted += 1;
    time = Math.max(time, at);
    const item = body === undefined ? undefined : again(body, options, shapes);
    if (item === undefined) take(translator.advance(at), at);
    else if (isBad(item)) countBad();
    else push(item, id, at);
  }
  isTold = false;
  const saveTime = (): void => store.setMeta(TIME, String(time));

  return {
    shapes,
    translator,
    rewrite: createLetterRewriter(options, shapes, outbox),
    get noted() {
      return noted;
    },
    get time() {
      return time;
    },
    saveTime,
    accept: (records, now) => records.map((record) => accept(record, now)),
    advance(now) {
      time = now;
      options.capture?.at(now);
      const outcomes = translator.advance(now);
      if (outcomes.length === 0) return;
      noted += 1;
      outbox.note(now, undefined);
      take(outcomes, now);
    },
    checkpoint(now) {
      saveEngine(store, translator, overlay);
      const clock = translator.clock();
      if (Number.isFinite(clock)) store.expire(clock);
      time = now;
      saveTime();
      outbox.forgetNoted(now, 2 * hold + SLACK);
      noted = 0;
    },
  };
}

/** Saves a translator in a shim's state; an engine goes on from it. */
export function saveEngine(store: ShimStore, translator: Translator, overlay?: Overlay): void {
  translator.flush();
  overlay?.settle();
  const seen = translator.takeSeen();
  if (seen !== undefined) store.addSeen(seen.body, seen.expires);
  const { state, slots } = translator.save();
  saveHeld(store, slots);
  store.setMeta(STATE, JSON.stringify(state));
}

function bytesOfRecord(record: RecordView): Uint8Array {
  return record.block.bytes.subarray(record.start, record.end);
}

/** What was noted, read again: it is what it was when it came. */
function again(body: Uint8Array, { maxLine, dupKeys }: EngineOptions, shapes: ShapeTree): RecordView | BadRecord {
  const [item] = readBuffer(body, { source: 0, maxLine, dupKeys, format: 'concatenated', shapes }).items;
  if (item === undefined) throw new Error('a record of the journal cannot be read again');
  return item;
}

/** An output as the outbox keeps it; `note`: number of the note it came from. Without one no journal has its record. */
export function eventOf(output: Output, note: number | undefined): Parameters<Outbox['add']>[0] {
  const { type, contact, agent, time, kind, rule, bytes, start, end } = output;
  const record = note === undefined ? bytesOfRecord(output.source) : undefined;
  // The line feed stays behind.
  const body = bytes.subarray(start, end - 1);
  return { key: eventId(output), type, contact, agent, time, kind, rule, source: note ?? 0, record, body };
}

/** A 1.0 event as it came. Sent again it is another one: the old system gets what it always got. */
function legacyOf(record: RecordView, id: number): Parameters<Outbox['add']>[0] {
  const [contact, agent] = [slotText(record, SLOT.contactId), slotText(record, SLOT.agentId)];
  const type = slotText(record, SLOT.eventType) ?? '';
  const key = outputId(record, `1.0 as received ${id}`);
  return { key, type, contact, agent, time: 0, kind: 'as received', rule: '', source: id, body: bytesOfRecord(record) };
}

function refused({ reason, message }: Outcome): Extract<Verdict, { readonly kind: 'rejected' }> {
  const code = reason ?? 'unknown';
  return { kind: 'rejected', code, message: message ?? code };
}

function deadLetter(
  outbox: Outbox,
  { record }: Outcome,
  { code, message }: { readonly code: string; readonly message: string },
  now: number,
): void {
  outbox.dead({ stage: 'translate', code, message, at: now, body: bytesOfRecord(record) });
}
