import { findPart } from '../context/call.ts';
import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { overdueRelease } from './release.ts';

/**
 * 2.0 has no AgentACW (vendor page 2.0, "removed events"). If the agent still dials or talks there, the release was lost or not
 * subscribed, and after-call work is evidence of it; the CallReleased of the agent's leg is better evidence and is waited for.
 */
export function agentACW(input: RuleInput): Decision | undefined {
  const before = overdueRelease(input, findPart(input.call, input.facts.agent), 'released-before-acw');
  if (before === undefined) return undefined;
  return before.length === 0 ? AS_MAPPED : decided({ before });
}
