import type { Leg } from '../context/call.ts';
import type { Action } from '../event/action.ts';
import { contentHash } from '../event/identity.ts';
import type { IdTable } from '../event/ids.ts';
import type { EventKind } from '../event/kind.ts';
import { NO_KIND } from '../event/kind.ts';
import { createEventReader } from '../event/read.ts';
import type { RecordView } from '../event/record.ts';
import { hasSlot, slotText, slotTextOnce, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { ZoneOffset } from '../event/time.ts';
import { toldName } from '../event/told-name.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Books, InputCounts } from './account.ts';
import { inputRow } from './account.ts';
import type { Contexts } from './contexts.ts';
import type { AgentMemory } from './dedupe.ts';
import { seenInCall } from './dedupe.ts';
import { isElsewhere } from './engaged.ts';
import type { CallEntry } from './entry.ts';
import { Slot } from './entry.ts';
import type { ArrivedEvent } from './event-ring.ts';
import { passingEvent } from './event-ring.ts';
import { unknownIdOf } from './id-check.ts';
import type { KindMapping } from './kinds.ts';
import type { Reason } from './outcome.ts';
import type { Tally } from './tally.ts';

/** What the reception of events works with. */
export interface ArrivalOptions {
  readonly mapping: Mapping;
  readonly ids: IdTable;
  readonly zone: ZoneOffset;
  readonly books: Books;
  readonly tally: Tally;
  readonly contexts: Contexts;
  readonly memory: AgentMemory;
  readonly mappingOf: (kind: EventKind) => KindMapping;
  /** Where event time stands. */
  readonly clock: () => number;
  /** Which records belong to the part of the work that this is; undefined = all. */
  readonly isHome: ((record: RecordView) => boolean) | undefined;
  /** True once it is known that the input tells whom a call rings for. */
  readonly ringsAreSent: () => boolean;
}

/** Plain data of an {@link Arrival}, for a checkpoint; null = no event yet. */
export interface ArrivalState {
  readonly seq: number;
  readonly from: number | null;
  readonly to: number | null;
}

/** Receives records in input order. */
export interface Arrival {
  /**
   * The event that a record is, or for a dead letter a slot that has ended; undefined for a dead letter of another part. The same object
   * each time for events that matter here only by their time ({@link NO_RECORD}).
   */
  take(record: RecordView): ArrivedEvent | Slot | undefined;
  /** The slot of an event whose turn has come. The event is read and its call looked up; a duplicate ends. */
  open(event: ArrivedEvent, late: boolean): Slot;
  /** The same for an event of another part, of which only is read what it shows of its agent; undefined where that is nothing. */
  glance(event: ArrivedEvent, late: boolean): Slot | undefined;
  /** An event that was taken before, by an earlier process: nothing is counted. */
  again(record: RecordView, seq: number): ArrivedEvent;
  /** The same as `open` for one that was opened before. */
  openAgain(event: ArrivedEvent): Slot;
  save(): ArrivalState;
  restore(state: ArrivalState): void;
  /** Earliest and latest event time, Unix milliseconds. */
  span(): { readonly from: number; readonly to: number } | undefined;
}

const NO_LEGS: readonly Leg[] = [];

/** The reception of a translator. */
export function createArrival(options: ArrivalOptions): Arrival {
  const { mapping, ids, zone, books, tally, contexts, memory } = options;
  const reader = createEventReader({ ids, zone, undecidedIsCurrent: mapping.policies.undecidedVersion === 'current' });
  const rows: InputCounts[] = [];
  let seq = 0;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;

  const isHome = (record: RecordView): boolean => options.isHome === undefined || options.isHome(record);

  const rowOf = (kind: EventKind): InputCounts => {
    const known = rows[kind.index];
    if (known !== undefined) return known;
    const row = inputRow(books, kind.type);
    if (kind.index >= 0) rows[kind.index] = row;
    return row;
  };

  const isDuplicate = (record: RecordView, entry: CallEntry | undefined, time: number, clock: number): boolean => {
    const identity = contentHash(record);
    if (entry === undefined) return memory.seen(slotText(record, SLOT.agentId) ?? '', identity, time, clock);
    entry.dirty = true;
    if (entry.call.seen.length === 0) entry.call.numeric = isNumberInSource(record);
    return seenInCall(entry, identity);
  };

  const complete = (slot: Slot): void => reader.complete(slot, slot.entry === undefined ? NO_LEGS : slot.entry.call.legs);

  /** Why the mapping does not take an event. */
  const refusal = (record: RecordView, kind: EventKind, home: boolean): readonly [Reason, string] | undefined => {
    const { type } = kind;
    if (options.mappingOf(kind).event === undefined) {
      if (home) tally.note('unknownType', type, record);
      if (mapping.policies.unknownType === 'pass') return undefined;
      return ['unknown-type', `mapping ${mapping.name} has no event ${JSON.stringify(toldName(type))}`];
    }
    if (mapping.policies.unknownId === 'keep') return undefined;
    const unknownId = unknownIdOf(mapping, ids, record, type);
    return unknownId === undefined ? undefined : ['unknown-id', `the id table has no ${unknownId}`];
  };

  const widen = (time: number): void => {
    if (time < from) from = time;
    if (time > to) to = time;
  };

  const passing = passingEvent();
  /** An event of another part: its time counts, and what it shows of its agent. Most show nothing that matters here. */
  const takeForeign = (record: RecordView): ArrivedEvent | undefined => {
    const kind = reader.kind(record);
    const time = kind === undefined ? 'no-time' : reader.time(record);
    if (kind === undefined || typeof time === 'string') return undefined;
    const place = seq;
    seq += 1;
    const { action } = kind;
    const isMark = action === 'AgentRelease' || action === 'StopConsultant';
    const mayRefuse = options.mappingOf(kind).event === undefined || mapping.policies.unknownId !== 'keep';
    const current = (isMark || mayRefuse) && reader.isCurrent(record, kind);
    if (mayRefuse && !current && refusal(record, kind, false) !== undefined) return undefined;
    widen(time);
    const inCall = hasSlot(record, SLOT.contactId);
    if (!inCall || isMark || isElsewhere(action, true) || (assigns(action) && !options.ringsAreSent())) {
      return { record, kind, seq: place, time, current, home: false };
    }
    passing.seq = place;
    passing.time = time;
    return passing;
  };

  return {
    take(record) {
      if (!isHome(record)) return takeForeign(record);
      const kind = reader.kind(record);
      const row = kind === undefined ? inputRow(books, '') : rowOf(kind);
      row.in += 1;
      if (kind === undefined) return deadLetter(record, NO_KIND, row, 'no-type', 'the event has no eventType');
      const time = reader.time(record);
      if (typeof time === 'string') return deadLetter(record, kind, row, time, TIME_MESSAGES[time]);
      const current = reader.isCurrent(record, kind);
      const refused = current ? undefined : refusal(record, kind, true);
      const event = { record, kind, seq, time, current, home: true };
      seq += 1;
      if (refused !== undefined) return deadLetter(record, kind, row, ...refused);
      widen(time);
      return event;
    },
    open(event, late) {
      const { record, time } = event;
      const slot = new Slot(event, rowOf(event.kind), late);
      const clock = options.clock();
      const entry = contexts.of(record, time, clock);
      if (isDuplicate(record, entry, time, clock)) {
        slot.end('duplicates', 'duplicate', undefined);
        if (isElsewhere(event.kind.action, entry !== undefined)) reader.completeAgent(slot);
        return slot;
      }
      slot.entry = entry;
      complete(slot);
      return slot;
    },
    glance(event, late) {
      const { record, kind } = event;
      const inCall = hasSlot(record, SLOT.contactId);
      if (!inCall) memory.pass(options.clock());
      if (!isElsewhere(kind.action, inCall) && !assigns(kind.action)) return undefined;
      const slot = new Slot(event, rowOf(kind), late);
      slot.open = 0;
      reader.completeAgent(slot);
      return slot;
    },
    again(record, seq) {
      const kind = reader.kind(record);
      const time = reader.time(record);
      if (kind === undefined || typeof time === 'string') throw new Error('a held event cannot be read again');
      return { record, kind, seq, time, current: reader.isCurrent(record, kind), home: isHome(record) };
    },
    openAgain(event) {
      const slot = new Slot(event, rowOf(event.kind), false);
      if (!event.home) {
        reader.completeAgent(slot);
        return slot;
      }
      const contact = slotTextOnce(event.record, SLOT.contactId);
      slot.entry = contact === undefined ? undefined : contexts.recall(contact);
      complete(slot);
      return slot;
    },
    save: () => (from <= to ? { seq, from, to } : { seq, from: null, to: null }),
    restore(state) {
      seq = state.seq;
      from = state.from ?? Number.POSITIVE_INFINITY;
      to = state.to ?? Number.NEGATIVE_INFINITY;
    },
    span: () => (from <= to ? { from, to } : undefined),
  };
}

const TIME_MESSAGES = { 'no-time': 'the event has no eventTime', 'bad-time': 'eventTime is not a time that is understood' } as const;

function deadLetter(record: RecordView, kind: EventKind, row: InputCounts, reason: Reason, message: string): Slot {
  const slot = new Slot({ record, kind, seq: -1, time: Number.NaN, current: false, home: true }, row, false);
  slot.end('deadLetters', reason, message);
  return slot;
}

/** True for what shows that an archive tells whom a call rings for. */
export function assigns(action: Action): boolean {
  return action === 'Ringing' || action === 'AssignAgent';
}

function isNumberInSource(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.contactId] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] !== 0x22;
}
