import { apply, consult } from '../context/apply.ts';
import type { AgentPart, CallContext } from '../context/call.ts';
import { findPart } from '../context/call.ts';
import type { EventFacts } from '../event/facts.ts';
import { PRIMARY } from '../event/identity.ts';
import type { IdTable } from '../event/ids.ts';
import type { EventKind } from '../event/kind.ts';
import type { EventMapping, FillName, Mapping } from '../mapping/model.ts';
import type { Decision, RuleValues, Synthesized } from '../rules/decision.ts';
import type { Books } from './account.ts';
import { labelOf } from './account.ts';
import type { Forms } from './forms.ts';
import type { OutputLabel } from './label.ts';
import { Output } from './outcome.ts';
import type { Filler, RenderContext } from './render.ts';
import { renderCopy, renderEvent } from './render.ts';
import { createShaper } from './shaper.ts';

/** Makes the outputs of decided events and moves the state of their call on. */
export interface Composer {
  /** All outputs of one decided event. `own` false: an event of the agent elsewhere, of which only what is synthesized belongs here. */
  compose(
    call: CallContext | undefined,
    facts: EventFacts,
    decision: Decision,
    event: EventMapping | undefined,
    own: boolean,
  ): readonly Output[];
}

const NOTHING: RuleValues = {};
const NO_OUTPUTS: readonly Output[] = [];

/** A composer for one mapping; `forms`: of others in which each output is written once more. */
export function createComposer(mapping: Mapping, ids: IdTable, render: RenderContext, books: Books, forms: Forms | undefined): Composer {
  const shaper = createShaper(mapping, render.values);
  const copied: OutputLabel[] = [];
  const synthesized = new Map<string, OutputLabel>();
  const filling = createFilling(ids);

  const copiedAs = (kind: EventKind): OutputLabel => {
    const known = copied[kind.index];
    if (known !== undefined) return known;
    const label = labelOf(books, kind.type, 'copied', kind.type);
    if (kind.index >= 0) copied[kind.index] = label;
    return label;
  };

  const synthesizedAs = (type: string, rule: string): OutputLabel => {
    const key = `${rule} ${type}`;
    let label = synthesized.get(key);
    if (label === undefined) {
      label = labelOf(books, type, 'synthesized', rule);
      synthesized.set(key, label);
    }
    return label;
  };

  const synthesize = (call: CallContext, facts: EventFacts, made: Synthesized, own: boolean, ordinal: number): Output => {
    apply(call, facts, made.type, made.agent);
    filling.set(call, findPart(call, made.agent), made.agent, made.values);
    render.plainContact = call.numeric;
    renderEvent(render, shaper.synthesized(made.type), facts, undefined, filling.fill);
    // A release in another contact than the event's own is told apart by that contact.
    const tail = own ? `${ordinal} ${made.type} ${made.agent}` : `${ordinal} ${made.type} ${made.agent} ${call.contact}`;
    const label = synthesizedAs(made.type, own ? facts.type : `${facts.type} elsewhere`);
    const output = new Output(label, facts.time, call.contact, made.agent, facts.record, tail, made.evidence, made.waited, render.arena);
    forms?.synthesized(output, facts, call.numeric, filling.fill);
    return output;
  };

  const primary = (
    call: CallContext | undefined,
    facts: EventFacts,
    decision: Decision,
    event: EventMapping | undefined,
  ): Output | undefined => {
    const target = event === undefined ? facts.type : decision.resolved && decision.type !== undefined ? decision.type : event.to;
    if (target === null) return undefined;
    let label: OutputLabel;
    if (event === undefined) {
      renderCopy(render, facts.record);
      label = copiedAs(facts.kind);
    } else {
      filling.set(call, call === undefined ? undefined : findPart(call, facts.agent), facts.agent, decision.values ?? NOTHING);
      render.plainContact = call?.numeric === true;
      const plan = shaper.plan(facts.record.shape, event, facts.type, target);
      renderEvent(render, plan.program, facts, facts.record, filling.fill);
      if (decision.resolved) label = plan.resolved ??= labelOf(books, target, 'resolved', facts.type);
      else label = plan.renamed ??= labelOf(books, target, 'renamed', facts.type);
    }
    const { time, contact, agent, record } = facts;
    const output = new Output(label, time, contact, agent, record, PRIMARY, decision.evidence, decision.waited, render.arena);
    if (event !== undefined) forms?.own(output, facts, decision, render.plainContact, filling.fill);
    return output;
  };

  /** Moves the call on by an event and writes the event itself. */
  const ownOutput = (
    call: CallContext | undefined,
    facts: EventFacts,
    decision: Decision,
    event: EventMapping | undefined,
  ): Output | undefined => {
    if (call !== undefined) {
      if (decision.consultation !== undefined) consult(call, decision.consultation);
      apply(call, facts, decision.type ?? facts.action, facts.agent);
    }
    return primary(call, facts, decision, event);
  };

  return {
    compose(call, facts, decision, event, own) {
      const { before, after } = decision;
      if (own && before.length === 0 && after.length === 0) {
        const output = ownOutput(call, facts, decision, event);
        return output === undefined ? NO_OUTPUTS : [output];
      }
      const outputs: Output[] = [];
      // Counted apart from the event's own output, which a mapping may drop: ids do not depend on the mapping.
      if (call !== undefined) for (const made of before) outputs.push(synthesize(call, facts, made, own, outputs.length + 1));
      const output = own ? ownOutput(call, facts, decision, event) : undefined;
      if (output !== undefined) outputs.push(output);
      if (call !== undefined) {
        for (let index = 0; index < after.length; index += 1) {
          outputs.push(synthesize(call, facts, after[index] as Synthesized, own, before.length + index + 1));
        }
      }
      return outputs;
    },
  };
}

interface Filling {
  readonly fill: Filler;
  set(call: CallContext | undefined, part: AgentPart | undefined, agent: string | undefined, values: RuleValues): void;
}

/** The values that rule and context supply: the rule's first. "When known at that moment, and left out otherwise." */
function createFilling(ids: IdTable): Filling {
  let call: CallContext | undefined;
  let part: AgentPart | undefined;
  let agent: string | undefined;
  let values: RuleValues = NOTHING;
  return {
    set(newCall, newPart, newAgent, newValues) {
      call = newCall;
      part = newPart;
      agent = newAgent;
      values = newValues;
    },
    fill(name: FillName): string | undefined {
      // A value that a rule gives as undefined is known to be unknown; nothing else stands in for it.
      if (values !== NOTHING && name in values) return values[name];
      switch (name) {
        case 'instanceId':
          return call?.instance === undefined ? undefined : (ids.find('instance', call.instance) ?? call.instance);
        case 'agentId':
          return agent;
        case 'skillGroupId':
          return part?.group === undefined ? undefined : (ids.find('skillGroup', part.group) ?? part.group);
        case 'skillGroupIds':
          return part?.groups
            ?.split(',')
            .map((each) => ids.find('skillGroup', each) ?? each)
            .join(',');
        case 'contactId':
          return call?.contact;
        case 'channelId':
          return part?.leg;
        case 'scenario':
          return part?.via;
        case 'callType':
          return call?.callType;
        case 'caller':
          return call?.caller;
        case 'callee':
          return call?.callee;
        case 'broker':
          return call?.broker;
        case 'contactFlowId':
          return call?.flow;
        default:
          return undefined;
      }
    },
  };
}
