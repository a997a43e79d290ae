import type { Stage } from '../call.ts';
import type { Fields, Played, Value } from '../played.ts';
import type { Agent } from '../world.ts';

/** How an agent comes out of a call: after a pause ready, or first on a break. */
export interface IdleChoice {
  /** Break code; the agent goes on break at once instead of becoming ready. */
  readonly breakCode?: string;
  readonly scenario?: string;
}

const BREAKS: readonly (readonly [code: string, reason: string])[] = [
  ['1', '小休'],
  ['2', '就餐'],
  ['3', '培训'],
  ['Warm-up', '准备中'],
];

/** An agent event without a contact. */
function agentEvent(stage: Stage, agent: Agent, type: string, time: number, scenario: string, extra: Fields = []): Played {
  const [, breakCode] = extra;
  const instanceId = stage.world.instance.legacy;
  const legacyFields: Value[] = ['agentId', agent.legacy, 'skillGroupIds', agent.groupIds.legacy, 'instanceId', instanceId];
  if (breakCode !== undefined) legacyFields.push('breakReason', extra[3], 'breakCode', breakCode);
  legacyFields.push('result', '0', 'remark', '');
  const fields: Fields = ['skillGroupIds', agent.groupIds.current, 'agentId', agent.current, 'breakCode', breakCode];
  const truth = { type, kind: 'renamed' as const, contactId: undefined, agentId: agent.current, fields, evidence: [] };
  return { id: stage.nextEventId(), time, type, contactId: undefined, scenario, fields: legacyFields, truth: [truth] };
}

/** The same event with the result of a failure, which 2.0 would not have sent. */
function failed(stage: Stage, event: Played): Played {
  const fields = event.fields.slice(0, -4).concat('result', '1', 'remark', 'agent device unreachable');
  return { ...event, id: stage.nextEventId(), fields, truth: [] };
}

/** AgentReady, sometimes after an attempt that failed. Returns the event and its time. */
export function ready(stage: Stage, events: Played[], agent: Agent, time: number, scenario = 'agent-shift'): Played {
  const event = agentEvent(stage, agent, 'AgentReady', time, scenario);
  if (!stage.random.chance(0.01)) {
    events.push(event);
    return event;
  }
  const second = agentEvent(stage, agent, 'AgentReady', time + stage.random.int(300, 4000), scenario);
  events.push(failed(stage, event), second);
  return second;
}

/** A break: AgentBreak and, minutes later, AgentReady. Returns both. */
export function takeBreak(stage: Stage, events: Played[], agent: Agent, time: number, code?: string): readonly [Played, Played] {
  const [breakCode, reason] = code === undefined ? stage.random.pick(BREAKS) : [code, '振铃超时'];
  const event = agentEvent(stage, agent, 'AgentBreak', time, 'agent-shift', ['breakCode', breakCode, 'breakReason', reason]);
  events.push(event);
  return [event, ready(stage, events, agent, time + stage.random.int(30_000, 400_000))];
}

/** AgentCheckIn and, seconds later, AgentReady. The shift lasts two to eight hours. */
export function checkIn(stage: Stage, events: Played[], agent: Agent, time: number): void {
  events.push(agentEvent(stage, agent, 'AgentCheckIn', time, 'agent-shift'));
  agent.freeAt = ready(stage, events, agent, time + stage.random.int(800, 5000)).time;
  agent.shiftEnds = time + stage.random.int(2, 8) * 3_600_000;
}

/** AgentCheckOut. */
export function checkOut(stage: Stage, events: Played[], agent: Agent, time: number): void {
  events.push(agentEvent(stage, agent, 'AgentCheckOut', time, 'agent-shift'));
  agent.freeAt = time;
}

/** What an agent does after a call: ready after a pause, or a break, and after the shift home and back for the next one. */
export function becomeIdle(stage: Stage, events: Played[], agent: Agent, from: number, choice: IdleChoice): { time: number; next: Played } {
  const { random } = stage;
  if (choice.breakCode !== undefined || random.chance(0.04)) {
    const start = from + (choice.breakCode === undefined ? random.int(1500, 20_000) : random.int(5, 400));
    const [next, back] = takeBreak(stage, events, agent, start, choice.breakCode);
    return { time: back.time, next };
  }
  const next = ready(stage, events, agent, from + random.int(1500, 25_000), choice.scenario);
  if (next.time < agent.shiftEnds) return { time: next.time, next };
  const end = next.time + random.int(500, 30_000);
  checkOut(stage, events, agent, end);
  checkIn(stage, events, agent, end + random.int(1_200_000, 3_600_000));
  return { time: agent.freeAt, next };
}
