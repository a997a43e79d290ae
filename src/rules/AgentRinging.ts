import type { CallContext, Consultation, Opening } from '../context/call.ts';
import { findLeg, findPart, isBefore } from '../context/call.ts';
import { mayLeadTo } from '../context/party.ts';
import type { EventFacts, Evidence } from '../event/facts.ts';
import { directionOf, evidenceOf } from '../event/facts.ts';
import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided, resolvedAs } from './decision.ts';
import { cite, consultantValues } from './release.ts';
import type { Why } from './why.ts';

/** What speaks for a reading, and where it was seen. */
interface Sign {
  readonly why: Why;
  readonly on: Evidence;
}

/**
 * 1.0 AgentRinging is 2.0 InitiateConsultant, AgentDialing or AgentRinging; the readings are tried in this order, by the other events
 * of the call (semantics, section 3; vendor page 2.0, "refined events").
 */
export function agentRinging(input: RuleInput): Decision | undefined {
  const { call, facts } = input;
  if (facts.current || facts.agent === undefined) return AS_MAPPED;
  const consults = consultEvidence(input, facts.agent);
  if (consults !== undefined) return initiateConsultant(input, facts.agent, consults);
  const dials = dialEvidence(call, facts);
  if (dials !== undefined) return resolvedAs('AgentDialing', dials.why, cite(dials.on));
  const rings = ringEvidence(call, facts) ?? transferAhead(input, facts.agent);
  if (rings !== undefined) return resolvedAs('AgentRinging', rings.why, cite(rings.on));
  if (callsColleague(call, facts.agent)) return resolvedAs('AgentDialing', 'dials-colleague', cite(firstRinging(call, facts.agent)));
  if (!input.expired) return undefined;
  const isDialling = isAlone(input, facts.agent);
  const [type, why] = isDialling ? (['AgentDialing', 'dials-alone'] as const) : (['AgentRinging', 'rings-by-default'] as const);
  return decided({ type, resolved: true, waited: true, why });
}

/**
 * Nothing brought the agent here: no caller, no queue, no colleague, no leg. Where the input holds Ringing or AssignAgent at all, they
 * would have come with a ringing agent, so the agent dialled (its Dialing was lost or not subscribed, and nobody rings yet).
 * Where it holds neither, nothing can be said, and the event keeps its name.
 */
function isAlone({ call, ringsAreSent }: RuleInput, agent: string): boolean {
  if (!ringsAreSent || call.callType !== undefined || call.outsideLeg !== undefined || call.transfer !== undefined) return false;
  return call.parts.every((part) => part.agent === agent && part.openings.length === 0 && part.endedAt === undefined);
}

/** A talks already in this contact, or dialled a leg of call type Consult: a second AgentRinging of A begins a consultation. */
function consultEvidence({ call, facts }: RuleInput, agent: string): Sign | undefined {
  const part = findPart(call, agent);
  if (part === undefined) return undefined;
  if (part.state === 'talking' && part.since <= facts.time) return sign('consults-while-talking', part.on ?? evidenceOf(facts));
  return sign('consults-on-own-leg', part.openings.find((each) => each.how === 'Dialing' && each.consult)?.on);
}

function initiateConsultant(input: RuleInput, agent: string, { why, on }: Sign): Decision | undefined {
  const { call, facts } = input;
  const other = counterparty(input, agent);
  if (other === undefined && !input.expired) return undefined;
  const consultation: Consultation = {
    by: agent,
    time: facts.time,
    seq: facts.seq,
    with: other?.party,
    leg: facts.leg,
    ownLeg: isFirstSeen(call, facts, agent),
    started: false,
    inferred: false,
    unanswered: false,
    joined: other?.joined ?? false,
    on: evidenceOf(facts),
  };
  return decided({
    type: 'InitiateConsultant',
    resolved: true,
    values: consultantValues(consultation),
    evidence: cite(on, other?.on),
    waited: other === undefined,
    consultation,
    why,
  });
}

/** A leg that nothing showed before the consultation belongs to the consultation, not to the agent's part in the call. */
function isFirstSeen(call: CallContext, facts: EventFacts, agent: string): boolean {
  if (facts.leg === undefined || findPart(call, agent)?.leg === facts.leg) return false;
  const leg = findLeg(call, facts.leg);
  return leg === undefined || !isBefore(leg, facts);
}

