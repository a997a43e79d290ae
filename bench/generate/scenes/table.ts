import type { Call, Stage } from '../call.ts';
import { agentToAgent, backToBack, failedDial, outboundUnanswered, sipPhoneToAgent, sipPhoneToCustomer } from './direct.ts';
import { ivrAbandoned, queueAbandoned, queueTimedOut, ringAbandoned, ringingTimedOut } from './queue.ts';
import { comeIn, converse, dialOut, endTalk, holdAndRetrieve, openTalk, type Talk } from './talk.ts';
import { attendedTransfer, blindTransfer, consultGivenUp, consultOutsideNumber, consultUnanswered, transferChain } from './transfers.ts';

/** Plays one call from its first event on. */
export type Scene = (stage: Stage, scenario: string, now: number) => Call;

function finished(talk: Talk, first: 'agent' | 'customer'): Call {
  converse(talk);
  endTalk(talk, first);
  return talk.call;
}

function withHold(stage: Stage, scenario: string, now: number): Call {
  const talk = openTalk(stage, scenario, now);
  holdAndRetrieve(talk);
  if (stage.random.chance(0.3)) holdAndRetrieve(talk);
  return finished(talk, 'customer');
}

/** Every scenario with its weight; the names of scenarios.yaml where it has one. */
export const SCENES: readonly (readonly [name: string, weight: number, scene: Scene])[] = [
  ['agent-outbound', 16, (stage, name, now) => finished(dialOut(stage, name, now), 'customer')],
  ['agent-outbound-agent-first', 8, (stage, name, now) => finished(dialOut(stage, name, now), 'agent')],
  ['inbound-ivr', 12, (stage, name, now) => finished(comeIn(stage, name, now), 'agent')],
  ['inbound-ivr-customer-first', 12, (stage, name, now) => finished(comeIn(stage, name, now), 'customer')],
  ['agent-to-agent', 4, agentToAgent],
  ['sip-phone-to-agent', 3, sipPhoneToAgent],
  ['sip-phone-to-customer', 3, sipPhoneToCustomer],
  ['back-to-back', 3, backToBack],
  ['hold-and-mute', 5, withHold],
  ['blind-transfer', 6, blindTransfer],
  ['attended-transfer', 6, attendedTransfer],
  ['outbound-unanswered', 9, outboundUnanswered],
  ['ivr-abandoned', 4, ivrAbandoned],
  ['queue-abandoned', 3, queueAbandoned],
  ['queue-timed-out', 2, queueTimedOut],
  ['ringing-timed-out', 3, ringingTimedOut],
  ['ring-abandoned', 3, ringAbandoned],
  ['consult-given-up', 3, consultGivenUp],
  ['consult-unanswered', 2, consultUnanswered],
  ['transfer-chain', 2, transferChain],
  ['consult-outside', 2, consultOutsideNumber],
  ['failed-dial', 0.5, failedDial],
];

const TOTAL = SCENES.reduce((sum, [, weight]) => sum + weight, 0);

/** Draws a scene by weight and plays it. */
export function playScene(stage: Stage, now: number): Call {
  let rest = stage.random.next() * TOTAL;
  for (const [name, weight, scene] of SCENES) {
    rest -= weight;
    if (rest < 0) return scene(stage, name, now);
  }
  throw new Error('the weights do not add up');
}
