import type { CallContext, Consultation } from '../context/call.ts';
import { findLeg, findPart, isBefore, takesPart } from '../context/call.ts';
import { agentOnLeg } from '../context/party.ts';
import type { EventFacts } from '../event/facts.ts';
import { isConsult } from '../event/facts.ts';
import type { Decision, RuleInput, Synthesized } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { agentRelease, comesByItself, stopConsultant } from './release.ts';

/**
 * The release of a leg. Of an agent who dialled or talked: AgentRelease first, same time, once per part. Of a leg that carries the
 * consultation: StopConsultant after it (semantics, section 3).
 */
export function callReleased(input: RuleInput): Decision | undefined {
  const { call, facts } = input;
  if (facts.current) return AS_MAPPED;
  const agent = agentOnLeg(call, facts);
  if (agent === undefined) return endsOutside(call, facts) ? decided({ after: stopNow(call, facts) }) : AS_MAPPED;
  const part = findPart(call, agent);
  if (isConsultingLeg(call, facts, agent)) return withEndOfConsultation(input, agent, []);
  if (part === undefined || !takesPart(part) || part.since > facts.time) return withEndOfConsultation(input, agent, []);
  const comes = comesByItself(input, 'AgentRelease', agent);
  if (comes === undefined) return undefined;
  return withEndOfConsultation(input, agent, comes ? [] : [agentRelease(part, facts, facts.leg, 'released-with-leg', false)]);
}

/** A consulting agent's own consultation leg; its release ends the consultation, not the agent's part in the call. */
function isConsultingLeg(call: CallContext, facts: EventFacts, agent: string): boolean {
  if (findLeg(call, facts.leg)?.consultBy === agent) return true;
  return isConsult(facts.callType) && call.consultation?.by === agent;
}

function withEndOfConsultation(input: RuleInput, agent: string, before: readonly Synthesized[]): Decision | undefined {
  const { call, facts } = input;
  const { consultation } = call;
  if (consultation === undefined || consultation.time > facts.time) return withBefore(before);
  if (comesByItself(input, 'StopConsultant', consultation.by) === true) return withBefore(before);
  if (consultation.with === agent) {
    return findPart(call, consultation.by)?.state === 'talking' ? decided({ before, after: stopNow(call, facts) }) : withBefore(before);
  }
  if (consultation.by !== agent) return withBefore(before);
  // The AttendedTransfer that usually follows says so itself; older logs have none.
  if (transferIsAhead(input, consultation)) return withBefore(before);
  if (!input.expired) return undefined;
  return decided({ before, after: [stopConsultant(consultation, facts, 'consultation-left', true)] });
}

/** A plain release, as most are, needs no decision of its own. */
function withBefore(before: readonly Synthesized[]): Decision {
  return before.length === 0 ? AS_MAPPED : decided({ before });
}

function transferIsAhead(input: RuleInput, consultation: Consultation): boolean {
  return input.ahead.some(
    (each) => each.action === 'AttendedTransfer' && !each.failed && (each.agent ?? consultation.by) === consultation.by,
  );
}

/** A consulted party outside hangs up while the consulting agent talks on: its leg was first seen in the consultation. */
function endsOutside(call: CallContext, facts: EventFacts): boolean {
  const { consultation } = call;
  if (consultation === undefined || facts.leg === undefined || facts.leg === call.outsideLeg) return false;
  if (findPart(call, consultation.with) !== undefined || findPart(call, consultation.by)?.state !== 'talking') return false;
  const leg = findLeg(call, facts.leg);
  return leg !== undefined && leg.agents.length === 0 && isBefore(consultation, leg);
}

function stopNow(call: CallContext, facts: EventFacts): readonly Synthesized[] {
  return call.consultation === undefined ? [] : [stopConsultant(call.consultation, facts, 'consultation-given-up', false)];
}
