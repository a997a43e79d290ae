import { findPart } from '../context/call.ts';
import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided, resolvedAs } from './decision.ts';
import { cite, consultantValues } from './release.ts';

/**
 * 1.0 AgentTalk of A is StartConsultant while A's consultation is under way and not yet started, AgentTalk otherwise
 * (semantics, section 3).
 */
export function agentTalk({ call, facts }: RuleInput): Decision | undefined {
  if (facts.current || facts.agent === undefined) return AS_MAPPED;
  const { consultation } = call;
  const talk = resolvedAs(undefined, 'talks', cite(findPart(call, facts.agent)?.on));
  if (consultation === undefined || consultation.by !== facts.agent || consultation.started || consultation.unanswered) return talk;
  if (facts.time < consultation.time) return talk;
  // Of a consultation that nobody announced only a second AgentTalk of the same agent tells that it started.
  if (consultation.inferred && findPart(call, facts.agent)?.talked !== true) return talk;
  return decided({
    type: 'StartConsultant',
    resolved: true,
    values: { ...consultantValues(consultation), channelId: facts.leg ?? consultation.leg },
    evidence: cite(consultation.on),
    why: 'consultation-starts',
  });
}
