import type { EventFacts } from '../event/facts.ts';
import { contentHash } from '../event/identity.ts';
import type { IdTable } from '../event/ids.ts';
import { createKinds } from '../event/kind.ts';
import { readFacts, readTime, readType } from '../event/read.ts';
import type { RecordView } from '../event/record.ts';
import { valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { ZoneOffset } from '../event/time.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Books } from './account.ts';
import { inputRow } from './account.ts';
import type { Contexts } from './contexts.ts';
import type { AgentMemory } from './dedupe.ts';
import { seenInCall } from './dedupe.ts';
import { unknownIdOf } from './id-check.ts';
import type { KindMapping } from './kinds.ts';
import type { Account, Outcome, Reason } from './outcome.ts';
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
  readonly mappingOf: (kind: EventFacts['kind']) => KindMapping;
  /** Where event time stands. */
  readonly clock: () => number;
}

/** Receives records in input order. */
export interface Arrival {
  /** The event that a record is, or what became of it at once: a dead letter or a duplicate. */
  take(record: RecordView): EventFacts | Outcome;
  /** Earliest and latest event time, Unix milliseconds. */
  span(): { readonly from: number; readonly to: number } | undefined;
}

/** The reception of a translator. */
export function createArrival(options: ArrivalOptions): Arrival {
  const { mapping, ids, zone, books, tally, contexts, memory } = options;
  const reading = { ids, zone, undecidedIsCurrent: mapping.policies.undecidedVersion === 'current' };
  const kindOf = createKinds();
  let seq = 0;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;

  const isDuplicate = (facts: EventFacts): boolean => {
    const identity = contentHash(facts.record);
    const clock = options.clock();
    if (facts.contact === undefined) return memory.seen(facts.agent ?? '', identity, facts.time, clock);
    const entry = contexts.get(facts.contact, facts.time, clock);
    entry.dirty = true;
    if (entry.call.seen.length === 0) entry.call.numeric = isNumberInSource(facts.record);
    return seenInCall(entry, identity);
  };

  const refusal = (facts: EventFacts): Outcome | undefined => {
    if (facts.current) return undefined;
    const { record, type } = facts;
    if (options.mappingOf(facts.kind).event === undefined) {
      tally.note('unknownType', type, record);
      if (mapping.policies.unknownType === 'pass') return undefined;
      return endOf('deadLetters', type, record, 'unknown-type', `mapping ${mapping.name} has no event ${JSON.stringify(type)}`);
    }
    const unknownId = mapping.policies.unknownId === 'keep' ? undefined : unknownIdOf(mapping, ids, record, type);
    return unknownId === undefined ? undefined : endOf('deadLetters', type, record, 'unknown-id', `the id table has no ${unknownId}`);
  };

  return {
    take(record) {
      const type = readType(record);
      inputRow(books, type ?? '').in += 1;
      if (type === undefined) return endOf('deadLetters', '', record, 'no-type', 'the event has no eventType');
      const time = readTime(record, zone);
      if (typeof time === 'string') return endOf('deadLetters', type, record, time, TIME_MESSAGES[time]);
      const facts = readFacts(record, seq++, kindOf(type), time, reading);
      const refused = refusal(facts);
      if (refused !== undefined) return refused;
      if (time < from) from = time;
      if (time > to) to = time;
      return isDuplicate(facts) ? endOf('duplicates', type, record, 'duplicate') : facts;
    },
    span: () => (from <= to ? { from, to } : undefined),
  };
}

const TIME_MESSAGES = { 'no-time': 'the event has no eventTime', 'bad-time': 'eventTime is not a time that is understood' } as const;

/** The outcome of an event that has no output. */
export function endOf(account: Account, type: string, record: RecordView, reason: Reason | undefined, message?: string): Outcome {
  return { account, type, reason, message, record, outputs: [], leftOut: undefined };
}

function isNumberInSource(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.contactId] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] !== 0x22;
}
