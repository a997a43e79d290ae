import type { EventFacts } from '../event/facts.ts';
import { directionOf, evidenceOf, isConsult } from '../event/facts.ts';
import { slotText, slotTextOnce } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { AgentPart, CallContext, Opening } from './call.ts';
import { legOf, partOf } from './call.ts';
import { withItem } from './few.ts';
import { agentOnLeg } from './party.ts';

/**
 * Takes in what an event says as a fact, as soon as it is seen: who is who, ids, numbers, times. What the event *does* to the call
 * ({@link apply}) follows when it has been decided; a held event can so be decided by facts that came after it.
 */
export function observe(call: CallContext, facts: EventFacts): void {
  if (facts.time > call.last) call.last = facts.time;
  if (facts.time < call.first) call.first = facts.time;
  if (facts.current) call.mixed = true;
  if (facts.failed) return;
  observeCall(call, facts);
  switch (facts.action) {
    case 'Dialing':
    case 'Ringing':
    case 'Established':
    case 'Released':
    case 'Held':
    case 'Retrieved':
      observeChannel(call, facts);
      break;
    case 'AssignAgent':
    case 'RingingTimeout':
      observeAssignment(call, facts);
      break;
    case 'AgentDialing':
    case 'AgentRinging':
    case 'AgentTalk':
    case 'AgentACW':
    case 'AgentRelease':
      observeAgent(call, facts);
      break;
    case 'Route2IVR':
    case 'Enqueue':
      observeOutside(call, facts);
      if (facts.action === 'Route2IVR') call.times.route = earlier(call.times.route, facts.time);
      break;
    case 'Abandoned':
      call.abandonPhase ??= slotText(facts.record, SLOT.abandonPhase);
      break;
    case 'QueueingTimeout':
      call.queueTimedOut = true;
      break;
    case 'CDRReady':
      call.recorded = true;
      break;
    default:
  }
}

function observeCall(call: CallContext, facts: EventFacts): void {
  const { record } = facts;
  call.instance ??= slotText(record, SLOT.instanceId);
  if (facts.action === 'Other') return;
  call.flow ??= slotText(record, SLOT.contactFlowId);
  // The numbers of a consultation leg are those of the consultation, not of the call.
  if (facts.callType === undefined || isConsult(facts.callType)) return;
  if (call.callType === undefined) {
    call.callType = facts.callType;
    call.callTypeOn = evidenceOf(facts);
  }
  call.caller ??= slotTextOnce(record, SLOT.caller);
  call.callee ??= slotTextOnce(record, SLOT.callee);
  call.broker ??= slotText(record, SLOT.broker);
}

function observeChannel(call: CallContext, facts: EventFacts): void {
  const agent = agentOnLeg(call, facts);
  if (facts.leg !== undefined) {
    const leg = legOf(call, facts.leg, facts);
    if (agent !== undefined && facts.action === 'Dialing' && isConsult(facts.callType)) leg.consultBy = agent;
    if (agent === undefined) leg.outside = true;
    else if (!leg.agents.includes(agent)) leg.agents = withItem(leg.agents, agent);
  }
  if (agent === undefined) observeOutsideChannel(call, facts);
  else observeAgentChannel(call, facts, partOf(call, agent));
  if (facts.action === 'Released') observeRelease(call, facts, agent);
}

function observeOutside(call: CallContext, facts: EventFacts): void {
  if (facts.leg === undefined) return;
  legOf(call, facts.leg, facts).outside = true;
  call.outsideLeg ??= facts.leg;
}

function observeOutsideChannel(call: CallContext, facts: EventFacts): void {
  const { times } = call;
  if (facts.action === 'Dialing') times.dialing = earlier(times.dialing, facts.time);
  // An outside party that rings for a consultation is not the customer.
  const consulted = call.consultation !== undefined && call.outsideLeg === undefined;
  if ((facts.action === 'Ringing' || facts.action === 'Established') && !consulted) observeOutside(call, facts);
  if (facts.action !== 'Established') return;
  times.outsideUp = earlier(times.outsideUp, facts.time);
  times.ups = withItem(times.ups, facts.time);
}

