import type { IdTable } from './ids.ts';
import { CURRENT_CALL_TYPES, CURRENT_EVENTS, LEGACY_CALL_TYPES, LEGACY_EVENTS } from './names.ts';
import type { RecordView } from './record.ts';
import { slotText } from './record.ts';
import type { Shape } from './shape.ts';
import { SLOT } from './slots.ts';

const LEGACY_NAMES: ReadonlySet<string> = new Set(LEGACY_EVENTS);
const CURRENT_NAMES: ReadonlySet<string> = new Set(CURRENT_EVENTS);
const LEGACY_SPELLINGS: ReadonlySet<string> = new Set(LEGACY_CALL_TYPES);
const CURRENT_SPELLINGS: ReadonlySet<string> = new Set(CURRENT_CALL_TYPES);

/** True if either version has an event of this name. */
export function isKnownType(type: string): boolean {
  return LEGACY_NAMES.has(type) || CURRENT_NAMES.has(type);
}

/**
 * Which version an event is, by what it shows (semantics, section 2): any sign of 1.0 decides for 1.0, then any sign of 2.0 for 2.0.
 * camelCase `eventTime` and `eventType` alone prove nothing.
 */
export function isCurrentEvent(record: RecordView, type: string, callType: string | undefined, ids: IdTable, undecided: boolean): boolean {
  if (showsLegacyKeys(record.shape)) return false;
  const legacyName = LEGACY_NAMES.has(type);
  const currentName = CURRENT_NAMES.has(type);
  if (legacyName && !currentName) return false;
  if (callType !== undefined && LEGACY_SPELLINGS.has(callType)) return false;
  if (currentName && !legacyName) return true;
  if (type !== 'TextStream' && has(record.shape, SLOT.channelId)) return true;
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
  if (slotText(record, SLOT.contactId)?.startsWith('job-') === true) return true;
  const named = [slotText(record, SLOT.instanceId), slotText(record, SLOT.agentId), slotText(record, SLOT.skillGroupId)];
  return named.some((id) => id !== undefined && ids.isAnyCurrent(id));
}
