import { type Call, type Party, type Stage, wait } from '../call.ts';
import { agentLeaves } from '../steps/agent.ts';
import { hangsUp } from '../steps/channel.ts';
import { abandons, enqueues, ringsTooLong, waitsTooLong } from '../steps/queue.ts';
import { answer, callIn, converse, endTalk, offer } from './talk.ts';

function customerGone(call: Call, customer: Party): Call {
  wait(call, 5, 200);
  hangsUp(call, customer, { by: call.caller });
  return call;
}

/** The customer hangs up inside the IVR. */
export function ivrAbandoned(stage: Stage, scenario: string, now: number): Call {
  const { call, customer } = callIn(stage, scenario, now);
  abandons(call, customer, 'IVR');
  return customerGone(call, customer);
}

/** The customer hangs up while waiting for an agent. */
export function queueAbandoned(stage: Stage, scenario: string, now: number): Call {
  const { call, customer } = callIn(stage, scenario, now);
  enqueues(call, customer);
  wait(call, 3000, 60_000);
  abandons(call, customer, 'Queuing');
  return customerGone(call, customer);
}

/** No agent within the limit of the queue. */
export function queueTimedOut(stage: Stage, scenario: string, now: number): Call {
  const { call, customer } = callIn(stage, scenario, now);
  enqueues(call, customer);
  wait(call, 59_000, 61_000);
  waitsTooLong(call, customer);
  wait(call, 500, 5000);
  return customerGone(call, customer);
}

/** The customer hangs up while the agent's phone rings: the agent only rang. */
export function ringAbandoned(stage: Stage, scenario: string, now: number): Call {
  const visitor = callIn(stage, scenario, now);
  const { call, customer } = visitor;
  enqueues(call, customer);
  wait(call, 200, 20_000);
  const party = offer(visitor);
  wait(call, 1500, 15_000);
  abandons(call, customer, 'Ring', party);
  const order = stage.random.chance(0.5) ? [customer, party] : [party, customer];
  for (const leg of order) {
    wait(call, 5, 250);
    hangsUp(call, leg, { by: call.caller, reason: '487 - Request Terminated' });
  }
  agentLeaves(call, party);
  return call;
}

/** An agent does not answer and goes on break; the customer gets another agent, gives up, or is sent away. */
export function ringingTimedOut(stage: Stage, scenario: string, now: number): Call {
  const visitor = callIn(stage, scenario, now);
  const { call, customer } = visitor;
  enqueues(call, customer);
  wait(call, 200, 20_000);
  const first = offer(visitor);
  wait(call, 29_500, 30_500);
  ringsTooLong(call, first);
  wait(call, 5, 200);
  hangsUp(call, first, { by: call.callee, reason: '480 - Temporarily Unavailable' });
  agentLeaves(call, first, { breakCode: 'RingingTimeout' });
  wait(call, 500, 15_000);
  const fate = stage.random.next();
  if (fate < 0.6) {
    const party = offer(visitor);
    answer(call, party);
    converse({ ...visitor, party });
    endTalk({ ...visitor, party });
    return call;
  }
  if (fate < 0.85) abandons(call, customer, 'Queuing');
  return customerGone(call, customer);
}
