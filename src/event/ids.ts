/** Kinds of ids that the customer's table translates. */
export const ID_TABLE_KINDS = ['instance', 'agent', 'skillGroup'] as const;

/** A kind of id in the table. */
export type IdTableKind = (typeof ID_TABLE_KINDS)[number];

/** One line of the customer's table: the 1.0 id and the 2.0 id of the same thing. */
export interface IdRow {
  readonly kind: IdTableKind;
  readonly legacy: string;
  readonly current: string;
}

/** The customer's table of ids. The vendor does not publish how 1.0 ids become 2.0 ids, so only the customer can know. */
export interface IdTable {
  /** The 2.0 id of a 1.0 id; `party` = an agent's or else a skill group's. Undefined: the table lacks it. */
  find(kind: IdTableKind | 'party', legacy: string): string | undefined;
  /** True for a 2.0 id of that kind. */
  isCurrent(kind: IdTableKind | 'party', id: string): boolean;
  /** True for a 2.0 id of any kind: an event that carries one is a 2.0 event. */
  isAnyCurrent(id: string): boolean;
  /** Number of 1.0 ids. */
  readonly size: number;
  /** Stands for the table's content: another table, another fingerprint (not cryptographic). */
  readonly fingerprint: string;
}

/** A table of the given rows. */
export function createIdTable(rows: Iterable<IdRow>): IdTable {
  const legacy = { instance: new Map<string, string>(), agent: new Map<string, string>(), skillGroup: new Map<string, string>() };
  const current = { instance: new Set<string>(), agent: new Set<string>(), skillGroup: new Set<string>() };
  let low = 0x811c9dc5;
  let high = 0x2f0b4c47;
  for (const row of rows) {
    const text = JSON.stringify([row.kind, row.legacy, row.current]);
    for (let index = 0; index < text.length; index += 1) {
      low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
      high = Math.imul(high ^ text.charCodeAt(index), 0x5bd1e995) ^ (high >>> 13);
    }
    legacy[row.kind].set(row.legacy, row.current);
    current[row.kind].add(row.current);
  }
  return {
    find: (kind, id) => (kind === 'party' ? (legacy.agent.get(id) ?? legacy.skillGroup.get(id)) : legacy[kind].get(id)),
    isCurrent: (kind, id) => (kind === 'party' ? current.agent.has(id) || current.skillGroup.has(id) : current[kind].has(id)),
    isAnyCurrent: (id) => current.instance.has(id) || current.agent.has(id) || current.skillGroup.has(id),
    size: legacy.instance.size + legacy.agent.size + legacy.skillGroup.size,
    fingerprint: (low >>> 0).toString(16) + (high >>> 0).toString(16),
  };
}
