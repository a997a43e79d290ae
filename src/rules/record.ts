import type { CallContext } from '../context/call.ts';
import { findPart } from '../context/call.ts';
import type { EventFacts } from '../event/facts.ts';
import { directionOf } from '../event/facts.ts';
import type { IdTable, IdTableKind } from '../event/ids.ts';
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
  const own = slotText(facts.record, SLOT.agentIds) ?? slotText(facts.record, SLOT.agentId);
  return merged(own, 'agent', ids, call.onRecord);
}

/** The skill groups of those agents; the record's own group first if it is not among them. */
export function skillGroupIds(call: CallContext, facts: EventFacts, ids: IdTable): string | undefined {
  const known: string[] = [];
  for (const agent of call.onRecord) {
    const group = findPart(call, agent)?.group;
    if (group !== undefined) addOnce(known, ids.find('skillGroup', group) ?? group);
  }
  const own = slotText(facts.record, SLOT.skillGroupIds) ?? slotText(facts.record, SLOT.skillGroupId);
  return merged(own, 'skillGroup', ids, known);
}

/** The ids of a list in their 2.0 form that are not known already, then the known ones; undefined if there are none. */
function merged(list: string | undefined, kind: IdTableKind, ids: IdTable, known: readonly string[]): string | undefined {
  const all: string[] = [];
  for (const each of list === undefined ? [] : list.split(',')) {
    const id = each.trim();
    const current = ids.find(kind, id) ?? id;
    if (!known.includes(current)) addOnce(all, current);
  }
  for (const id of known) addOnce(all, id);
  return all.length === 0 ? undefined : all.join(',');
}

function addOnce(list: string[], item: string): void {
  if (!list.includes(item)) list.push(item);
}

/** True while a party of the call is known to be on the line: its release is still to come, and the record would lack the end. */
export function endIsAhead(input: RuleInput): boolean {
  const { call, ahead } = input;
  const released = (agent: string): boolean => ahead.some((each) => each.action === 'Released' && each.agent === agent);
  if (call.parts.some((part) => part.state !== 'out' && !released(part.agent))) return true;
  return call.outsideLeg !== undefined && !call.outsideReleased && call.abandonPhase === undefined && !call.queueTimedOut;
}
