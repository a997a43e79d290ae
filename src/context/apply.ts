import type { EventFacts } from '../event/facts.ts';
import { evidenceOf, isConsult } from '../event/facts.ts';
import type { AgentPart, CallContext, Consultation } from './call.ts';
import { findLeg, findPart, isBefore, legOf, partOf, takesPart } from './call.ts';
import { agentOnLeg, mayLeadTo } from './party.ts';

/** What an event came to be in the words of 2.0; the state of a call moves on these, whichever version reported them. */
export type Happening = EventFacts['action'];

/**
 * Moves the state of a call on by one decided event. `happening` is what it was resolved to, `agent` whom it concerns
 * (the event's agent unless the event was synthesized for another).
 */
export function apply(call: CallContext, facts: EventFacts, happening: Happening, agent: string | undefined): void {
  switch (happening) {
    case 'AgentDialing':
      announce(call, facts, agent, 'dialing');
      break;
    case 'AgentRinging':
      announce(call, facts, agent, 'ringing');
      break;
    case 'AgentTalk':
      talk(call, facts, agent, true);
      break;
    case 'AgentRelease':
      leave(call, facts, agent);
      break;
    case 'StartConsultant':
      if (call.consultation !== undefined) call.consultation.started = true;
      break;
    case 'StopConsultant':
      call.consultation = undefined;
      break;
    case 'Dialing':
    case 'Ringing':
      open(call, facts, happening, agentOnLeg(call, facts));
      break;
    case 'Established':
      establish(call, facts);
      break;
    case 'Released':
      release(call, facts);
      break;
    case 'RingingTimeout':
      timeOut(call, facts, agent);
      break;
    case 'BlindTransfer':
      transfer(call, facts, agent);
      break;
    default:
  }
  call.ended = hasEnded(call);
}

/** Opens a consultation that an event announced. A leg of its own, from then on, is the consultation's. */
export function consult(call: CallContext, consultation: Consultation): void {
  call.consultation = consultation;
  const part = findPart(call, consultation.by);
  if (part?.openings.some((each) => each.consult) === true) part.openings = part.openings.filter((each) => !each.consult);
  if (consultation.ownLeg && consultation.leg !== undefined) legOf(call, consultation.leg, consultation).consultBy = consultation.by;
}

/** True if an event is older than the end of the agent's last part: it belongs to that part and opens no new one. */
function belongsToThePast(part: AgentPart, facts: EventFacts): boolean {
  return part.state === 'out' && part.endedAt !== undefined && facts.time < part.endedAt;
}

function announce(call: CallContext, facts: EventFacts, agent: string | undefined, state: 'ringing' | 'dialing'): void {
  if (agent === undefined) return;
  const part = partOf(call, agent);
  part.openings = [];
  if (belongsToThePast(part, facts)) return;
  if (state === 'dialing') part.dialledOn ??= evidenceOf(facts);
  else if (part.state === 'out') inferConsultation(call, facts, part);
  part.announced = true;
  if (part.state === 'talking') return;
  enter(call, part, facts, state);
}

function enter(call: CallContext, part: AgentPart, facts: EventFacts, state: 'ringing' | 'dialing'): void {
  if (part.state === 'out') part.since = facts.time;
  if (part.state !== 'dialing') part.state = state;
  part.on = evidenceOf(facts);
  if (state === 'ringing') join(call, part);
}

/** An agent who begins to ring is the one whom a transfer or a consultation waits for. */
function join(call: CallContext, part: AgentPart): void {
  const { transfer, consultation } = call;
  if (part.via !== undefined) return;
  if (transfer !== undefined && mayLeadTo(transfer, part.agent)) {
    part.via = 'BLIND_TRANSFER';
    call.transfer = undefined;
  } else if (consultation !== undefined && consultation.by !== part.agent && !consultation.joined) {
    part.via = 'CONSULTED';
    consultation.with = part.agent;
    consultation.joined = true;
  }
}

