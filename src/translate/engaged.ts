import type { EventFacts } from '../event/facts.ts';

/** Which calls each agent may still be in. */
export interface Engaged {
  /** Remembers that an event shows its agent in its call. */
  note(facts: EventFacts): void;
  /** The calls where an agent was seen and has not been seen to leave; may be deleted from while it is gone through. */
  of(agent: string): Set<string> | undefined;
  /** Plain data, for a checkpoint. */
  save(): readonly (readonly [string, readonly string[]])[];
  restore(state: readonly (readonly [string, readonly string[]])[]): void;
}

/** Nobody is engaged yet. */
export function createEngaged(): Engaged {
  const byAgent = new Map<string, Set<string>>();
  return {
    note(facts) {
      const { agent, contact } = facts;
      if (agent === undefined || contact === undefined || facts.failed || !engages(facts)) return;
      const calls = byAgent.get(agent);
      if (calls === undefined) byAgent.set(agent, new Set([contact]));
      else calls.add(contact);
    },
    of: (agent) => byAgent.get(agent),
    save: () => [...byAgent].filter(([, calls]) => calls.size > 0).map(([agent, calls]) => [agent, [...calls]]),
    restore(state) {
      for (const [agent, calls] of state) byAgent.set(agent, new Set(calls));
    },
  };
}

function engages({ action }: EventFacts): boolean {
  return (
    action === 'AgentRinging' || action === 'AgentTalk' || action === 'Dialing' || action === 'Established' || action === 'AgentDialing'
  );
}

/** True for an event that shows its agent elsewhere than in older calls: not in a call, or in the next one. */
export function isElsewhere(facts: EventFacts): boolean {
  if (facts.failed) return false;
  switch (facts.action) {
    case 'AgentAway':
    case 'AgentRinging':
    case 'AgentTalk':
    case 'AgentDialing':
    case 'Dialing':
      return true;
    case 'AgentACW':
      return facts.contact === undefined;
    default:
      return false;
  }
}
