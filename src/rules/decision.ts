import type { Happening } from '../context/apply.ts';
import type { CallContext } from '../context/call.ts';
import type { EventFacts, Evidence } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import type { FillName } from '../mapping/model.ts';
import type { Why } from './why.ts';

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
  readonly why: Why;
}

/** What becomes of an event that needs the context of its call. Made by {@link decided}, so that all have one shape in memory. */
export interface Decision {
  /** What it is in the words of 2.0; undefined: what its mapping says. */
  readonly type: Happening | undefined;
  /** True if the type depended on the context. */
  readonly resolved: boolean;
  readonly values: RuleValues | undefined;
  readonly before: readonly Synthesized[];
  readonly after: readonly Synthesized[];
  readonly evidence: readonly Evidence[];
  /** The wait ran out, and this is only the best-supported reading. */
  readonly waited: boolean;
  /** The consultation that begins with this event. */
  readonly consultation: CallContext['consultation'];
  /** What speaks for the event's own reading; undefined where its mapping says it all. */
  readonly why: Why | undefined;
}

const NO_EVIDENCE: readonly Evidence[] = [];
const NONE: readonly Synthesized[] = [];

/** A decision of the given parts; without any, the event becomes what its mapping says. */
export function decided(parts: Partial<Decision>): Decision {
  return {
    type: parts.type,
    resolved: parts.resolved ?? false,
    values: parts.values,
    before: parts.before ?? NONE,
    after: parts.after ?? NONE,
    evidence: parts.evidence ?? NO_EVIDENCE,
    waited: parts.waited ?? false,
    consultation: parts.consultation,
    why: parts.why,
  };
}

/** The event becomes what its mapping says. */
export const AS_MAPPED: Decision = decided({});

/** The type was found by context. */
export function resolvedAs(type: Happening | undefined, why: Why, evidence: readonly Evidence[]): Decision {
  return { type, resolved: true, values: undefined, before: NONE, after: NONE, evidence, waited: false, consultation: undefined, why };
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
  /** 2.0 events of agents were seen in this input: it is mixed, and what would be concluded may come by itself. */
  readonly inputIsMixed: boolean;
}

/** A rule: a decision, or undefined while evidence is still to come. */
export type Rule = (input: RuleInput) => Decision | undefined;
