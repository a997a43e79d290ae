import { type Call, type Party, play, wait } from '../call.ts';
import { agentOf, currentAgentForm, legacyAgentForm, truthOf } from '../forms.ts';
import type { Played } from '../played.ts';
import { becomeIdle, type IdleChoice } from './idle.ts';

const REMARKS = ['agent device unreachable', 'state not allowed', 'device busy', 'operation timeout'];

/** Now and then the operation fails first: 1.0 says so (section 2: set aside), 2.0 says nothing. */
export function maybeFail(call: Call, party: Party, type: string, leg: string = party.leg, probability = 0.006): void {
  const { random } = call.stage;
  if (!random.chance(probability)) return;
  play(call, type, legacyAgentForm(call, agentOf(party), leg, type === 'AgentACW' ? '3' : '1', random.pick(REMARKS)), []);
  wait(call, 5, 60);
}

/** 1.0 AgentRinging of an agent that dials, which 2.0 calls AgentDialing. */
export function agentDials(call: Call, party: Party): Played {
  const agent = agentOf(party);
  maybeFail(call, party, 'AgentRinging');
  party.engaged = true;
  const fields = currentAgentForm(call, party, agent, undefined);
  return play(call, 'AgentRinging', legacyAgentForm(call, agent, party.leg), [truthOf(call, 'resolved', 'AgentDialing', agent, fields)]);
}

/** 1.0 AgentRinging of an agent that is called. */
export function agentRings(call: Call, party: Party): Played {
  const agent = agentOf(party);
  maybeFail(call, party, 'AgentRinging');
  const fields = currentAgentForm(call, party, agent, party.scenario);
  return play(call, 'AgentRinging', legacyAgentForm(call, agent, party.leg), [truthOf(call, 'resolved', 'AgentRinging', agent, fields)]);
}

/** AgentTalk outside a consultation, or of the consulted agent. */
export function agentTalks(call: Call, party: Party): Played {
  const agent = agentOf(party);
  maybeFail(call, party, 'AgentTalk');
  party.engaged = true;
  const fields = currentAgentForm(call, party, agent, party.scenario);
  return play(call, 'AgentTalk', legacyAgentForm(call, agent, party.leg), [truthOf(call, 'resolved', 'AgentTalk', agent, fields)]);
}

/** AgentACW after an agent's part: no 2.0 event of its own, but it says too that the agent was released. */
export function agentWrapsUp(call: Call, party: Party, then: IdleChoice = {}): void {
  const agent = agentOf(party);
  wait(call, 5, 250);
  maybeFail(call, party, 'AgentACW');
  const played = play(call, 'AgentACW', legacyAgentForm(call, agent, party.leg), []);
  party.release?.evidence.push(played);
  agentLeaves(call, party, then);
}

/** The agent is done with the call and ready again some time later, while the call may go on. */
export function agentLeaves(call: Call, party: Party, then: IdleChoice = {}): void {
  const { time, next } = becomeIdle(call.stage, call.events, agentOf(party), call.now, { scenario: call.scenario, ...then });
  agentOf(party).freeAt = time;
  party.release?.evidence.push(next);
}
