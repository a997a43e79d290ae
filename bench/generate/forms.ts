import { type Call, CURRENT_CALL_TYPE, type Party } from './call.ts';
import type { Fields, Played, Truth, TruthKind, Value } from './played.ts';
import type { Agent, Named } from './world.ts';

/** The fields that every 1.0 call event starts with ("base call" of the vendor's tables); the caller adds its own. */
export function legacyCallForm(call: Call, leg: string, legType: string = call.type): Value[] {
  const { contactId, caller, callee, broker } = call;
  return ['contactId', contactId, 'connectId', leg, 'callType', legType, 'caller', caller, 'broker', broker ?? '', 'callee', callee];
}

/** The fields that every 2.0 call event starts with, call-common in the vendor's order; the caller adds its own. */
export function currentCallForm(call: Call, leg: string | undefined, legType: Party['legType'] = undefined): Value[] {
  const { contactId, caller, callee, broker, contactFlowId } = call;
  const form: Value[] = ['contactId', contactId, 'channelId', leg, 'callType', CURRENT_CALL_TYPE[legType ?? call.type]];
  form.push('caller', caller, 'callee', callee, 'broker', broker, 'contactFlowId', contactFlowId);
  return form;
}

/** 1.0 agent events of a call (AgentRinging, AgentTalk, AgentACW). */
export function legacyAgentForm(call: Call, agent: Agent, leg: string, result = '0', remark = ''): Fields {
  const form: Value[] = ['agentId', agent.legacy, 'skillGroupIds', agent.groupIds.legacy, 'instanceId', call.stage.world.instance.legacy];
  form.push('contactId', call.contactId, 'connectId', leg, 'result', result, 'remark', remark);
  return form;
}

/** 2.0 agent events of a call (AgentDialing, AgentRinging, AgentTalk, AgentRelease). */
export function currentAgentForm(call: Call, party: Party, agent: Agent, scenario: Party['scenario']): Fields {
  const form: Value[] = ['skillGroupIds', agent.groupIds.current, 'agentId', agent.current, 'contactId', call.contactId];
  form.push('channelId', party.leg, 'callType', CURRENT_CALL_TYPE[call.type], 'skillGroupId', party.group?.current, 'scenario', scenario);
  return form;
}

/** Adds agentId and skillGroupId of a party, in one of the two vocabularies. */
export function addSeat(form: Value[], party: Party, side: keyof Named): Value[] {
  form.push('agentId', party.agent?.[side], 'skillGroupId', party.group?.[side]);
  return form;
}

/** Ends a 1.0 event of a call: most end with instanceId. */
export function endLegacy(call: Call, form: Value[]): Fields {
  form.push('instanceId', call.stage.world.instance.legacy);
  return form;
}

/** Shared by the events that need none; only synthesized ones collect evidence. */
const NO_EVIDENCE: Played[] = [];

/** A 2.0 event of the call; see {@link Truth}. */
export function truthOf(call: Call, kind: TruthKind, type: string, agent: Agent | undefined, fields: Fields): Truth {
  const evidence = kind === 'synthesized' ? [] : NO_EVIDENCE;
  return { type, kind, contactId: call.contactId, agentId: agent?.current, fields, evidence };
}

/** The agent of a party that must have one. */
export function agentOf(party: Party): Agent {
  if (party.agent === undefined) throw new Error('this party has no agent');
  return party.agent;
}

const MINUTE = 60_000;
let knownMinute = Number.NaN;
let minuteText = '';
let knownTime = Number.NaN;
let timeText = '';
/** `00.000` to `59.999` would be 60,000 texts; seconds and milliseconds apart are 1,060. */
const SECONDS = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.`);
const MILLIS = Array.from({ length: 1000 }, (_, millis) => `${String(millis).padStart(3, '0')}Z`);

/** A moment in the form of 2.0's eventTime. Most moments share their minute with the last one, and `Date` is slow. */
export function isoTime(time: number): string {
  if (time === knownTime) return timeText;
  const rest = time % MINUTE;
  if (time - rest !== knownMinute) {
    knownMinute = time - rest;
    minuteText = new Date(time).toISOString().slice(0, 17);
  }
  knownTime = time;
  timeText = minuteText + SECONDS[Math.floor(rest / 1000)] + MILLIS[rest % 1000];
  return timeText;
}
