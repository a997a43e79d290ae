import { textName } from './identity.ts';
import type { RecordView } from './record.ts';
import { slotText, slotTextOnce } from './record.ts';
import { SLOT } from './slots.ts';

/** Of what belongs to no contact and no agent, or is no event. */
export const NO_TOKEN = '-';
/** What may stand in a subject, and is not taken for one of the other forms. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;

/**
 * What stands for an event's contact in a subject, so that a server can divide events by it; for events without a contact, its agent (they
 * have their home there, see `homeOf`). Ids with other signs than letters, digits, `_` and `-` are told by their hash.
 */
export function tokenOf(record: RecordView): string {
  const contact = slotTextOnce(record, SLOT.contactId);
  if (contact !== undefined) return contactToken(contact);
  const agent = slotText(record, SLOT.agentId);
  return agent === undefined ? NO_TOKEN : agentToken(agent);
}

/** The token of a contact. */
export function contactToken(contact: string): string {
  return PLAIN.test(contact) ? contact : `-c${textName(contact)}`;
}

/** The token of an agent's events without a contact. */
export function agentToken(agent: string): string {
  return `-a${textName(agent)}`;
}
