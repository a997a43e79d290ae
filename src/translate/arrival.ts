import type { Leg } from '../context/call.ts';
import { contentHash } from '../event/identity.ts';
import type { IdTable } from '../event/ids.ts';
import type { EventKind } from '../event/kind.ts';
import { createEventReader } from '../event/read.ts';
import type { RecordView } from '../event/record.ts';
import { slotText, slotTextOnce, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { ZoneOffset } from '../event/time.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Books, InputCounts } from './account.ts';
import { inputRow } from './account.ts';
import type { Contexts } from './contexts.ts';
import type { AgentMemory } from './dedupe.ts';
import { seenInCall } from './dedupe.ts';
import type { CallEntry, Slot } from './entry.ts';
import { endedSlot, slotOf } from './entry.ts';
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
}

/** Plain data of an {@link Arrival}, for a checkpoint; null = no event yet. */
export interface ArrivalState {
  readonly seq: number;
  readonly from: number | null;
  readonly to: number | null;
}

/** Receives records in input order. */
export interface Arrival {
  /** The slot of the event that a record is; one that has ended already, without facts, for a dead letter or a duplicate. */
  take(record: RecordView): Slot;
  /** The slot of an event that was taken before, by an earlier process: nothing is counted. */
  again(record: RecordView, seq: number): Slot;
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

  const refusal = (record: RecordView, kind: EventKind, row: InputCounts): Slot | undefined => {
    const { type } = kind;
    if (options.mappingOf(kind).event === undefined) {
      tally.note('unknownType', type, record);
      if (mapping.policies.unknownType === 'pass') return undefined;
      return deadLetter(type, record, row, 'unknown-type', `mapping ${mapping.name} has no event ${JSON.stringify(type)}`);
    }
    if (mapping.policies.unknownId === 'keep') return undefined;
    const unknownId = unknownIdOf(mapping, ids, record, type);
    return unknownId === undefined ? undefined : deadLetter(type, record, row, 'unknown-id', `the id table has no ${unknownId}`);
  };

  return {
    take(record) {
      const kind = reader.kind(record);
      const row = kind === undefined ? inputRow(books, '') : rowOf(kind);
      row.in += 1;
      if (kind === undefined) return deadLetter('', record, row, 'no-type', 'the event has no eventType');
      const { type } = kind;
      const time = reader.time(record);
      if (typeof time === 'string') return deadLetter(type, record, row, time, TIME_MESSAGES[time]);
      const current = reader.isCurrent(record, kind);
      const refused = current ? undefined : refusal(record, kind, row);
      const read = { seq, kind, time, current };
      seq += 1;
      if (refused !== undefined) return refused;
      if (time < from) from = time;
      if (time > to) to = time;
      const clock = options.clock();
      const entry = contexts.of(record, time, clock);
      if (isDuplicate(record, entry, time, clock)) return endedSlot('duplicates', type, record, row, 'duplicate', undefined);
      return slotOf(reader.facts(record, read, entry?.key, entry === undefined ? NO_LEGS : entry.call.legs), row, entry);
    },
    again(record, seq) {
      const kind = reader.kind(record);
      const time = reader.time(record);
      if (kind === undefined || typeof time === 'string') throw new Error('a held event cannot be read again');
      const current = reader.isCurrent(record, kind);
      const contact = slotTextOnce(record, SLOT.contactId);
      const entry = contact === undefined ? undefined : contexts.recall(contact);
      const facts = reader.facts(record, { seq, kind, time, current }, entry?.key, entry === undefined ? NO_LEGS : entry.call.legs);
      return slotOf(facts, rowOf(kind), entry);
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

function deadLetter(type: string, record: RecordView, row: InputCounts, reason: Reason, message: string): Slot {
  return endedSlot('deadLetters', type, record, row, reason, message);
}

function isNumberInSource(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.contactId] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] !== 0x22;
}
