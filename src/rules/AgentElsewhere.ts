import { findPart } from '../context/call.ts';
import type { Decision, RuleInput } from './decision.ts';
import { overdueRelease } from './release.ts';

/**
 * AgentReady, AgentBreak, AgentCheckOut of an agent, or the agent's next call, seen from an older contact where the agent still seems
 * to talk: the overdue AgentRelease, before that event (semantics, section 3).
 */
export function agentElsewhere(input: RuleInput): Decision | undefined {
  const before = overdueRelease(input, findPart(input.call, input.facts.agent));
  return before === undefined ? undefined : { before };
}
