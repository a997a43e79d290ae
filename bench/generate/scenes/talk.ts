import { type Call, openCall, outsideParty, type Party, type Stage, seat, wait } from '../call.ts';
import { agentDials, agentRings, agentTalks, agentWrapsUp } from '../steps/agent.ts';
import { comesUp, dials, hangsUp, holds, rings } from '../steps/channel.ts';
import { assigns, enqueues, entersIvr } from '../steps/queue.ts';
import { speaks } from '../steps/record.ts';
import type { Agent, Named } from '../world.ts';

/** An agent and a customer who are connected. */
export interface Talk {
  readonly call: Call;
  readonly party: Party;
  readonly customer: Party;
}

/** A free agent; the schedule starts no call without enough of them. */
export function takeAgent(stage: Stage, group?: Named): Agent {
  const agent = stage.take(group);
  if (agent === undefined) throw new Error('no agent is free');
  return agent;
}

/** A customer's number. */
export function mobile(stage: Stage): string {
  return `1${stage.random.int(3, 9)}${stage.random.digits(9)}`;
}

/** A call from the centre to a customer. */
export function openOutbound(stage: Stage, scenario: string, now: number): Call {
  const broker = stage.random.pick(stage.world.hotlines);
  return openCall(stage, { scenario, type: 'Outbound', caller: `0571${stage.random.digits(8)}`, callee: mobile(stage), broker, now });
}

/** An agent dials a customer, who answers. */
export function dialOut(stage: Stage, scenario: string, now: number): Talk {
  const call = openOutbound(stage, scenario, now);
  const agent = takeAgent(stage);
  const party = seat(call, agent, { group: stage.random.pick(agent.groups) });
  const customer = outsideParty(call, call.callee);
  agentDials(call, party);
  wait(call, 20, 290);
  dials(call, party);
  wait(call, 300, 3500);
  rings(call, customer);
  wait(call, 2000, 15_000);
  agentTalks(call, party);
  wait(call, 5, 60);
  comesUp(call, party);
  wait(call, 5, 400);
  comesUp(call, customer);
  return { call, party, customer };
}

/** A customer who calls in. */
export interface Visitor {
  readonly call: Call;
  readonly customer: Party;
}

/** A customer calls and enters the IVR. */
export function callIn(stage: Stage, scenario: string, now: number): Visitor {
  const { random, world } = stage;
  const [hotline, callee] = [random.pick(world.hotlines), `0571${random.digits(8)}`];
  const queueGroup = random.pick(world.groups);
  const call = openCall(stage, { scenario, type: 'Inbound', caller: mobile(stage), callee, broker: hotline, queueGroup, now });
  const customer = outsideParty(call, call.caller);
  entersIvr(call, customer, random.pick(world.flows));
  wait(call, 2000, 30_000);
  return { call, customer };
}

/** The queue gives the customer to an agent, whose phone rings. */
export function offer({ call, customer }: Visitor): Party {
  const party = seat(call, takeAgent(call.stage, call.queueGroup), { group: call.queueGroup });
  assigns(call, customer, party);
  wait(call, 10, 200);
  rings(call, party);
  wait(call, 5, 150);
  agentRings(call, party);
  return party;
}

/** The agent answers the ringing phone. */
export function answer(call: Call, party: Party): void {
  wait(call, 1500, 12_000);
  agentTalks(call, party);
  wait(call, 5, 80);
  comesUp(call, party);
}

/** A customer calls, is queued and answered. */
export function comeIn(stage: Stage, scenario: string, now: number): Talk {
  const visitor = callIn(stage, scenario, now);
  enqueues(visitor.call, visitor.customer);
  wait(visitor.call, 200, 25_000);
  const party = offer(visitor);
  answer(visitor.call, party);
  return { ...visitor, party };
}

/** A connected call, from either side. */
export function openTalk(stage: Stage, scenario: string, now: number): Talk {
  return stage.random.chance(0.5) ? dialOut(stage, scenario, now) : comeIn(stage, scenario, now);
}

/** The agent puts the customer on hold and takes it back. */
export function holdAndRetrieve({ call, party, customer }: Talk): void {
  wait(call, 1000, 10_000);
  holds(call, party, customer, 'CallHeld');
  wait(call, 2000, 30_000);
  holds(call, party, customer, 'CallRetrieved');
}

/** Agent and customer talk for a while; some calls are transcribed, some are put on hold. */
export function converse(talk: Talk, longest = 60_000): void {
  const { call, party, customer } = talk;
  const { random } = call.stage;
  const begin = call.now;
  if (random.chance(0.06)) holdAndRetrieve(talk);
  wait(call, 1500, longest);
  if (!random.chance(0.08)) return;
  for (let sentences = random.int(1, 6); sentences > 0; sentences--) {
    speaks(call, party, customer, begin);
    wait(call, 1500, 9000);
  }
}

/** Number of a side of the call, as CallReleased's initiator names it. */
export function sideNumber({ call, customer }: Talk, side: 'agent' | 'customer'): string {
  return (side === 'customer') === (customer.number === call.callee) ? call.callee : call.caller;
}

/** One of the two hangs up first; then the agent's after-call work. */
export function endTalk(talk: Talk, first: 'agent' | 'customer' = talk.call.stage.random.chance(0.6) ? 'customer' : 'agent'): void {
  const { call, party, customer } = talk;
  const by = sideNumber(talk, first);
  const order = first === 'customer' ? [customer, party] : [party, customer];
  for (const leg of order) {
    wait(call, 5, 250);
    hangsUp(call, leg, { by });
  }
  agentWrapsUp(call, party);
}
