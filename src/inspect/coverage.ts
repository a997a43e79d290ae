import type { EventMapping, Mapping } from '../mapping/model.ts';

/** What a mapping makes of an event type. `target` = the 2.0 type, unless its rule decides otherwise. */
export type MappedType =
  | { readonly fate: 'renamed' | 'kept' | 'resolved'; readonly target: string }
  | { readonly fate: 'dropped' | 'unknown'; readonly target: undefined };

/** What it makes of a field. `target` = the 2.0 name. */
export type MappedField =
  | { readonly fate: 'renamed' | 'kept'; readonly target: string }
  | { readonly fate: 'dropped'; readonly target: undefined }
  /** No step names it: it is kept or dropped by the policy for unknown fields. */
  | { readonly fate: 'unknown'; readonly target: string | undefined }
  /** Of an event that is dropped, or goes out as it came. */
  | { readonly fate: 'with its event'; readonly target: undefined };

/** What a mapping makes of a 1.0 type. */
export function mappedType(mapping: Mapping, type: string): MappedType {
  const event = mapping.events.get(type);
  if (event === undefined) return { fate: 'unknown', target: undefined };
  if (event.to === null) return { fate: 'dropped', target: undefined };
  if (event.rule !== undefined) return { fate: 'resolved', target: event.to };
  return { fate: event.to === type ? 'kept' : 'renamed', target: event.to };
}

/** What a mapping makes of a field (canonical name) of a 1.0 type. */
export function mappedField(mapping: Mapping, type: string, name: string): MappedField {
  const event = mapping.events.get(type);
  if (event === undefined || event.to === null) return { fate: 'with its event', target: undefined };
  // Written by the engine itself, whatever the steps say.
  if (name === 'eventType' || name === 'eventTime') return { fate: 'kept', target: name };
  const rule = event.fields.find(({ from }) => from.includes(name));
  if (rule !== undefined && isInTarget(mapping, event, rule.to)) {
    return { fate: rule.to === name ? 'kept' : 'renamed', target: rule.to };
  }
  if (rule !== undefined || event.dropped.has(name) || event.known.has(name)) return { fate: 'dropped', target: undefined };
  return { fate: 'unknown', target: mapping.policies.unknownField === 'keep' ? name : undefined };
}

/** False for a field that the 2.0 event has no place for. */
function isInTarget(mapping: Mapping, event: EventMapping, field: string): boolean {
  const target = event.to === null ? undefined : mapping.targets.get(event.to);
  return target === undefined || !target.closed || target.fields.includes(field);
}