function observeAgentChannel(call: CallContext, facts: EventFacts, part: AgentPart): void {
  const { times } = call;
  noteGroup(part, facts);
  const dialsConsult = facts.action === 'Dialing' && isConsult(facts.callType);
  if (!dialsConsult) part.leg ??= facts.leg;
  switch (facts.action) {
    case 'Dialing':
      if (!dialsConsult) {
        times.dialing = earlier(times.dialing, facts.time);
        part.dialledOn ??= evidenceOf(facts);
      }
      noteOnRecord(call, part.agent);
      part.openings = withItem(part.openings, opening('Dialing', facts));
      break;
    case 'Ringing':
      noteOnRecord(call, part.agent);
      part.openings = withItem(part.openings, opening('Ringing', facts));
      break;
    case 'Established':
      if (!part.up) times.ups = withItem(times.ups, facts.time);
      part.up = true;
      noteOnRecord(call, part.agent);
      times.agentUp = earlier(times.agentUp, facts.time);
      break;
    default:
  }
}

function observeRelease(call: CallContext, facts: EventFacts, agent: string | undefined): void {
  call.times.released = later(call.times.released, facts.time);
  if (agent === undefined && facts.leg !== undefined && (call.outsideLeg ?? facts.leg) === facts.leg) call.outsideReleased = true;
  if (agent === undefined && facts.leg === undefined) call.outsideReleased = true;
  if (refuses(facts) && isCalledParty(call, agent)) call.refused = true;
}

/** 603 Decline and 486 Busy Here: the called party refused. The text is free SIP, so only its code is read. */
function refuses(facts: EventFacts): boolean {
  const reason = slotText(facts.record, SLOT.releaseReason)?.trimStart();
  return reason !== undefined && (reason.startsWith('603') || reason.startsWith('486'));
}

function isCalledParty(call: CallContext, agent: string | undefined): boolean {
  const direction = directionOf(call.callType);
  if (direction === 'inbound') return agent !== undefined;
  if (direction === 'outbound') return agent === undefined;
  return agent === undefined || call.parts.every((part) => part.agent !== agent || part.dialledOn === undefined);
}

function observeAssignment(call: CallContext, facts: EventFacts): void {
  if (facts.action === 'RingingTimeout') call.ringTimedOut = true;
  if (facts.agent === undefined) return;
  const part = partOf(call, facts.agent);
  noteGroup(part, facts);
  if (facts.action === 'AssignAgent') part.openings = withItem(part.openings, opening('AssignAgent', facts));
}

function observeAgent(call: CallContext, facts: EventFacts): void {
  if (facts.agent === undefined) return;
  const part = partOf(call, facts.agent);
  part.groups = slotText(facts.record, SLOT.skillGroupIds) ?? part.groups;
  if (facts.current) noteGroup(part, facts);
  part.leg ??= facts.leg;
  if (facts.leg === undefined) return;
  const leg = legOf(call, facts.leg, facts);
  if (!leg.agents.includes(part.agent)) leg.agents = withItem(leg.agents, part.agent);
}

function opening(how: Opening['how'], facts: EventFacts): Opening {
  return { how, seq: facts.seq, time: facts.time, consult: isConsult(facts.callType), on: evidenceOf(facts) };
}

function noteGroup(part: AgentPart, facts: EventFacts): void {
  part.group = slotText(facts.record, SLOT.skillGroupId) ?? slotText(facts.record, SLOT.skillGrou) ?? part.group;
}

function noteOnRecord(call: CallContext, agent: string): void {
  if (!call.onRecord.includes(agent)) call.onRecord = withItem(call.onRecord, agent);
}

function earlier(known: number | undefined, time: number): number {
  return known === undefined || time < known ? time : known;
}

function later(known: number | undefined, time: number): number {
  return known === undefined || time > known ? time : known;
}
