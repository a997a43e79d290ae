import type { EventFacts } from '../event/facts.ts';
import { directionOf } from '../event/facts.ts';
import { slotText } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { CallContext, PendingTransfer } from './call.ts';
import { findLeg } from './call.ts';

/**
 * The agent on whose own leg a channel event happened, or undefined for the leg of an outside party.
 * The leg of an agent is known by (contactId, agentId); connectId only refines, since it may be one per party or one per call.
 * A customer's leg may carry an agentId too: the destination and the role decide (semantics, sections 1 and 3).
 */
export function agentOnLeg(call: CallContext, facts: EventFacts): string | undefined {
  if (facts.action === 'Ringing' && isAgentId(facts.destination)) return facts.destination;
  const { agent } = facts;
  if (agent === undefined) return undefined;
  if (facts.action === 'Dialing') return agent;
  if (facts.action === 'Ringing') return ringsOutside(facts) || call.consultation?.by === agent ? undefined : agent;
  const leg = findLeg(call, facts.leg);
  if (leg?.outside === true && !leg.agents.includes(agent)) return undefined;
  return agent;
}

/** True if a transfer can be what brings an agent in: it names this agent, or a number, an extension, a queue that may lead to any. */
export function mayLeadTo(transfer: PendingTransfer, agent: string | undefined): boolean {
  return transfer.by !== agent && (transfer.to === agent || !isAgentId(transfer.to));
}

/** Agent ids of both versions have the form `name@domain`; numbers and extensions do not. */
function isAgentId(destination: string | undefined): boolean {
  return destination?.includes('@') === true;
}

function ringsOutside(facts: EventFacts): boolean {
  const { destination } = facts;
  if (destination === undefined || destination === facts.agent) return false;
  switch (directionOf(facts.callType)) {
    case 'outbound':
      return destination === slotText(facts.record, SLOT.callee);
    case 'inbound':
      return destination === slotText(facts.record, SLOT.caller);
    case 'double':
      return true;
    default:
      return false;
  }
}
