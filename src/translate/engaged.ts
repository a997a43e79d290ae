import type { Action } from '../event/action.ts';
import type { EventFacts } from '../event/facts.ts';

/** Which calls each agent may still be in. */
export interface Engaged {
  /** Remembers that an event shows its agent in its call. */
  note(facts: EventFacts): void;
  /** The calls other than `contact` where an agent was seen and has not been seen to leave. */
  elsewhere(agent: string | undefined, contact: string | undefined): readonly string[];
  /** The agent is not in that call any more. */
  leave(agent: string | undefined, contact: string): void;
  /** Plain data, for a checkpoint. */
  save(): readonly (readonly [string, readonly string[]])[];
  restore(state: readonly (readonly [string, readonly string[]])[]): void;
}

const NO_CALLS: readonly string[] = [];

/** Nobody is engaged yet. */
export function createEngaged(): Engaged {
  // An agent is in one call, seldom in two: lists, which are replaced when they change, so that who goes through one may change it.
  const byAgent = new Map<string, readonly string[]>();
  return {
    note(facts) {
      const { agent, contact } = facts;
      if (agent === undefined || contact === undefined || facts.failed || !engages(facts)) return;
      const calls = byAgent.get(agent) ?? NO_CALLS;
      if (!calls.includes(contact)) byAgent.set(agent, calls.length === 0 ? [contact] : [...calls, contact]);
    },
    elsewhere(agent, contact) {
      const calls = agent === undefined ? undefined : byAgent.get(agent);
      if (calls === undefined || (calls.length === 1 && calls[0] === contact)) return NO_CALLS;
      return calls.filter((each) => each !== contact);
    },
    leave(agent, contact) {
      const calls = agent === undefined ? undefined : byAgent.get(agent);
      if (agent === undefined || calls === undefined) return;
      const others = calls.filter((each) => each !== contact);
      if (others.length === 0) byAgent.delete(agent);
      else byAgent.set(agent, others);
    },
    save: () => [...byAgent],
    restore(state) {
      for (const [agent, calls] of state) byAgent.set(agent, calls);
    },
  };
}

function engages({ action }: EventFacts): boolean {
  return (
    action === 'AgentRinging' || action === 'AgentTalk' || action === 'Dialing' || action === 'Established' || action === 'AgentDialing'
  );
}

/** True for an event that shows its agent elsewhere than in older calls. */
export function showsElsewhere({ failed, action }: EventFacts, inCall: boolean): boolean {
  return !failed && isElsewhere(action, inCall);
}

/** True for what shows its agent elsewhere than in older calls: not in a call, or in the next one. */
export function isElsewhere(action: Action, inCall: boolean): boolean {
  switch (action) {
    case 'AgentAway':
    case 'AgentRinging':
    case 'AgentTalk':
    case 'AgentDialing':
    case 'Dialing':
      return true;
    case 'AgentACW':
      return !inCall;
    default:
      return false;
  }
}