function open(call: CallContext, facts: EventFacts, how: 'Dialing' | 'Ringing', agent: string | undefined): void {
  if (agent === undefined) {
    if (how === 'Ringing') joinOutside(call);
    return;
  }
  const part = partOf(call, agent);
  // A dialled leg of call type Consult opens a consultation, not the part: it speaks for the AgentRinging that announces that.
  const consults = how === 'Dialing' && isConsult(facts.callType);
  const isOpen = !consults && part.announced && (part.state === 'ringing' || part.state === 'dialing');
  if (isOpen || belongsToThePast(part, facts)) part.openings = part.openings.filter((each) => each.seq !== facts.seq);
  if (belongsToThePast(part, facts) || part.state === 'talking') return;
  if (how === 'Ringing') inferConsultation(call, facts, part);
  enter(call, part, facts, how === 'Dialing' ? 'dialing' : 'ringing');
}

/** A blind transfer waits for its target to ring, unless that one rings already. */
function transfer(call: CallContext, facts: EventFacts, by: string | undefined): void {
  const target = findPart(call, facts.destination);
  if (target?.state === 'ringing' && target.via === undefined) target.via = 'BLIND_TRANSFER';
  else call.transfer = { by, to: facts.destination, on: evidenceOf(facts) };
}

function joinOutside(call: CallContext): void {
  if (call.transfer !== undefined) call.transfer = undefined;
  else if (call.consultation !== undefined) call.consultation.joined = true;
}

/**
 * Another agent rings while one talks and nobody was transferred: a consultation, whose 1.0 AgentRinging was lost or not subscribed.
 * It is remembered, not announced: only what follows it (StartConsultant, StopConsultant) has an event of its own as evidence.
 */
function inferConsultation(call: CallContext, facts: EventFacts, joining: AgentPart): void {
  if (facts.current || call.consultation !== undefined || call.transfer !== undefined || joining.state !== 'out') return;
  const talking = call.parts.filter((part) => part.state === 'talking');
  const by = talking[0];
  if (by === undefined || talking.length > 1 || by.since > facts.time) return;
  call.consultation = {
    by: by.agent,
    time: facts.time,
    seq: facts.seq,
    with: joining.agent,
    leg: by.leg,
    ownLeg: false,
    started: false,
    inferred: true,
    unanswered: false,
    joined: false,
    on: evidenceOf(facts),
  };
}

function establish(call: CallContext, facts: EventFacts): void {
  const agent = agentOnLeg(call, facts);
  if (agent !== undefined && findLeg(call, facts.leg)?.consultBy !== agent) talk(call, facts, agent, false);
}

function talk(call: CallContext, facts: EventFacts, agent: string | undefined, told: boolean): void {
  if (agent === undefined) return;
  const part = partOf(call, agent);
  if (belongsToThePast(part, facts)) return;
  if (part.state === 'out') join(call, part);
  if (told) part.talked = true;
  part.answered = true;
  if (part.state === 'talking') return;
  part.state = 'talking';
  part.since = facts.time;
  part.on = evidenceOf(facts);
}

function leave(call: CallContext, facts: EventFacts, agent: string | undefined): void {
  const part = findPart(call, agent);
  if (part === undefined) return;
  part.state = 'out';
  part.endedAt = part.endedAt === undefined ? facts.time : Math.max(part.endedAt, facts.time);
  part.announced = false;
  part.talked = false;
  part.via = undefined;
  part.on = undefined;
  part.openings = part.openings.filter((each) => isBefore(facts, each));
}

function release(call: CallContext, facts: EventFacts): void {
  const agent = agentOnLeg(call, facts);
  const part = findPart(call, agent);
  if (part === undefined || takesPart(part)) return;
  leave(call, facts, agent);
}

function timeOut(call: CallContext, facts: EventFacts, agent: string | undefined): void {
  if (call.consultation !== undefined && call.consultation.with === agent) call.consultation.unanswered = true;
  const part = findPart(call, agent);
  if (part?.state === 'ringing') leave(call, facts, agent);
}

function hasEnded(call: CallContext): boolean {
  if (call.recorded) return true;
  if (call.times.released === undefined && call.abandonPhase === undefined) return false;
  if (call.parts.some((part) => part.state !== 'out')) return false;
  return call.outsideLeg === undefined || call.outsideReleased || call.abandonPhase !== undefined;
}
