import type { AgentPart, Consultation } from '../context/call.ts';
import { findPart, takesPart } from '../context/call.ts';
import { agentOnLeg } from '../context/party.ts';
import type { EventFacts, Evidence } from '../event/facts.ts';
import { evidenceOf } from '../event/facts.ts';
import type { RuleInput, Synthesized } from './decision.ts';
import type { Why } from './why.ts';

/** AgentRelease of an agent who dials or talks, concluded from `facts` (semantics, section 3). */
export function agentRelease(part: AgentPart, facts: EventFacts, leg: string | undefined, why: Why, waited: boolean): Synthesized {
  return {
    type: 'AgentRelease',
    agent: part.agent,
    values: { agentId: part.agent, channelId: leg ?? part.leg },
    evidence: part.on === undefined ? [evidenceOf(facts)] : [evidenceOf(facts), part.on],
    waited,
    why,
  };
}

/** StopConsultant of the consulting agent, concluded from `facts`. */
export function stopConsultant(consultation: Consultation, facts: EventFacts, why: Why, waited: boolean): Synthesized {
  return {
    type: 'StopConsultant',
    agent: consultation.by,
    values: consultantValues(consultation),
    evidence: [evidenceOf(facts), consultation.on],
    waited,
    why,
  };
}

/** The fields of a consultant event that come from the consultation: its leg throughout, its agent and the other party. */
export function consultantValues(consultation: Consultation): Synthesized['values'] {
  return { agentId: consultation.by, channelId: consultation.leg, counterparty: consultation.with };
}

/**
 * In a mixed archive 2.0 may send an event itself that would be concluded here. True: it waits behind the event at hand; undefined: it may
 * still come.
 */
export function comesByItself(input: RuleInput, action: 'AgentRelease' | 'StopConsultant', agent: string): boolean | undefined {
  if (input.ahead.some((each) => each.current && each.action === action && each.agent === agent)) return true;
  return input.expired || !(input.call.mixed || input.inputIsMixed) ? false : undefined;
}

/** True if the release of `agent`'s own leg waits behind the event at hand: it is the better evidence for AgentRelease. */
export function releaseIsAhead(input: RuleInput, agent: string): boolean {
  return input.ahead.some((each) => each.action === 'Released' && !each.failed && agentOnLeg(input.call, each) === agent);
}

/**
 * What an agent leaving without a release of its own leaves behind: the AgentRelease, and the end of a consultation
 * in which the agent was one of the two.
 */
export function overdueRelease(input: RuleInput, part: AgentPart | undefined, why: Why): readonly Synthesized[] | undefined {
  if (part === undefined || !takesPart(part) || part.since > input.facts.time) return [];
  if (releaseIsAhead(input, part.agent) || comesByItself(input, 'AgentRelease', part.agent) === true) return [];
  if (!input.expired) return undefined;
  const released = [agentRelease(part, input.facts, undefined, why, true)];
  const { consultation } = input.call;
  if (consultation === undefined) return released;
  const other = findPart(input.call, consultation.by);
  const ends = consultation.by === part.agent || (consultation.with === part.agent && other?.state === 'talking');
  return ends ? [...released, stopConsultant(consultation, input.facts, 'consultation-overdue', true)] : released;
}

/** Evidence without repetition. */
export function cite(...evidence: readonly (Evidence | undefined)[]): readonly Evidence[] {
  return evidence.filter((each) => each !== undefined);
}
