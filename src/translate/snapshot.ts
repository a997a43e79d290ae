import type { Evidence } from '../event/facts.ts';
import type { RecordView } from '../event/record.ts';
import type { Books, InputCounts } from './account.ts';
import { labelOf } from './account.ts';
import type { Arena } from './arena.ts';
import { begin, writeRaw } from './arena.ts';
import type { Arrival, ArrivalState } from './arrival.ts';
import type { Contexts } from './contexts.ts';
import type { Engaged } from './engaged.ts';
import type { Pending, Slot } from './entry.ts';
import type { ArrivedEvent } from './event-ring.ts';
import { NO_RECORD, passingEvent } from './event-ring.ts';
import type { DecisionCounts, OutputCounts, OutputKind } from './label.ts';
import type { ClockState, OrderBuffer } from './order.ts';
import type { Account, Reason } from './outcome.ts';
import { Output, outputText } from './outcome.ts';
import type { OutputQueue, Waiting } from './output-queue.ts';
import type { Survey, SurveyState } from './survey.ts';
import type { Tally, TallyState } from './tally.ts';
import type { Frontier, Turns } from './turns.ts';

/** What a translator is in the middle of, as plain data: with the contexts in the store, all that a later process needs to go on. */
export interface TranslatorState {
  readonly arrival: ArrivalState;
  readonly clock: ClockState;
  readonly ringsAreSent: boolean;
  readonly inputIsMixed: boolean;
  readonly begun: number;
  readonly ended: number;
  readonly engaged: readonly (readonly [string, readonly string[]])[];
  readonly input: readonly (readonly [string, InputCounts])[];
  readonly output: readonly (readonly [string, OutputCounts])[];
  readonly decisions: readonly (readonly [string, DecisionCounts])[];
  readonly late: number;
  readonly tally: TallyState;
  /** Not in states that were written before there was one. */
  readonly survey?: SurveyState | undefined;
  /** The event whose turn came last. Not in states that were written before there was one. */
  readonly turn?: Frontier | undefined;
  /** Events that wait for earlier ones. */
  readonly ordered: number;
  /** Undecided events, in the order in which their waits end; `slot` counts from the first event on its way. */
  readonly waiting: readonly SavedPending[];
}

interface SavedPending {
  readonly slot: number;
  readonly contact: string;
  readonly elsewhere: boolean;
  /** Null: a wait that had ended before it began. */
  readonly deadline: number | null;
}

/** An event on its way: those that wait for earlier ones first, then those in the output queue, each in their order. */
export interface SavedSlot {
  /** The event as it came. */
  readonly raw: string;
  readonly source: number;
  readonly offset: number;
  readonly line: number;
  readonly seq: number;
  /** Of an event of another part that matters only by its time; `raw` is empty. */
  readonly time?: number;
  /** The rest: only of those in the output queue. */
  readonly account?: Account;
  readonly reason?: Reason | undefined;
  readonly open?: number;
  readonly leftOut?: readonly number[] | undefined;
  readonly outputs?: readonly SavedOutput[];
  readonly ahead?: readonly { readonly contact: string; readonly outputs: readonly SavedOutput[] }[] | undefined;
}

interface SavedOutput {
  readonly type: string;
  readonly kind: OutputKind;
  readonly rule: string;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
  readonly tail: string;
  readonly evidence: readonly Evidence[];
  readonly waited: boolean;
  readonly text: string;
  readonly forms?: readonly { readonly profile: string; readonly type: string; readonly body: string }[];
}

/** The parts of a translator that have a state. */
export interface SnapshotParts {
  readonly arrival: Arrival;
  readonly order: OrderBuffer;
  readonly queue: OutputQueue;
  readonly waiting: Waiting;
  readonly contexts: Contexts;
  readonly engaged: Engaged;
  readonly books: Books;
  readonly tally: Tally;
  readonly survey: Survey;
  readonly turns: Turns;
  readonly arena: Arena;
  readonly flags: { ringsAreSent: boolean; inputIsMixed: boolean };
}

/** A record again from its bytes and its place. */
export type RecordReader = (saved: SavedSlot) => RecordView;

/** All that is in progress. The contexts themselves are in the store, see `flush`. */
export function saveTranslator(parts: SnapshotParts): { readonly state: TranslatorState; readonly slots: Iterable<SavedSlot> } {
  const { order, queue, contexts, books } = parts;
  const queued = queue.waiting();
  const places = new Map(queued.map((slot, index) => [slot, order.size + index]));
  return {
    state: {
      arrival: parts.arrival.save(),
      clock: order.save(),
      ...parts.flags,
      begun: contexts.begun,
      ended: contexts.ended,
      engaged: parts.engaged.save(),
      input: [...books.input],
      output: [...books.output],
      decisions: [...books.decisions],
      late: books.late,
      tally: parts.tally.save(),
      survey: parts.survey.save(),
      turn: parts.turns.save(),
      ordered: order.size,
      waiting: parts.waiting.undecided().map((pending) => savePending(pending, places)),
    },
    slots: saveSlots(order, queued),
  };
}

