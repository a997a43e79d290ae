import type { Happening } from '../context/apply.ts';
import type { CallContext } from '../context/call.ts';
import type { Evidence, EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import type { FillName } from '../mapping/model.ts';

/** Values that a rule gives for fields of an event; they go before what the context fills in. */
export type RuleValues = { readonly [name in FillName]?: string | undefined };

/** An event that 1.0 never sent, concluded from the one at hand. It carries that event's time. */
export interface Synthesized {
  readonly type: 'AgentRelease' | 'StopConsultant';
  readonly agent: string;
  readonly values: RuleValues;
  readonly evidence: readonly Evidence[];
  /** The wait for better evidence ran out. */
  readonly waited: boolean;
}

/** What becomes of an event that needs the context of its call. */
export interface Decision {
  /** What it is in the words of 2.0; undefined: what its mapping says. */
  readonly type?: Happening;
  /** True if the type depended on the context. */
  readonly resolved?: boolean;
  readonly values?: RuleValues;
  readonly before?: readonly Synthesized[];
  readonly after?: readonly Synthesized[];
  readonly evidence?: readonly Evidence[];
  /** The wait ran out, and this is only the best-supported reading. */
  readonly waited?: boolean;
  /** The consultation that begins with this event. */
  readonly consultation?: CallContext['consultation'];
}

/** What a rule sees. It reads; it changes nothing. */
export interface RuleInput {
  readonly call: CallContext;
  readonly facts: EventFacts;
  /** Events of the same call that came after this one and wait behind it, in order. */
  readonly ahead: readonly EventFacts[];
  /** The wait has ended: a decision must be made now. */
  readonly expired: boolean;
  readonly ids: IdTable;
  /** Ringing or AssignAgent of an agent was seen somewhere in this input: it was subscribed, so its absence here says something. */
  readonly ringsAreSent: boolean;
}

/** A rule: a decision, or undefined while evidence is still to come. */
export type Rule = (input: RuleInput) => Decision | undefined;
