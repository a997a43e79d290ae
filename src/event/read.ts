import type { EventFacts } from './facts.ts';
import { hasFailed } from './facts.ts';
import type { IdTable } from './ids.ts';
import type { EventKind } from './kind.ts';
import { createKinds } from './kind.ts';
import type { RecordView } from './record.ts';
import { slotText, slotTextAmong, valueEnd, valueStart } from './record.ts';
import { SLOT } from './slots.ts';
import { SpanCache } from './span-cache.ts';
import type { ZoneOffset } from './time.ts';
import { parseTime } from './time.ts';
import { isCurrentEvent } from './version.ts';

/** What reading events needs to know besides the records. */
export interface ReadContext {
  readonly ids: IdTable;
  /** Zone of times that name none. */
  readonly zone: ZoneOffset;
  /** An event that shows neither version is a 2.0 event. */
  readonly undecidedIsCurrent: boolean;
}

/** Why a record is no event. */
export type NoEvent = 'no-type' | 'no-time' | 'bad-time';

/** Reads what the engine needs to know of events. */
export interface EventReader {
  /** The kind of event that a record is, by its type; undefined if it has none. */
  kind(record: RecordView): EventKind | undefined;
  /** Event time of a record in Unix milliseconds, or the reason why it has none. */
  time(record: RecordView): number | 'no-time' | 'bad-time';
  /** True if the event is already a 2.0 event. */
  isCurrent(record: RecordView, kind: EventKind): boolean;
  /** Completes only what an event shows of its agent: who, and whether the operation failed. */
  completeAgent(event: UnreadFacts): void;
  /** Completes what is known of an event by what it says itself. `legs` are those that its call is known to have. */
  complete(event: UnreadFacts, legs: readonly { readonly id: string }[]): void;
}

/** An event of which record and kind are known, and in time the rest. */
export type UnreadFacts = Pick<EventFacts, 'record' | 'kind'> & {
  -readonly [name in 'failed' | 'agent' | 'leg' | 'callType' | 'destination']: EventFacts[name];
};

const QUOTE = 0x22;

/** A reader of events. */
export function createEventReader({ ids, zone, undecidedIsCurrent }: ReadContext): EventReader {
  const kindOf = createKinds();
  const kinds = new SpanCache<EventKind>(256);
  const agents = new SpanCache<string>(8192);
  const parties = new SpanCache<string>(8192);
  const agentOf = (record: RecordView, slot: number): string | undefined =>
    translated(record, slot, agents, (id) => ids.find('agent', id) ?? id);
  const partyOf = (record: RecordView, slot: number): string | undefined =>
    translated(record, slot, parties, (id) => ids.find('party', id) ?? id);

  const agentNamed = (record: RecordView, action: EventFacts['action']): string | undefined => {
    const agent = agentOf(record, SLOT.agentId);
    if (agent !== undefined || (action !== 'BlindTransfer' && action !== 'AttendedTransfer')) return agent;
    return agentOf(record, SLOT.transferor) ?? agentOf(record, SLOT.originator);
  };

  const completeAgent = (event: UnreadFacts): void => {
    event.failed = hasFailed(event.record);
    event.agent = agentNamed(event.record, event.kind.action);
  };

  return {
    kind(record) {
      const field = record.shape.slots[SLOT.eventType] as number;
      if (field < 0) return undefined;
      const { view, bytes } = record.block;
      const start = valueStart(record, field);
      const end = valueEnd(record, field);
      const found = kinds.get(view, start, end);
      if (found !== undefined) return found;
      const type = bytes[start] === QUOTE ? slotText(record, SLOT.eventType) : undefined;
      if (type === undefined) return undefined;
      const kind = kindOf(type);
      kinds.put(view, start, end, kind);
      return kind;
    },
    time(record) {
      const field = record.shape.slots[SLOT.eventTime] as number;
      if (field < 0) return 'no-time';
      const time = parseTime(record.block.bytes, valueStart(record, field), valueEnd(record, field), zone);
      if (!Number.isNaN(time)) return time;
      return slotText(record, SLOT.eventTime) === undefined ? 'no-time' : 'bad-time';
    },
    isCurrent: (record, kind) => isCurrentEvent(record, kind, ids, undecidedIsCurrent),
    completeAgent,
    complete(event, legs) {
      const { record, kind } = event;
      completeAgent(event);
      event.leg = slotTextAmong(record, SLOT.connectId, legs);
      if (event.leg === undefined && kind.type !== 'TextStream') event.leg = slotTextAmong(record, SLOT.channelId, legs);
      event.callType = slotText(record, SLOT.callType);
      event.destination = partyOf(record, SLOT.destination);
    },
  };
}

/** The text of a slot, translated; what comes of the same bytes again is known. */
function translated(record: RecordView, slot: number, cache: SpanCache<string>, translate: (id: string) => string): string | undefined {
  const field = record.shape.slots[slot] as number;
  if (field < 0) return undefined;
  const { view } = record.block;
  const start = valueStart(record, field);
  const end = valueEnd(record, field);
  const found = cache.get(view, start, end);
  if (found !== undefined) return found;
  const text = slotText(record, slot);
  if (text === undefined) return undefined;
  const made = translate(text);
  cache.put(view, start, end, made);
  return made;
}
