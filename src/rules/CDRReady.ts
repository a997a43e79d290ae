import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { agentIds, connectedAt, dispositionCode, endIsAhead, endTime, format, skillGroupIds, startTime } from './record.ts';

/**
 * The call record: 1.0 brings only numbers and one agent; times, disposition and the agents come from the call (semantics, section 3,
 * "Call records"; vendor page 2.0, CDRReady). Times that the record brings itself (older dumps) win.
 */
export function cdrReady(input: RuleInput): Decision | undefined {
  const { call, facts, ids } = input;
  if (facts.current) return AS_MAPPED;
  if (!input.expired && endIsAhead(input)) return undefined;
  return decided({
    values: {
      startTime: startTime(call),
      establishedTime: format(connectedAt(call)),
      endTime: endTime(call),
      dispositionCode: dispositionCode(call),
      agentIds: agentIds(call, facts, ids),
      skillGroupIds: skillGroupIds(call, facts, ids),
    },
    why: 'record-of-call',
  });
}
