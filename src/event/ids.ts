import { TextTable } from './text-table.ts';

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
  /** Rows that make the same table. */
  rows(): readonly IdRow[];
  /** Stands for the table's content: another table, another fingerprint (not cryptographic). */
  readonly fingerprint: string;
}

/** The pairs of one kind. */
class Pairs {
  private readonly legacy = new TextTable();
  private readonly current = new TextTable();
  /** Number of the 2.0 id of each 1.0 id. */
  private readonly pairs: number[] = [];

  set(legacy: string, current: string): void {
    this.pairs[this.legacy.add(legacy)] = this.current.add(current);
  }

  find(legacy: string): string | undefined {
    const number = this.legacy.numberOf(legacy);
    return number < 0 ? undefined : this.current.text(this.pairs[number] as number);
  }

  isCurrent(id: string): boolean {
    return this.current.numberOf(id) >= 0;
  }

  get size(): number {
    return this.legacy.size;
  }

  rows(kind: IdTableKind): readonly IdRow[] {
    return this.pairs.map((pair, number) => ({ kind, legacy: this.legacy.text(number), current: this.current.text(pair) }));
  }
}

/** A table of the given rows. */
export function createIdTable(rows: Iterable<IdRow>): IdTable {
  const kinds = { instance: new Pairs(), agent: new Pairs(), skillGroup: new Pairs() };
  const { instance, agent, skillGroup } = kinds;
  let low = 0x811c9dc5;
  let high = 0x2f0b4c47;
  for (const row of rows) {
    const text = JSON.stringify([row.kind, row.legacy, row.current]);
    for (let index = 0; index < text.length; index += 1) {
      low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
      high = Math.imul(high ^ text.charCodeAt(index), 0x5bd1e995) ^ (high >>> 13);
    }
    kinds[row.kind].set(row.legacy, row.current);
  }
  return {
    find: (kind, id) => (kind === 'party' ? (agent.find(id) ?? skillGroup.find(id)) : kinds[kind].find(id)),
    isCurrent: (kind, id) => (kind === 'party' ? agent.isCurrent(id) || skillGroup.isCurrent(id) : kinds[kind].isCurrent(id)),
    isAnyCurrent: (id) => instance.isCurrent(id) || agent.isCurrent(id) || skillGroup.isCurrent(id),
    rows: () => ID_TABLE_KINDS.flatMap((kind) => kinds[kind].rows(kind)),
    size: instance.size + agent.size + skillGroup.size,
    fingerprint: (low >>> 0).toString(16) + (high >>> 0).toString(16),
  };
}