interface Counterparty {
  readonly party: string;
  /** It rang before the consultation was announced. */
  readonly joined: boolean;
  readonly on: Evidence;
}

/** The consulted party is the next agent that rings in this contact, or, outside, the destination of the next Ringing. */
function counterparty({ call, facts, ahead }: RuleInput, agent: string): Counterparty | undefined {
  const inferred = call.consultation;
  if (inferred?.inferred === true && inferred.by === agent && inferred.with !== undefined) {
    return { party: inferred.with, joined: inferred.joined, on: inferred.on };
  }
  for (const each of ahead) {
    if (each.failed || (each.action !== 'AgentRinging' && each.action !== 'Ringing')) continue;
    const party = each.action === 'AgentRinging' || each.agent !== agent ? (each.agent ?? each.destination) : each.destination;
    if (party !== undefined && party !== agent && each.time >= facts.time) return { party, joined: false, on: evidenceOf(each) };
  }
  return undefined;
}

/** A Dialing of A's leg; or no agent has been in the contact yet and the call goes out. */
function dialEvidence(call: CallContext, facts: EventFacts): Sign | undefined {
  const part = findPart(call, facts.agent);
  const dialing = openingOf(part?.openings, 'Dialing');
  if (dialing !== undefined) return sign('dials-on-own-leg', dialing.on);
  const isAssigned = openingOf(part?.openings, 'Ringing') !== undefined || openingOf(part?.openings, 'AssignAgent') !== undefined;
  if (directionOf(call.callType) !== 'outbound' || isAssigned) return undefined;
  const isFirst = call.parts.every((each) => each.state === 'out' && each.endedAt === undefined);
  return isFirst ? sign('dials-first', call.callTypeOn ?? evidenceOf(facts)) : undefined;
}

/** A Ringing or an AssignAgent of A, a transfer to A, a consultation that waits for its other party, another agent who dialled. */
function ringEvidence(call: CallContext, facts: EventFacts): Sign | undefined {
  const agent = facts.agent;
  const part = findPart(call, agent);
  const rings = openingOf(part?.openings, 'Ringing') ?? openingOf(part?.openings, 'AssignAgent');
  if (rings !== undefined) return sign('rings-by-name', rings.on);
  if (part?.via !== undefined) {
    const on = part.on ?? call.transfer?.on ?? call.consultation?.on ?? evidenceOf(facts);
    return sign(part.via === 'CONSULTED' ? 'rings-by-consultation' : 'rings-by-transfer', on);
  }
  if (call.transfer !== undefined && mayLeadTo(call.transfer, agent)) return sign('rings-by-transfer', call.transfer.on);
  const { consultation } = call;
  if (consultation !== undefined && consultation.by !== agent && !consultation.joined)
    return sign('rings-by-consultation', consultation.on);
  const dialler = call.parts.find((each) => each.agent !== agent && each.dialledOn !== undefined);
  return sign('rings-by-colleague', dialler?.dialledOn);
}

/** A blind transfer to the agent that was reported after the agent had begun to ring. */
function transferAhead({ ahead }: RuleInput, agent: string): Sign | undefined {
  const transfer = ahead.find((each) => each.action === 'BlindTransfer' && !each.failed && each.destination === agent);
  return transfer === undefined ? undefined : sign('rings-by-transfer', evidenceOf(transfer));
}

function sign(why: Why, on: Evidence | undefined): Sign | undefined {
  return on === undefined ? undefined : { why, on };
}

/**
 * An internal call whose dialling agent has no Dialing (lost, or not subscribed): another agent rings there, nobody has dialled or
 * talked, so this one dialled. Not in the vendor's page; follows from what an internal call is.
 */
function callsColleague(call: CallContext, agent: string): boolean {
  if (directionOf(call.callType) !== 'internal') return false;
  if (call.parts.some((part) => part.dialledOn !== undefined || part.state === 'talking' || part.endedAt !== undefined)) return false;
  return firstRinging(call, agent) !== undefined;
}

function firstRinging(call: CallContext, agent: string): Evidence | undefined {
  for (const part of call.parts) {
    if (part.agent === agent) continue;
    const rings = openingOf(part.openings, 'Ringing');
    if (rings !== undefined) return rings.on;
    if (part.state === 'ringing') return part.on;
  }
  return undefined;
}

function openingOf(openings: readonly Opening[] | undefined, how: Opening['how']): Opening | undefined {
  return openings?.find((each) => each.how === how && !(how === 'Dialing' && each.consult));
}
