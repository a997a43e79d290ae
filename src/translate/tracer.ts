import type { EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { slotText, slotTextOnce } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { Decision } from '../rules/decision.ts';
import type { Why } from '../rules/why.ts';
import type { ArrivedEvent } from './event-ring.ts';
import type { Outcome, Output } from './outcome.ts';
import { eventId, outputText } from './outcome.ts';
import type { CallState, CallTrace, Held, TracedEvent, TracedOutput, TracedStep } from './trace.ts';
import { recordText, stateOf } from './trace.ts';
import type { Watcher } from './watch.ts';

/** What a tracer follows. */
export interface TracerOptions {
  /** 1.0 contactIds of the calls. */
  readonly contacts: Pick<ReadonlySet<string>, 'has'>;
  readonly ids: IdTable;
  /** How long an event waits for its evidence, milliseconds. */
  readonly hold: number;
}

/** Follows a few calls through a translator: it is the translator's watcher, decides what is at home in it, and is given its outcomes. */
export interface Tracer {
  readonly watcher: Watcher;
  /**
   * True for the events of the calls and for all of agents without a call: such a one may arrive before the call from which its agent is
   * known, and come after it in time.
   */
  isHome(record: RecordView): boolean;
  /** Returns the calls to which it belongs, or in which it shows an agent elsewhere. */
  take(outcome: Outcome): readonly string[];
  /** One of the calls, if something was seen of it. */
  trace(contact: string): CallTrace | undefined;
  /** What was seen of a call is not needed any more. */
  forget(contact: string): void;
  /** The calls of which something was seen, in the order of their first events. */
  traces(): readonly CallTrace[];
}

/** Until so long after the last event of a call, what each of its agents does next still tells of it; milliseconds. */
const AFTERMATH = 600_000;

/** A decision, with what was known when it was made. */
interface Told {
  readonly contact: string | undefined;
  readonly decision: Decision;
  readonly held: Held | undefined;
  readonly known: CallState | undefined;
  after: CallState | undefined;
}

interface Call {
  readonly contact: string;
  readonly steps: TracedStep[];
  /** Agents as they come; true once it was told what they did next without a call. */
  readonly agents: Map<string, boolean>;
  last: number;
}

/** A tracer that has seen nothing yet. */
export function createTracer({ contacts, ids, hold }: TracerOptions): Tracer {
  const calls = new Map<string, Call>();
  const agents = new Set<string>();
  const told = new Map<unknown, Told[]>();
  let last: Told | undefined;

  const callOf = (contact: string): Call => {
    const known = calls.get(contact);
    if (known !== undefined) return known;
    const call: Call = { contact, steps: [], agents: new Map(), last: Number.NEGATIVE_INFINITY };
    calls.set(contact, call);
    return call;
  };

  const heldUntil = (facts: EventFacts, cause: ArrivedEvent | undefined): Held | undefined => {
    if (cause === undefined) return { millis: hold, until: undefined };
    if (cause.seq === facts.seq) return undefined;
    const { source, line, offset } = cause.record;
    return { millis: Math.max(0, cause.time - facts.time), until: { type: cause.kind.type, source, line, offset } };
  };

  const eventOf = ({ record, type, time, current }: Outcome): TracedEvent => {
    const agent = slotText(record, SLOT.agentId);
    const { source, line, offset } = record;
    return {
      ...{ type, time, source, line, offset, text: recordText(record), current },
      agent: agent === undefined ? undefined : (ids.find('agent', agent) ?? agent),
    };
  };

  const step = (call: Call, outcome: Outcome, own: boolean): TracedStep => {
    const isShown = ({ contact }: { readonly contact: string | undefined }): boolean =>
      contact === call.contact || (own && contact === outcome.contact);
    const decisions = told.get(outcome)?.filter(isShown) ?? [];
    const found = decisions.find(({ contact }) => contact === call.contact) ?? decisions[0];
    const outputs = outcome.outputs.filter(isShown);
    const { account, reason, message, late, record } = outcome;
    return {
      event: eventOf(outcome),
      ...{ account, reason, message, late },
      elsewhere: slotTextOnce(record, SLOT.contactId) !== call.contact,
      held: found?.held,
      outputs: tracedOutputs(outputs, decisions, outcome.contact),
      leftOut: (own ? (outcome.leftOut ?? []) : []).map((field) => record.shape.keys[field] ?? '?'),
      known: found?.known,
      after: found?.after,
    };
  };

  return {
    watcher: {
      deciding(call, facts, decision, cause) {
        last = undefined;
        if (call === undefined ? !agents.has(facts.agent ?? '') : !contacts.has(call.contact)) return;
        const known = call === undefined ? undefined : stateOf(call);
        last = { contact: call?.contact, decision, held: heldUntil(facts, cause), known, after: undefined };
        const all = told.get(facts);
        if (all === undefined) told.set(facts, [last]);
        else all.push(last);
      },
      decided(call) {
        if (last !== undefined && call !== undefined) last.after = stateOf(call);
      },
    },
    isHome(record) {
      const contact = slotTextOnce(record, SLOT.contactId);
      const agent = slotText(record, SLOT.agentId);
      if (contact === undefined) return agent !== undefined;
      if (!contacts.has(contact)) return false;
      if (agent !== undefined) for (const each of [agent, ids.find('agent', agent) ?? agent]) agents.add(each);
      return true;
    },
    take(outcome) {
      const { record, time, home, outputs } = outcome;
      const contact = slotTextOnce(record, SLOT.contactId);
      const agent = slotText(record, SLOT.agentId);
      const touched: string[] = [];
      const add = (call: Call, own: boolean): void => {
        call.steps.push(step(call, outcome, own));
        touched.push(call.contact);
      };
      if (home && contact !== undefined) {
        const call = callOf(contact);
        if (agent !== undefined) call.agents.set(agent, false);
        call.last = Math.max(call.last, Number.isNaN(time) ? call.last : time);
        add(call, true);
      } else if (home) {
        for (const call of calls.values()) {
          const isNext = !outcome.late && call.agents.get(agent ?? '') === false && time - call.last <= AFTERMATH;
          if (!isNext && !outputs.some((output) => output.contact === call.contact)) continue;
          call.agents.set(agent ?? '', true);
          add(call, true);
        }
      }
      const others = new Set(outputs.map((output) => output.contact).filter((each) => each !== undefined && each !== contact));
      for (const other of contact === undefined && home ? [] : others) {
        if (other !== undefined && contacts.has(other)) add(callOf(other), false);
      }
      told.delete(outcome);
      return touched;
    },
    trace: (contact) => calls.get(contact),
    forget: (contact) => void calls.delete(contact),
    traces: () => [...calls.values()].map(({ contact, steps }) => ({ contact, steps })),
  };
}

/** Outputs stand as they were composed, by call, and in each what was synthesized before the event, the event, what was synthesized after it. */
function tracedOutputs(outputs: readonly Output[], decisions: readonly Told[], own: string | undefined): TracedOutput[] {
  const made = decisions.map(({ contact, decision }) => ({ contact, whys: [...decision.before, ...decision.after].map(({ why }) => why) }));
  const whyOf = (contact: string | undefined): Why | undefined => made.find((each) => each.contact === contact)?.whys.shift();
  const ownWhy = decisions.find(({ contact }) => contact === own)?.decision.why;
  return outputs.map((output) => ({
    id: eventId(output),
    type: output.type,
    kind: output.kind,
    rule: output.rule,
    why: output.kind === 'synthesized' ? whyOf(output.contact) : ownWhy,
    agent: output.agent,
    time: output.time,
    text: outputText(output).trimEnd(),
    evidence: output.evidence,
    waited: output.waited,
  }));
}
