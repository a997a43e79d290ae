/** A value of an event; undefined is left out. No generated string needs escaping in JSON. */
export type Value = string | number | boolean | undefined;

/** Fields of an event in order: name, value, name, value … without time and type. */
export type Fields = readonly Value[];

/** How a 2.0 event follows from 1.0: one to one, by the context of its call, or with no 1.0 event of its own. */
export type TruthKind = 'renamed' | 'resolved' | 'synthesized';

/** A 2.0 event that the platform would have sent; it has the time of the 1.0 event that it is listed with. */
export interface Truth {
  readonly type: string;
  readonly kind: TruthKind;
  readonly contactId: string | undefined;
  /** 2.0 id of the agent. */
  readonly agentId: string | undefined;
  readonly fields: Fields;
  /** For a synthesized event: the 1.0 events that each alone say that it happened. */
  readonly evidence: Played[];
}

/** One 1.0 event with what 2.0 would have sent in its place. */
export interface Played {
  readonly id: number;
  readonly time: number;
  readonly type: string;
  readonly contactId: string | undefined;
  readonly scenario: string;
  readonly fields: Fields;
  readonly truth: readonly Truth[];
}
