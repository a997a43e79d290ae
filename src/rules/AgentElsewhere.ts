import { findPart } from '../context/call.ts';
import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { overdueRelease } from './release.ts';

/**
 * AgentReady, AgentBreak, AgentCheckOut of an agent, or the agent's next call, seen from an older contact where the agent still seems
 * to talk: the overdue AgentRelease, before that event (semantics, section 3).
 */
export function agentElsewhere(input: RuleInput): Decision | undefined {
  const before = overdueRelease(input, findPart(input.call, input.facts.agent));
  if (before === undefined) return undefined;
  return before.length === 0 ? AS_MAPPED : decided({ before });
}