function* saveSlots(order: OrderBuffer, queued: readonly Slot[]): Generator<SavedSlot> {
  for (const event of order.waiting()) yield saveEvent(event);
  for (const slot of queued) yield saveSlot(slot);
}

function savePending({ slot, entry, elsewhere, deadline }: Pending, places: ReadonlyMap<Slot, number>): SavedPending {
  const place = places.get(slot);
  if (place === undefined) throw new Error('an undecided event is not in the output queue');
  return { slot: place, contact: entry.key, elsewhere, deadline: Number.isFinite(deadline) ? deadline : null };
}

function saveEvent({ record, seq, time }: Pick<ArrivedEvent, 'record' | 'seq' | 'time'>): SavedSlot {
  if (record === NO_RECORD) return { raw: '', source: -1, offset: -1, line: -1, seq, time };
  const { block, start, end, source, offset, line } = record;
  return { raw: block.text(start, end), source, offset, line, seq };
}

function saveSlot(slot: Slot): SavedSlot {
  const { account, reason, open, leftOut, outputs, ahead } = slot;
  return {
    ...saveEvent(slot),
    account,
    reason,
    open,
    leftOut,
    outputs: outputs.map(saveOutput),
    ahead: ahead?.map((each) => ({ contact: each.contact, outputs: each.outputs.map(saveOutput) })),
  };
}

function saveOutput(output: Output): SavedOutput {
  const { type, kind, rule, contact, agent, tail, evidence, waited } = output;
  const saved = { type, kind, rule, contact, agent, tail, evidence, waited, text: outputText(output) };
  if (output.forms.length === 0) return saved;
  return { ...saved, forms: output.forms.map((form) => ({ ...form, body: Buffer.from(form.body).toString('utf8') })) };
}

/** Puts a fresh translator where another one was. */
export function restoreTranslator(
  parts: SnapshotParts,
  state: TranslatorState,
  slots: Iterable<SavedSlot>,
  readRecord: RecordReader,
): void {
  const { books, contexts, order, queue } = parts;
  for (const [type, row] of state.input) books.input.set(type, row);
  for (const [type, row] of state.output) books.output.set(type, row);
  for (const [key, decision] of state.decisions) books.decisions.set(key, decision);
  books.late = state.late;
  parts.tally.restore(state.tally);
  if (state.survey !== undefined) parts.survey.restore(state.survey);
  contexts.restore(state.begun, state.ended);
  parts.turns.restore(state.turn);
  parts.engaged.restore(state.engaged);
  order.restore(state.clock);
  parts.flags.ringsAreSent = state.ringsAreSent;
  parts.flags.inputIsMixed = state.inputIsMixed;
  const restored: Slot[] = [];
  for (const saved of slots) {
    const event = saved.time === undefined ? parts.arrival.again(readRecord(saved), saved.seq) : passedAgain(saved.seq, saved.time);
    if (order.size < state.ordered) order.add(event);
    else {
      const slot = parts.arrival.openAgain(event);
      restoreSlot(slot, saved, parts);
      queue.add(slot);
      restored.push(slot);
    }
  }
  parts.arrival.restore(state.arrival);
  for (const saved of state.waiting) restorePending(saved, restored[saved.slot - state.ordered], parts);
}

function passedAgain(seq: number, time: number): ArrivedEvent {
  return { ...passingEvent(), seq, time };
}

function restoreSlot(slot: Slot, saved: SavedSlot, parts: SnapshotParts): void {
  slot.account = saved.account ?? 'dropped';
  slot.reason = saved.reason;
  slot.open = saved.open ?? 1;
  slot.leftOut = saved.leftOut;
  slot.outputs = (saved.outputs ?? []).map((output) => restoreOutput(output, slot, parts));
  slot.ahead = saved.ahead?.map((each) => ({
    contact: each.contact,
    outputs: each.outputs.map((output) => restoreOutput(output, slot, parts)),
  }));
}

function restoreOutput(saved: SavedOutput, slot: Slot, { arena, books }: SnapshotParts): Output {
  const { type, kind, rule, contact, agent, tail, evidence, waited, text } = saved;
  begin(arena, text.length);
  writeRaw(arena, text);
  const { time, record: source } = slot;
  const output = new Output(labelOf(books, type, kind, rule), time, contact, agent, source, tail, evidence, waited, arena);
  if (saved.forms !== undefined) output.forms = saved.forms.map((form) => ({ ...form, body: Buffer.from(form.body, 'utf8') }));
  return output;
}

function restorePending(saved: SavedPending, slot: Slot | undefined, parts: SnapshotParts): void {
  const entry = parts.contexts.recall(saved.contact);
  if (slot === undefined || entry === undefined) throw new Error(`an undecided event of ${saved.contact} is not in the state`);
  const deadline = saved.deadline ?? Number.NEGATIVE_INFINITY;
  const pending: Pending = { slot, elsewhere: saved.elsewhere, deadline, entry, decided: false };
  entry.queue.push(pending);
  parts.waiting.add(pending);
}
