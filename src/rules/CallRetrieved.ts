import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';

/** The party taken back is the customer: Retrieved names the customer's leg, where it is known (semantics, section 3). */
export function callRetrieved({ call, facts }: RuleInput): Decision | undefined {
  return facts.current ? AS_MAPPED : decided({ values: { retrievedChannelId: call.outsideLeg }, why: 'retrieved-customer' });
}
