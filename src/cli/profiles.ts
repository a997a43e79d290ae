import { EXIT, UpcastError } from '../errors.ts';
import type { Mapping, Waits } from '../mapping/model.ts';
import { differenceInDecisions } from '../mapping/profile.ts';
import { loadMapping } from '../source/mapping-folder.ts';
import type { Profile } from '../translate/forms.ts';

/**
 * The mappings by which endpoints get their events, each once. `waits`: those that no setting says for all. Errors: those of a mapping, and
 * `bad-profile` (78).
 */
export async function profilesOf(
  mapping: Mapping,
  names: readonly (string | undefined)[],
  waits: readonly (keyof Waits)[],
): Promise<readonly Profile[]> {
  const profiles: Profile[] = [];
  for (const name of new Set(names)) {
    if (name === undefined) continue;
    const profile = { name, mapping: await loadMapping(name) };
    const difference = differenceInDecisions(mapping, profile.mapping, waits);
    if (difference !== undefined) {
      throw new UpcastError({
        code: 'bad-profile',
        exit: EXIT.config,
        message: `profile ${name}: it decides otherwise than the mapping ${mapping.name}: ${difference}`,
        hint: 'a profile may only write the same events in another way; for other decisions run a shim of its own',
      });
    }
    profiles.push(profile);
  }
  return profiles;
}
