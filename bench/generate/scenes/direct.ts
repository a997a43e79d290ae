import { type Call, openCall, outsideParty, type Party, type Stage, seat, wait } from '../call.ts';
import { agentDials, agentRings, agentTalks, agentWrapsUp, maybeFail } from '../steps/agent.ts';
import { comesUp, dials, hangsUp, rings } from '../steps/channel.ts';
import { converse, endTalk, mobile, openOutbound, takeAgent } from './talk.ts';

interface Pair {
  readonly call: Call;
  readonly calling: Party;
  readonly called: Party;
}

/** Two agents; such calls know no skill group and no middle number. */
function openInternal(stage: Stage, scenario: string, now: number): Pair {
  const [a, b] = [takeAgent(stage), takeAgent(stage)];
  const call = openCall(stage, { scenario, type: 'Internal', caller: a.extension, callee: b.extension, now });
  return { call, calling: seat(call, a), called: seat(call, b) };
}

/** Both come up at almost the same time, so either may be first; then one hangs up. */
function talkAndEnd({ call, calling, called }: Pair, first: 'calling' | 'called'): Call {
  const { random } = call.stage;
  wait(call, 1500, 12_000);
  for (const party of first === 'calling' ? [calling, called] : [called, calling]) {
    agentTalks(call, party);
    wait(call, 5, 60);
    comesUp(call, party);
    wait(call, 5, 60);
  }
  wait(call, 3000, 90_000);
  const ending = random.chance(0.7) ? [called, calling] : [calling, called];
  for (const party of ending) {
    hangsUp(call, party, { by: ending[0]?.number ?? call.callee });
    wait(call, 5, 150);
  }
  for (const party of ending) agentWrapsUp(call, party);
  return call;
}

/** Agent A calls agent B's extension. */
export function agentToAgent(stage: Stage, scenario: string, now: number): Call {
  const pair = openInternal(stage, scenario, now);
  const { call, calling, called } = pair;
  agentDials(call, calling);
  wait(call, 20, 280);
  dials(call, calling);
  wait(call, 30, 900);
  agentRings(call, called);
  wait(call, 5, 120);
  rings(call, called);
  return talkAndEnd(pair, stage.random.chance(0.5) ? 'calling' : 'called');
}

/** Agent A calls agent B from a SIP phone: dialing and ringing come mixed, in the vendor's order. */
export function sipPhoneToAgent(stage: Stage, scenario: string, now: number): Call {
  const pair = openInternal(stage, scenario, now);
  const { call, calling, called } = pair;
  agentDials(call, calling);
  wait(call, 5, 60);
  rings(call, called);
  wait(call, 5, 60);
  agentRings(call, called);
  wait(call, 5, 60);
  dials(call, calling);
  return talkAndEnd(pair, 'called');
}

/** Agent A dials a customer from a SIP phone: no skill group. */
export function sipPhoneToCustomer(stage: Stage, scenario: string, now: number): Call {
  const call = openOutbound(stage, scenario, now);
  const party = seat(call, takeAgent(stage));
  const customer = outsideParty(call, call.callee);
  rings(call, customer);
  wait(call, 5, 80);
  agentDials(call, party);
  wait(call, 5, 120);
  dials(call, party);
  wait(call, 2000, 15_000);
  comesUp(call, customer);
  wait(call, 5, 80);
  agentTalks(call, party);
  wait(call, 5, 60);
  comesUp(call, party);
  converse({ call, party, customer });
  endTalk({ call, party, customer }, 'customer');
  return call;
}

/** The centre calls one customer, then another, and joins them: no agent. */
export function backToBack(stage: Stage, scenario: string, now: number): Call {
  const broker = stage.random.pick(stage.world.hotlines);
  const call = openCall(stage, { scenario, type: 'Back2Back', caller: mobile(stage), callee: mobile(stage), broker, now });
  const [centre, first, second] = [outsideParty(call, broker), outsideParty(call, call.caller), outsideParty(call, call.callee)];
  dials(call, centre);
  wait(call, 300, 3000);
  rings(call, first);
  wait(call, 2000, 15_000);
  rings(call, second);
  wait(call, 2000, 15_000);
  comesUp(call, first);
  wait(call, 5, 60);
  comesUp(call, second);
  wait(call, 3000, 90_000);
  hangsUp(call, second, { by: call.callee });
  wait(call, 5, 250);
  hangsUp(call, first, { by: call.callee });
  return call;
}

/** The customer does not answer, is busy or declines. */
export function outboundUnanswered(stage: Stage, scenario: string, now: number): Call {
  const call = openOutbound(stage, scenario, now);
  const agent = takeAgent(stage);
  const party = seat(call, agent, { group: stage.random.pick(agent.groups) });
  const customer = outsideParty(call, call.callee);
  agentDials(call, party);
  wait(call, 20, 290);
  dials(call, party);
  wait(call, 300, 3500);
  rings(call, customer);
  if (stage.random.chance(0.2)) {
    wait(call, 100, 2000);
    agentTalks(call, party);
    wait(call, 5, 60);
    comesUp(call, party);
  }
  wait(call, 3000, 45_000);
  const reason = stage.random.pick(['486 - Busy Here', '603 - Decline', '480 - Temporarily Unavailable']);
  call.facts.rejected = !reason.startsWith('480');
  hangsUp(call, customer, { by: call.callee, reason });
  wait(call, 5, 250);
  hangsUp(call, party, { by: call.callee, reason });
  agentWrapsUp(call, party);
  return call;
}

/** A dial that never becomes a call: one failed AgentRinging, nothing in 2.0. */
export function failedDial(stage: Stage, scenario: string, now: number): Call {
  const call = openOutbound(stage, scenario, now);
  const agent = takeAgent(stage);
  maybeFail(call, seat(call, agent), 'AgentRinging', undefined, 1);
  agent.freeAt = call.now + 2000;
  return call;
}
