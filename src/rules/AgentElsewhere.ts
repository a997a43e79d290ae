import { findPart } from '../context/call.ts';
import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { overdueRelease } from './release.ts';

/**
 * AgentReady, AgentBreak, AgentCheckOut of an agent, or the agent's next call, seen from an older contact where the agent still seems
 * to talk: the overdue AgentRelease, before that event (semantics, section 3). Of a part that began in the same millisecond it is not
 * known which of the two was first, and nothing is concluded.
 */
export function agentElsewhere(input: RuleInput): Decision | undefined {
  const part = findPart(input.call, input.facts.agent);
  if (part !== undefined && part.since >= input.facts.time) return AS_MAPPED;
  const before = overdueRelease(input, part, 'released-before-elsewhere');
  if (before === undefined) return undefined;
  return before.length === 0 ? AS_MAPPED : decided({ before });
}
