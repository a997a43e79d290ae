import { type Call, newLeg, type Party, play } from '../call.ts';
import { addSeat, agentOf, currentCallForm, legacyAgentForm, truthOf } from '../forms.ts';
import type { Played, Truth, Value } from '../played.ts';
import { maybeFail } from './agent.ts';

/** A consultation under way: who asks, on which leg, and whom. */
export interface Consultation {
  readonly asking: Party;
  readonly asked: Party;
  /** The asking agent's leg of the consultation: its own, or a second one. */
  readonly leg: string;
}

/** Opens a consultation; the asking agent's leg of it is its own in half of the consultations. */
export function consultation(call: Call, asking: Party, asked: Party): Consultation {
  return { asking, asked, leg: call.stage.random.chance(0.5) ? newLeg(call) : asking.leg };
}

function consultTruth(call: Call, type: string, { asking, asked, leg }: Consultation, kind: Truth['kind']): Truth {
  const fields = addSeat(currentCallForm(call, leg), asking, 'current');
  fields.push('counterparty', asked.agent?.current ?? asked.number);
  return truthOf(call, kind, type, asking.agent, fields);
}

/** 1.0 AgentRinging of an agent that is already talking: 2.0 InitiateConsultant. */
export function startsAsking(call: Call, consult: Consultation): Played {
  maybeFail(call, consult.asking, 'AgentRinging', consult.leg);
  const fields = legacyAgentForm(call, agentOf(consult.asking), consult.leg);
  return play(call, 'AgentRinging', fields, [consultTruth(call, 'InitiateConsultant', consult, 'resolved')]);
}

/** 1.0 AgentTalk in a consultation that has not started: 2.0 StartConsultant. */
export function asks(call: Call, consult: Consultation): Played {
  maybeFail(call, consult.asking, 'AgentTalk', consult.leg);
  const fields = legacyAgentForm(call, agentOf(consult.asking), consult.leg);
  return play(call, 'AgentTalk', fields, [consultTruth(call, 'StartConsultant', consult, 'resolved')]);
}

/** 2.0 StopConsultant, which 1.0 never sent. */
export function stopsAsking(call: Call, consult: Consultation): Truth {
  return consultTruth(call, 'StopConsultant', consult, 'synthesized');
}

function transferEvent(call: Call, type: string, from: Party, to: Party, after: readonly Truth[]): Played {
  const agent = agentOf(from);
  const { contactId, caller, callee, stage } = call;
  const fields = addSeat(currentCallForm(call, from.leg), from, 'current');
  fields.push('originator', agent.current, 'destination', to.agent?.current ?? to.number);
  const legacy: Value[] = ['agentId', agent.legacy, 'skillGroupIds', agent.groupIds.legacy, 'instanceId', stage.world.instance.legacy];
  legacy.push('contactId', contactId, 'connectId', from.leg, 'callType', call.type, 'caller', caller, 'callee', callee);
  legacy.push('transferor', agent.legacy, 'destination', to.agent?.legacy ?? to.number);
  return play(call, type, legacy, [truthOf(call, 'renamed', type, agent, fields), ...after]);
}

/** BlindTransfer, after the transferring agent's leg has ended. */
export function transfersBlindly(call: Call, from: Party, to: Party): Played {
  return transferEvent(call, 'BlindTransfer', from, to, []);
}

/** AttendedTransfer, after the transferring agent's leg has ended; the consultation ends with it. */
export function transfersAttended(call: Call, consult: Consultation, released: Played): Played {
  const stop = stopsAsking(call, consult);
  const played = transferEvent(call, 'AttendedTransfer', consult.asking, consult.asked, [stop]);
  stop.evidence.push(played, released);
  return played;
}
