import type { EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import type { EventKind } from '../event/kind.ts';
import { agentElsewhere } from '../rules/AgentElsewhere.ts';
import type { Decision, Rule, RuleInput } from '../rules/decision.ts';
import { AS_MAPPED } from '../rules/decision.ts';
import type { CallEntry } from './entry.ts';

/** Asks the rule of an event; undefined while its evidence is still to come. `elsewhere`: for an older call of the event's agent. */
export type Decider = (
  entry: CallEntry,
  facts: EventFacts,
  elsewhere: boolean,
  ahead: readonly EventFacts[],
  expired: boolean,
) => Decision | undefined;

/** `flags`: what the input has shown as a whole so far. */
export function createDecider(
  mappingOf: (kind: EventKind) => { readonly rule: Rule | undefined },
  ids: IdTable,
  flags: Pick<RuleInput, 'ringsAreSent' | 'inputIsMixed'>,
): Decider {
  return (entry, facts, elsewhere, ahead, expired) => {
    const rule = elsewhere ? agentElsewhere : facts.current ? undefined : mappingOf(facts.kind).rule;
    if (rule === undefined) return AS_MAPPED;
    const { ringsAreSent, inputIsMixed } = flags;
    return rule({ call: entry.call, facts, ahead, expired, ids, ringsAreSent, inputIsMixed });
  };
}
