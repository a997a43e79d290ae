import type { LegacyEventName, RuleName } from '../event/names.ts';

/** Kinds of ids in the customer's table. `party` = an agent or a skill group, or something that is no id at all (a number, an extension). */
export const ID_KINDS = ['instance', 'agent', 'skillGroup', 'party'] as const;

/** Kind of an id field. */
export type IdKind = (typeof ID_KINDS)[number];

/**
 * Values that the context of a call can supply for a field, by the field's 2.0 name.
 * A field that is not in this list is never filled.
 */
export const FILLS = [
  'instanceId', 'agentId', 'skillGroupIds', 'contactId', 'channelId', 'callType', 'caller', 'callee', 'broker', 'contactFlowId',
  'skillGroupId', 'scenario', 'counterparty', 'heldChannelId', 'retrievedChannelId',
  'startTime', 'establishedTime', 'endTime', 'dispositionCode', 'agentIds',
] as const; // biome-ignore format: a list

/** Name of a value that context can supply. */
export type FillName = (typeof FILLS)[number];

/** What happens to a field's value on its way: a closed union, each interpreter is one exhaustive switch. */
export type FieldOp =
  | { readonly op: 'copy' }
  | { readonly op: 'time' }
  | { readonly op: 'id'; readonly kind: IdKind }
  /** `null` in a table means: leave the field out, counted. A value the table lacks stays as it is. */
  | { readonly op: 'table'; readonly name: string; readonly values: ReadonlyMap<string, string | null> }
  /** `{value}` stands for the old value. */
  | { readonly op: 'template'; readonly before: string; readonly after: string };

/** One field of the 2.0 event that comes out of a 1.0 event. */
export interface FieldRule {
  /** 2.0 name. */
  readonly to: string;
  /** 1.0 names (canonical: first letter in lower case), the first that is present and not blank is taken. Empty: only `fill` or `constant`. */
  readonly from: readonly string[];
  readonly op: FieldOp;
  /** Names of `from` whose value is taken as it stands, without `op` (older dumps: a list of group names in place of ids). */
  readonly asIs: readonly string[];
}

/** What becomes of one 1.0 event type. */
export interface EventMapping {
  readonly event: LegacyEventName | string;
  /** 2.0 type unless the rule decides otherwise; null = dropped by decision. */
  readonly to: string | null;
  /** Rule that decides with the context of the call. */
  readonly rule: RuleName | undefined;
  readonly fields: readonly FieldRule[];
  /** Fixed values that the event's steps set, by 2.0 name; no {@link FieldRule} has the same name. */
  readonly constants: ReadonlyMap<string, string>;
  /** 1.0 fields (canonical names) left out by decision: counted by name. */
  readonly dropped: ReadonlySet<string>;
  /** Every 1.0 field that the steps speak of (canonical names). Others are unknown: policy `unknownField`. */
  readonly known: ReadonlySet<string>;
}

/** How a target's field takes a value from the context of the call. */
export interface FillRule {
  readonly name: FillName;
  /** `missing` = only where the event brings none; `first` = the context's value wins (lists that already hold the event's own). */
  readonly when: 'missing' | 'first';
  /** Applied to the filled value (`copy` or `table`). */
  readonly op: FieldOp;
}

/** One 2.0 event type: the fields in the vendor's order and where missing ones come from. */
export interface TargetEvent {
  readonly name: string;
  /** Field names in the order of the vendor's table. */
  readonly fields: readonly string[];
  /** By field name. */
  readonly fills: ReadonlyMap<string, FillRule>;
  /** Fields with a fixed value, by name (`mediaType: AUDIO`), used where nothing else gives one. */
  readonly constants: ReadonlyMap<string, string>;
  /** 1.0/2.0 fields that this form of event does not have although the mapping produces them: dropped, counted. True = unlisted fields are dropped; false = kept at the end. */
  readonly closed: boolean;
}

/** What to do where a rule cannot know. */
export interface Policies {
  readonly unknownId: 'keep' | 'dead-letter' | 'fail';
  readonly unknownField: 'keep' | 'drop';
  readonly unknownType: 'dead-letter' | 'pass';
  /** Version of an event that shows neither. */
  readonly undecidedVersion: 'legacy' | 'current';
}

/** Waits in milliseconds of event time. */
export interface Waits {
  readonly lateness: number;
  readonly hold: number;
  readonly idle: number;
  readonly retention: number;
}

/** A compiled mapping: frozen, without I/O, the same for every run. */
export interface Mapping {
  readonly name: string;
  readonly version: string;
  /** SHA-256 (hex) over everything the mapping says. */
  readonly hash: string;
  readonly policies: Policies;
  readonly waits: Waits;
  /** By canonical 1.0 event name. */
  readonly events: ReadonlyMap<string, EventMapping>;
  /** By 2.0 event name. */
  readonly targets: ReadonlyMap<string, TargetEvent>;
  /** Applied to `contactId` wherever it stands; `{value}` template, or copy. */
  readonly contactId: FieldOp;
}
