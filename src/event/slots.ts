/**
 * The fields that the engine itself reads, in both vocabularies (1.0 and 2.0), by their camelCase name.
 * Everything else in an event is carried by the mapping alone. Names: the vendor's field tables of 1.0 (2021-03) and 2.0 (2021-05).
 */
export const SLOTS = [
  'eventTime',
  'eventType',
  'instanceId',
  'contactId',
  'connectId',
  'channelId',
  'agentId',
  'agentIds',
  'skillGroupId',
  'skillGrou',
  'skillGroupIds',
  'callType',
  'caller',
  'callee',
  'broker',
  'contactFlowId',
  'destination',
  'transferor',
  'originator',
  'counterparty',
  'result',
  'abandonPhase',
  'releaseReason',
  'startTime',
  'endTime',
] as const;

/** Name of a field that the engine reads. */
export type SlotName = (typeof SLOTS)[number];

/** Index of each slot in {@link Shape.slots}. Written out: the engine reads fields by it for every event. */
export const SLOT: { readonly [name in SlotName]: number } = {
  eventTime: 0,
  eventType: 1,
  instanceId: 2,
  contactId: 3,
  connectId: 4,
  channelId: 5,
  agentId: 6,
  agentIds: 7,
  skillGroupId: 8,
  skillGrou: 9,
  skillGroupIds: 10,
  callType: 11,
  caller: 12,
  callee: 13,
  broker: 14,
  contactFlowId: 15,
  destination: 16,
  transferor: 17,
  originator: 18,
  counterparty: 19,
  result: 20,
  abandonPhase: 21,
  releaseReason: 22,
  startTime: 23,
  endTime: 24,
};

const INDEX: ReadonlyMap<string, number> = new Map(SLOTS.map((name, index) => [name, index]));

/** Slot that a key of a record fills, or -1. Older dumps spell whole records in PascalCase, so the first letter's case is ignored. */
export function slotOf(key: string): number {
  return INDEX.get(canonicalKey(key)) ?? -1;
}

/** A key with its first letter in lower case: the one spelling under which mappings and slots know a field. */
export function canonicalKey(key: string): string {
  const first = key.charCodeAt(0);
  return first >= 0x41 && first <= 0x5a ? String.fromCharCode(first + 0x20) + key.slice(1) : key;
}
