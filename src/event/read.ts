import type { EventFacts } from './facts.ts';
import { hasFailed } from './facts.ts';
import type { IdTable } from './ids.ts';
import type { EventKind } from './kind.ts';
import type { RecordView } from './record.ts';
import { slotText, valueEnd, valueStart } from './record.ts';
import { SLOT } from './slots.ts';
import type { ZoneOffset } from './time.ts';
import { parseTime } from './time.ts';
import { isCurrentEvent } from './version.ts';

/** What reading an event needs to know besides the record. */
export interface ReadContext {
  readonly ids: IdTable;
  /** Zone of times that name none. */
  readonly zone: ZoneOffset;
  /** An event that shows neither version is a 2.0 event. */
  readonly undecidedIsCurrent: boolean;
}

/** Why a record is no event. */
export type NoEvent = 'no-type' | 'no-time' | 'bad-time';

/** Type of a record, or undefined if it has none. */
export function readType(record: RecordView): string | undefined {
  const field = record.shape.slots[SLOT.eventType] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] === 0x22 ? slotText(record, SLOT.eventType) : undefined;
}

/** Event time of a record in Unix milliseconds, or the reason why it has none. */
export function readTime(record: RecordView, zone: ZoneOffset): number | 'no-time' | 'bad-time' {
  const field = record.shape.slots[SLOT.eventTime] as number;
  if (field < 0) return 'no-time';
  const time = parseTime(record.block.bytes, valueStart(record, field), valueEnd(record, field), zone);
  if (!Number.isNaN(time)) return time;
  return slotText(record, SLOT.eventTime) === undefined ? 'no-time' : 'bad-time';
}

/** Reads what the engine needs to know of an event. `kind` and `time` come from {@link readType} and {@link readTime}. */
export function readFacts(record: RecordView, seq: number, kind: EventKind, time: number, context: ReadContext): EventFacts {
  const { ids } = context;
  const { type, action } = kind;
  const callType = slotText(record, SLOT.callType);
  const agent = readAgent(record, action);
  const destination = slotText(record, SLOT.destination);
  return {
    record,
    seq,
    time,
    kind,
    type,
    action,
    current: isCurrentEvent(record, kind, callType, ids, context.undecidedIsCurrent),
    failed: hasFailed(record),
    contact: slotText(record, SLOT.contactId),
    agent: agent === undefined ? undefined : (ids.find('agent', agent) ?? agent),
    leg: slotText(record, SLOT.connectId) ?? (type === 'TextStream' ? undefined : slotText(record, SLOT.channelId)),
    callType,
    destination: destination === undefined ? undefined : (ids.find('party', destination) ?? destination),
  };
}

function readAgent(record: RecordView, action: EventFacts['action']): string | undefined {
  const agent = slotText(record, SLOT.agentId);
  if (agent !== undefined || (action !== 'BlindTransfer' && action !== 'AttendedTransfer')) return agent;
  return slotText(record, SLOT.transferor) ?? slotText(record, SLOT.originator);
}
