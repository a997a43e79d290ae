import type { IdTable } from './ids.ts';
import type { EventKind } from './kind.ts';
import { CURRENT_CALL_TYPES, LEGACY_CALL_TYPES } from './names.ts';
import type { RecordView } from './record.ts';
import { slotText, slotTextOnce } from './record.ts';
import type { Shape } from './shape.ts';
import { SLOT } from './slots.ts';

const LEGACY_SPELLINGS: ReadonlySet<string> = new Set(LEGACY_CALL_TYPES);
const CURRENT_SPELLINGS: ReadonlySet<string> = new Set(CURRENT_CALL_TYPES);

/**
 * Which version an event is, by what it shows (semantics, section 2): any sign of 1.0 decides for 1.0, then any sign of 2.0 for 2.0.
 * camelCase `eventTime` and `eventType` alone prove nothing. `undecided` = what an event is that shows neither.
 */
export function isCurrentEvent(record: RecordView, kind: EventKind, ids: IdTable, undecided: boolean): boolean {
  if (showsLegacyKeys(record.shape)) return false;
  if (kind.isLegacy && !kind.isCurrent) return false;
  const callType = slotText(record, SLOT.callType);
  if (callType !== undefined && LEGACY_SPELLINGS.has(callType)) return false;
  if (kind.isCurrent && !kind.isLegacy) return true;
  if (kind.type !== 'TextStream' && has(record.shape, SLOT.channelId)) return true;
  if (callType !== undefined && CURRENT_SPELLINGS.has(callType)) return true;
  return showsCurrentIds(record, ids) || undecided;
}

function showsLegacyKeys(shape: Shape): boolean {
  return shape.pascalType || has(shape, SLOT.connectId) || has(shape, SLOT.result);
}

function has(shape: Shape, slot: number): boolean {
  return (shape.slots[slot] as number) >= 0;
}

function showsCurrentIds(record: RecordView, ids: IdTable): boolean {
  if (slotTextOnce(record, SLOT.contactId)?.startsWith('job-') === true) return true;
  const named = [slotText(record, SLOT.instanceId), slotText(record, SLOT.agentId), slotText(record, SLOT.skillGroupId)];
  return named.some((id) => id !== undefined && ids.isAnyCurrent(id));
}
