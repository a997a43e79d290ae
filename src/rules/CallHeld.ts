import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';

/** The party put on hold is the customer: Held names the customer's leg, where it is known (semantics, section 3). */
export function callHeld({ call, facts }: RuleInput): Decision | undefined {
  return facts.current ? AS_MAPPED : decided({ values: { heldChannelId: call.outsideLeg }, why: 'held-customer' });
}
