import type { CallEntry } from './contexts.ts';

const FEW = 48;

/** True if the call has seen this event before; otherwise remembers it (semantics, section 4: duplicates). */
export function seenInCall(entry: CallEntry, identity: number): boolean {
  const { seen } = entry.call;
  if (seen.length > FEW) {
    entry.seen ??= new Set(seen);
    if (entry.seen.has(identity)) return true;
    entry.seen.add(identity);
  } else if (seen.includes(identity)) return true;
  seen.push(identity);
  return false;
}

/** Duplicates among events without a call: remembered per agent, for the retention of a call. */
export interface AgentMemory {
  /** True if the event was seen within the retention before `now`. */
  seen(agent: string, identity: number, time: number, now: number): boolean;
  save(): readonly (readonly [string, readonly (readonly [number, number])[]])[];
  restore(state: readonly (readonly [string, readonly (readonly [number, number])[]])[]): void;
}

const PRUNE_FROM = 256;

/** An empty memory. `retention` in milliseconds of event time. */
export function createAgentMemory(retention: number): AgentMemory {
  let agents = new Map<string, { known: Map<number, number>; pruneAt: number }>();
  return {
    seen(agent, identity, time, now) {
      let memory = agents.get(agent);
      if (memory === undefined) {
        memory = { known: new Map(), pruneAt: PRUNE_FROM };
        agents.set(agent, memory);
      }
      const { known } = memory;
      const before = known.get(identity);
      if (before !== undefined && before + retention >= now) return true;
      known.set(identity, time);
      if (known.size > memory.pruneAt) {
        for (const [each, at] of known) if (at + retention < now) known.delete(each);
        memory.pruneAt = Math.max(PRUNE_FROM, known.size * 2);
      }
      return false;
    },
    save: () => [...agents].map(([agent, memory]) => [agent, [...memory.known]]),
    restore(state) {
      agents = new Map(state.map(([agent, known]) => [agent, { known: new Map(known), pruneAt: Math.max(PRUNE_FROM, known.length * 2) }]));
    },
  };
}
