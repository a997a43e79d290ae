import { createKinds } from '../event/kind.ts';
import { LEGACY_EVENTS } from '../event/names.ts';
import type { RecordView } from '../event/record.ts';
import { hasSlot, slotText, valueEnd, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { Mapping } from '../mapping/model.ts';
import { assigns } from './arrival.ts';
import { isElsewhere } from './engaged.ts';

/**
 * What an event shows to the parts of the work that are not its home, as JSON: of most only time and type, of those that show an agent
 * elsewhere, are 2.0 already, or are of no known type, all. A translator takes it in the event's place, and decides the same.
 */
export function createGlance(mapping: Mapping): (record: RecordView) => string {
  const kindOf = createKinds();
  // Whether the time of an event counts that may be refused depends on more than that.
  const mayRefuse = mapping.policies.unknownId !== 'keep' || LEGACY_EVENTS.some((type) => !mapping.events.has(type));
  return (record) => {
    const { block, start, end, shape } = record;
    const type = slotText(record, SLOT.eventType);
    const kind = type === undefined ? undefined : kindOf(type);
    const inCall = hasSlot(record, SLOT.contactId);
    const isPlain = !mayRefuse && kind?.isLegacy === true && inCall && !isElsewhere(kind.action, inCall) && !assigns(kind.action);
    const isMark = kind?.action === 'AgentRelease' || kind?.action === 'StopConsultant';
    if (!isPlain || isMark) return block.text(start, end);
    const member = (slot: number): string => {
      const field = shape.slots[slot] as number;
      return field < 0 ? '' : `${JSON.stringify(shape.keys[field])}:${block.text(valueStart(record, field), valueEnd(record, field))}`;
    };
    // With a contact it is in a call; which one is nobody else's business.
    return `{${[member(SLOT.eventTime), member(SLOT.eventType), '"contactId":"?"'].filter((text) => text !== '').join(',')}}`;
  };
}
