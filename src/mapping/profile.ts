import type { Mapping } from './model.ts';

/**
 * Whether two mappings decide alike: then what one translator decides can be written by both, and each stream is what that mapping alone
 * would have given. Returns what is different, undefined if nothing is. How fields are written is each one's own.
 */
export function differenceInDecisions(mapping: Mapping, profile: Mapping): string | undefined {
  for (const policy of ['unknownId', 'unknownType', 'undecidedVersion'] as const)
    if (mapping.policies[policy] !== profile.policies[policy]) return `the policy ${policy}`;
  if (mapping.policies.unknownId !== 'keep') return 'unknown ids are dead letters, which depends on the fields';
  for (const name of new Set([...mapping.events.keys(), ...profile.events.keys()])) {
    const [own, other] = [mapping.events.get(name), profile.events.get(name)];
    if (own === undefined || other === undefined) return `only one of them knows ${name}`;
    if (own.rule !== other.rule) return `the rule for ${name}`;
    if ((own.to === null) !== (other.to === null)) return `only one of them drops ${name}`;
  }
  return undefined;
}
