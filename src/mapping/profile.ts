import type { EventMapping, Mapping, Waits } from './model.ts';

/**
 * Whether two mappings decide alike: then what one translator decides can be written by both, and each stream is what that mapping alone
 * would have given. Returns what is different, undefined if nothing is. How fields are written is each one's own. `waits`: those that are
 * left to the mapping, and that decide when a call is over.
 */
export function differenceInDecisions(mapping: Mapping, profile: Mapping, waits: readonly (keyof Waits)[]): string | undefined {
  for (const policy of ['unknownId', 'unknownType', 'undecidedVersion'] as const)
    if (mapping.policies[policy] !== profile.policies[policy]) return `the policy ${policy}`;
  for (const wait of waits) if (mapping.waits[wait] !== profile.waits[wait]) return `the wait ${wait}`;
  for (const name of new Set([...mapping.events.keys(), ...profile.events.keys()])) {
    const [own, other] = [mapping.events.get(name), profile.events.get(name)];
    if (own === undefined || other === undefined) return `only one of them knows ${name}`;
    if (own.rule !== other.rule) return `the rule for ${name}`;
    if ((own.to === null) !== (other.to === null)) return `only one of them drops ${name}`;
    // Where unknown ids refuse an event, it matters where they are looked for.
    if (mapping.policies.unknownId !== 'keep' && idFields(own) !== idFields(other)) return `the ids of ${name}`;
  }
  return undefined;
}

function idFields({ fields }: EventMapping): string {
  return JSON.stringify(fields.filter(({ op }) => op.op === 'id' && op.kind !== 'party').map(({ from, op, asIs }) => [from, op, asIs]));
}
