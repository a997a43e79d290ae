import type { EventKind } from '../event/kind.ts';
import type { EventMapping, Mapping } from '../mapping/model.ts';
import type { Rule } from '../rules/decision.ts';
import { RULES } from '../rules/table.ts';

/** What a mapping makes of a kind of 1.0 event. */
export interface KindMapping {
  /** Undefined: the mapping does not know it. */
  readonly event: EventMapping | undefined;
  readonly rule: Rule | undefined;
}

/** Looks kinds up in a mapping, once each. */
export function createKindMappings(mapping: Mapping): (kind: EventKind) => KindMapping {
  const known: KindMapping[] = [];
  const make = (kind: EventKind): KindMapping => {
    const event = mapping.events.get(kind.type);
    return { event, rule: event?.rule === undefined ? undefined : RULES[event.rule] };
  };
  return (kind) => {
    if (kind.index < 0) return make(kind);
    let found = known[kind.index];
    if (found === undefined) {
      found = make(kind);
      known[kind.index] = found;
    }
    return found;
  };
}
