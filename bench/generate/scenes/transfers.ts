import { type Call, outsideParty, type Party, type Stage, seat, wait } from '../call.ts';
import { agentLeaves, agentRings, agentTalks, agentWrapsUp } from '../steps/agent.ts';
import { comesUp, hangsUp, rings } from '../steps/channel.ts';
import { ringsTooLong } from '../steps/queue.ts';
import {
  asks,
  type Consultation,
  consultation,
  startsAsking,
  stopsAsking,
  transfersAttended,
  transfersBlindly,
} from '../steps/transfer.ts';
import { answer, converse, endTalk, mobile, openTalk, sideNumber, type Talk, takeAgent } from './talk.ts';

/** A's leg ends, B rings and answers. */
function handOver(talk: Talk): Talk {
  const { call, party } = talk;
  const next = seat(call, takeAgent(call.stage), { scenario: 'BLIND_TRANSFER' });
  wait(call, 5, 250);
  hangsUp(call, party, { by: sideNumber(talk, 'agent') });
  wait(call, 5, 300);
  transfersBlindly(call, party, next);
  agentWrapsUp(call, party);
  wait(call, 50, 1200);
  agentRings(call, next);
  wait(call, 5, 120);
  rings(call, next);
  answer(call, next);
  return { ...talk, party: next };
}

/** The leg of a consulted party says Consult in a share of the calls. */
function consultType(stage: Stage): { readonly legType?: 'Consult' } {
  return stage.random.chance(stage.consultType) ? { legType: 'Consult' } : {};
}

/** A dials agent B, whose phone rings. */
function consultAgent({ call, party }: Talk): Consultation {
  const asked = seat(call, takeAgent(call.stage), { scenario: 'CONSULTED', ...consultType(call.stage) });
  const consult = consultation(call, party, asked);
  startsAsking(call, consult);
  wait(call, 80, 1200);
  rings(call, asked);
  wait(call, 5, 120);
  agentRings(call, asked);
  return consult;
}

/** A dials a number outside, which answers. */
function consultOutside({ call, party }: Talk): Consultation {
  const asked = outsideParty(call, mobile(call.stage), consultType(call.stage).legType);
  const consult = consultation(call, party, asked);
  startsAsking(call, consult);
  wait(call, 80, 1300);
  rings(call, asked);
  wait(call, 2000, 12_000);
  comesUp(call, asked);
  return consult;
}

/** B answers, and the consultation begins. */
function answerConsult(call: Call, consult: Consultation): void {
  wait(call, 1500, 12_000);
  agentTalks(call, consult.asked);
  wait(call, 5, 80);
  comesUp(call, consult.asked);
}

function consultTalk(call: Call, consult: Consultation): void {
  wait(call, 5, 150);
  asks(call, consult);
  wait(call, 3000, 40_000);
}

/** A leaves the call to the party that it consulted. */
function completeTransfer(talk: Talk, consult: Consultation): void {
  const { call, party } = talk;
  const released = hangsUp(call, party, { by: sideNumber(talk, 'agent') });
  wait(call, 10, 450);
  transfersAttended(call, consult, released);
  agentWrapsUp(call, party);
}

/** The consultation ends with the consulted party's leg; A goes on with the customer. */
function giveUp(talk: Talk, consult: Consultation): void {
  hangsUp(talk.call, consult.asked, { by: sideNumber(talk, 'agent'), after: stopsAsking(talk.call, consult) });
  if (consult.asked.agent !== undefined) agentWrapsUp(talk.call, consult.asked);
}

/** A consults B and transfers the customer. */
function consultAndTransfer(talk: Talk): Talk {
  const consult = consultAgent(talk);
  answerConsult(talk.call, consult);
  consultTalk(talk.call, consult);
  completeTransfer(talk, consult);
  return { ...talk, party: consult.asked };
}

/** A consults B, who does not answer and goes on break. */
function consultInVain(talk: Talk): void {
  const { call } = talk;
  const consult = consultAgent(talk);
  wait(call, 29_500, 30_500);
  ringsTooLong(call, consult.asked);
  wait(call, 5, 200);
  const after = stopsAsking(call, consult);
  hangsUp(call, consult.asked, { by: sideNumber(talk, 'agent'), reason: '480 - Temporarily Unavailable', after });
  agentLeaves(call, consult.asked, { breakCode: 'RingingTimeout' });
}

function begin(stage: Stage, scenario: string, now: number): Talk {
  const talk = openTalk(stage, scenario, now);
  converse(talk, 30_000);
  return talk;
}

function finish(talk: Talk): Call {
  converse(talk);
  endTalk(talk);
  return talk.call;
}

/** A transfers the customer to B without asking. */
export function blindTransfer(stage: Stage, scenario: string, now: number): Call {
  return finish(handOver(begin(stage, scenario, now)));
}

/** A consults B, then transfers the customer to B. */
export function attendedTransfer(stage: Stage, scenario: string, now: number): Call {
  return finish(consultAndTransfer(begin(stage, scenario, now)));
}

/** A consults B and goes on with the customer; sometimes A then asks and transfers after all. */
export function consultGivenUp(stage: Stage, scenario: string, now: number): Call {
  const talk = begin(stage, scenario, now);
  const consult = consultAgent(talk);
  answerConsult(talk.call, consult);
  consultTalk(talk.call, consult);
  giveUp(talk, consult);
  if (!stage.random.chance(0.25)) return finish(talk);
  wait(talk.call, 2000, 20_000);
  return finish(consultAndTransfer(talk));
}

/** A consults B, who does not answer; A goes on with the customer or tries another agent. */
export function consultUnanswered(stage: Stage, scenario: string, now: number): Call {
  const talk = begin(stage, scenario, now);
  consultInVain(talk);
  if (!stage.random.chance(0.25)) return finish(talk);
  wait(talk.call, 2000, 20_000);
  return finish(consultAndTransfer(talk));
}

/** Blind to B; B consults D and transfers. */
export function transferChain(stage: Stage, scenario: string, now: number): Call {
  const second = handOver(begin(stage, scenario, now));
  converse(second, 20_000);
  return finish(consultAndTransfer(second));
}

/** After A has left, customer and outside number talk without an agent. */
function endOutside(talk: Talk, asked: Party): Call {
  const { call, customer } = talk;
  wait(call, 3000, 60_000);
  hangsUp(call, customer, { by: customer.number });
  wait(call, 5, 250);
  hangsUp(call, asked, { by: customer.number });
  return call;
}

/**
 * A consults a number outside, then transfers or goes on with the customer. With one connectId per call nothing tells
 * the outside leg's end from the customer's, so there A always transfers.
 */
export function consultOutsideNumber(stage: Stage, scenario: string, now: number): Call {
  const talk = begin(stage, scenario, now);
  const transfers = stage.random.chance(0.6) || stage.oneConnectId;
  const consult = consultOutside(talk);
  consultTalk(talk.call, consult);
  if (transfers) {
    completeTransfer(talk, consult);
    return endOutside(talk, consult.asked);
  }
  giveUp(talk, consult);
  return finish(talk);
}
