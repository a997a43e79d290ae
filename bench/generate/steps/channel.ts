import { type Call, type Party, play } from '../call.ts';
import { addSeat, agentOf, currentAgentForm, currentCallForm, endLegacy, legacyCallForm, truthOf } from '../forms.ts';
import type { Played, Truth } from '../played.ts';

/** The agents of a call record are those whose leg dialled, rang or came up, in the order in which their legs appear. */
function noteSeat(call: Call, party: Party): void {
  const { seats } = call.facts;
  if (party.agent !== undefined && !seats.some((known) => known.agent === party.agent)) seats.push(party);
}

/** Dialing of a party's leg. */
export function dials(call: Call, party: Party): Played {
  call.facts.startTime ??= call.now;
  noteSeat(call, party);
  const fields = addSeat(currentCallForm(call, party.leg), party, 'current');
  const legacy = addSeat(legacyCallForm(call, party.leg), party, 'legacy');
  return play(call, 'Dialing', endLegacy(call, legacy), [truthOf(call, 'renamed', 'Dialing', party.agent, fields)]);
}

/** Ringing of a party's leg. */
export function rings(call: Call, party: Party): Played {
  noteSeat(call, party);
  const { agent, group, leg, legType, number, scenario } = party;
  const fields = currentCallForm(call, leg, legType);
  fields.push('agentId', agent?.current, 'destination', agent?.current ?? number, 'skillGroupId', group?.current, 'scenario', scenario);
  const legacy = addSeat(legacyCallForm(call, leg, legType), party, 'legacy');
  legacy.push('destination', agent?.legacy ?? number);
  return play(call, 'Ringing', endLegacy(call, legacy), [truthOf(call, 'renamed', 'Ringing', agent, fields)]);
}

/** When the parties of a call are connected (vendor's definition of establishedTime). */
function noteEstablished(call: Call, party: Party): void {
  const { facts } = call;
  facts.established += 1;
  const inbound = call.type === 'Inbound' && party.agent !== undefined;
  const outbound = call.type === 'Outbound' && party.agent === undefined;
  const both = (call.type === 'Internal' || call.type === 'Back2Back') && facts.established === 2;
  if (inbound || outbound || both) facts.establishedTime ??= call.now;
}

/** CallEstablished of a party's leg. */
export function comesUp(call: Call, party: Party): Played {
  noteSeat(call, party);
  noteEstablished(call, party);
  const { agent, leg, legType } = party;
  const fields = addSeat(currentCallForm(call, leg, legType), party, 'current');
  const legacy = addSeat(legacyCallForm(call, leg, legType), party, 'legacy');
  return play(call, 'CallEstablished', endLegacy(call, legacy), [truthOf(call, 'renamed', 'Established', agent, fields)]);
}

/** How a leg ends. */
export interface Ending {
  /** Number of the side that hung up. */
  readonly by: string;
  readonly reason?: string;
  /** What 2.0 sends after the Released, at the same time. */
  readonly after?: Truth;
}

/** CallReleased of a party's leg; the AgentRelease of an agent that dialled or talked stands directly before. */
export function hangsUp(call: Call, party: Party, ending: Ending): Played {
  const { by, reason = '200 - Okay', after } = ending;
  const { agent, leg, legType } = party;
  call.facts.endTime = call.now;
  const truth: Truth[] = [];
  if (party.engaged) {
    party.release = truthOf(call, 'synthesized', 'AgentRelease', agent, currentAgentForm(call, party, agentOf(party), undefined));
    truth.push(party.release);
    party.engaged = false;
  }
  const fields = addSeat(currentCallForm(call, leg, legType), party, 'current');
  fields.push('releaseReason', reason);
  truth.push(truthOf(call, 'renamed', 'Released', agent, fields));
  if (after !== undefined) truth.push(after);
  const legacy = addSeat(legacyCallForm(call, leg, legType), party, 'legacy');
  legacy.push('initiator', by, 'releaseReason', reason);
  const played = play(call, 'CallReleased', endLegacy(call, legacy), truth);
  for (const event of truth) if (event.kind === 'synthesized') event.evidence.push(played);
  return played;
}

/** CallHeld or CallRetrieved by an agent; the other leg is the customer's. */
export function holds(call: Call, party: Party, customer: Party, type: 'CallHeld' | 'CallRetrieved'): Played {
  const [name, key] = type === 'CallHeld' ? ['Held', 'heldChannelId'] : ['Retrieved', 'retrievedChannelId'];
  const fields = addSeat(currentCallForm(call, party.leg), party, 'current');
  fields.push(key, customer.leg);
  const { contactId, caller, callee } = call;
  const base = ['contactId', contactId, 'connectId', party.leg, 'callType', call.type, 'caller', caller, 'callee', callee];
  const legacy = endLegacy(call, addSeat(base, party, 'legacy'));
  return play(call, type, legacy, [truthOf(call, 'renamed', name, party.agent, fields)]);
}
