import { type Call, type Party, play } from '../call.ts';
import { currentCallForm, endLegacy, legacyCallForm, truthOf } from '../forms.ts';
import type { Played, Value } from '../played.ts';
import type { Agent, ContactFlow, Named } from '../world.ts';

function addQueue(form: Value[], agent: Agent | undefined, group: Named | undefined): Value[] {
  form.push('queueType', 'SkillGroup', 'skillGroupId', group?.legacy, 'agentId', agent?.legacy);
  return form;
}

/** 2.0 puts the agent before the group. */
function addCurrentQueue(form: Value[], agent: Agent | undefined, group: Named | undefined): Value[] {
  form.push('queueType', 'SkillGroup', 'agentId', agent?.current, 'skillGroupId', group?.current);
  return form;
}

/** Route2IVR: from here on the contact flow is known. */
export function entersIvr(call: Call, customer: Party, flow: ContactFlow): Played {
  call.contactFlowId = flow.id;
  call.facts.startTime ??= call.now;
  const truth = truthOf(call, 'renamed', 'Route2IVR', undefined, currentCallForm(call, customer.leg));
  const legacy = legacyCallForm(call, customer.leg);
  legacy.push('contactFlowId', flow.id, 'contactFlowName', flow.name);
  return play(call, 'Route2IVR', endLegacy(call, legacy), [truth]);
}

/** Enqueue. */
export function enqueues(call: Call, customer: Party): Played {
  const fields = addCurrentQueue(currentCallForm(call, customer.leg), undefined, call.queueGroup);
  const legacy = legacyCallForm(call, customer.leg);
  legacy.push('contactFlowId', call.contactFlowId);
  addQueue(legacy, undefined, call.queueGroup);
  return play(call, 'Enqueue', endLegacy(call, legacy), [truthOf(call, 'renamed', 'Enqueue', undefined, fields)]);
}

/** QueueingTimeout. */
export function waitsTooLong(call: Call, customer: Party): Played {
  call.facts.queueTimeout = true;
  const fields = addCurrentQueue(currentCallForm(call, customer.leg), undefined, call.queueGroup);
  const legacy = addQueue(legacyCallForm(call, customer.leg), undefined, call.queueGroup);
  return play(call, 'QueueingTimeout', endLegacy(call, legacy), [truthOf(call, 'renamed', 'QueueingTimeout', undefined, fields)]);
}

/** AssignAgent: an event of the customer's leg that names the agent. */
export function assigns(call: Call, customer: Party, { agent, group }: Party): Played {
  const fields = addCurrentQueue(currentCallForm(call, customer.leg), agent, group);
  const legacy = addQueue(legacyCallForm(call, customer.leg), agent, group);
  return play(call, 'AssignAgent', endLegacy(call, legacy), [truthOf(call, 'renamed', 'AssignAgent', agent, fields)]);
}

/** RingingTimeout of an agent's leg (2.0: fields in the order of AssignAgent). */
export function ringsTooLong(call: Call, { agent, group, leg }: Party): Played {
  call.facts.ringingTimeout = true;
  const fields = currentCallForm(call, leg);
  fields.push('agentId', agent?.current, 'skillGroupId', group?.current);
  const legacy = legacyCallForm(call, leg);
  legacy.push('skillGroupId', group?.legacy, 'agentId', agent?.legacy);
  return play(call, 'RingingTimeout', endLegacy(call, legacy), [truthOf(call, 'renamed', 'RingingTimeout', agent, fields)]);
}

/** CallAbandoned: the phase says which of flow, group and agent come with it. */
export function abandons(call: Call, customer: Party, phase: 'IVR' | 'Queuing' | 'Ring', party?: Party): Played {
  call.facts.abandoned = phase;
  const group = phase === 'Queuing' ? call.queueGroup : undefined;
  const agent = phase === 'Ring' ? party?.agent : undefined;
  const fields = currentCallForm(call, customer.leg);
  fields.push('agentId', agent?.current, 'skillGroupId', group?.current, 'abandonPhase', phase === 'Ring' ? 'Ringing' : phase);
  const legacy = legacyCallForm(call, customer.leg);
  legacy.push('abandonPhase', phase, 'contactFlowId', phase === 'IVR' ? call.contactFlowId : undefined);
  legacy.push('skillGroupId', group?.legacy, 'agentId', agent?.legacy);
  return play(call, 'CallAbandoned', endLegacy(call, legacy), [truthOf(call, 'renamed', 'Abandoned', agent, fields)]);
}
