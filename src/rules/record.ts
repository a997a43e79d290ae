import type { CallContext } from '../context/call.ts';
import { findPart } from '../context/call.ts';
import type { EventFacts } from '../event/facts.ts';
import { directionOf } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import { slotText } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { formatTime } from '../event/time.ts';
import type { RuleInput } from './decision.ts';

/** Start of a call: its Dialing (outbound, double, internal) or Route2IVR (inbound). Vendor page 2.0, CDRReady. */
export function startTime(call: CallContext): string | undefined {
  const { dialing, route } = call.times;
  return format(directionOf(call.callType) === 'inbound' ? route : (dialing ?? route));
}

/** When the parties were connected, in Unix milliseconds; undefined if never. Vendor page 2.0, CDRReady. */
export function connectedAt(call: CallContext): number | undefined {
  switch (directionOf(call.callType)) {
    case 'inbound':
      return call.times.agentUp;
    case 'outbound':
      return call.times.outsideUp;
    default:
      return [...call.times.ups].sort((a, b) => a - b)[1];
  }
}

/** End of a call: the last Released. */
export function endTime(call: CallContext): string | undefined {
  return format(call.times.released);
}

/** A time as 2.0 writes it. */
export function format(time: number | undefined): string | undefined {
  return time === undefined ? undefined : formatTime(time);
}

/**
 * How a call ended, in the values of the vendor's page of 2021 (semantics, section 3, "Call records"). Undefined if no event of the
 * call itself was seen: then nothing is known, not even that nobody answered.
 */
export function dispositionCode(call: CallContext): string | undefined {
  if (connectedAt(call) !== undefined || wasAnswered(call)) return 'Success';
  switch (call.abandonPhase) {
    case 'IVR':
      return 'AbandonedInContactFlow';
    case 'Queuing':
      return 'AbandonedInQueue';
    case 'Ring':
    case 'Ringing':
      return 'AbandonedRing';
    default:
  }
  if (call.queueTimedOut) return 'AbandonedInQueue';
  if (call.ringTimedOut) return 'AbandonedRing';
  if (call.refused) return 'Reject';
  const { dialing, route, released } = call.times;
  return dialing !== undefined || route !== undefined || released !== undefined || call.onRecord.length > 0 ? 'NoAnswer' : undefined;
}

/** The agent of an inbound call talks only with the customer, so AgentTalk shows that it was answered though CallEstablished is missing. */
function wasAnswered(call: CallContext): boolean {
  return directionOf(call.callType) === 'inbound' && call.parts.some((part) => part.answered);
}

/** Every agent whose leg dialled, rang or was established, in order; the record's own agent first if it is not among them. */
export function agentIds(call: CallContext, facts: EventFacts, ids: IdTable): string | undefined {
  const own = list(slotText(facts.record, SLOT.agentIds) ?? slotText(facts.record, SLOT.agentId)).map((id) => ids.find('agent', id) ?? id);
  return join([...own.filter((id) => !call.onRecord.includes(id)), ...call.onRecord]);
}

/** The skill groups of those agents; the record's own group first if it is not among them. */
export function skillGroupIds(call: CallContext, facts: EventFacts, ids: IdTable): string | undefined {
  const current = (id: string): string => ids.find('skillGroup', id) ?? id;
  const known = call.onRecord.flatMap((agent) => findPart(call, agent)?.group ?? []).map(current);
  const own = list(slotText(facts.record, SLOT.skillGroupIds) ?? slotText(facts.record, SLOT.skillGroupId)).map(current);
  return join([...own.filter((id) => !known.includes(id)), ...known]);
}

/** True while a party of the call is known to be on the line: its release is still to come, and the record would lack the end. */
export function endIsAhead(input: RuleInput): boolean {
  const { call, ahead } = input;
  const released = (agent: string): boolean => ahead.some((each) => each.action === 'Released' && each.agent === agent);
  if (call.parts.some((part) => part.state !== 'out' && !released(part.agent))) return true;
  return call.outsideLeg !== undefined && !call.outsideReleased && call.abandonPhase === undefined && !call.queueTimedOut;
}

function list(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((each) => each.trim());
}

function join(values: readonly string[]): string | undefined {
  const unique = [...new Set(values)];
  return unique.length === 0 ? undefined : unique.join(',');
}
