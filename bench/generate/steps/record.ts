import { type Call, CURRENT_CALL_TYPE, type Party, play, wait } from '../call.ts';
import { agentOf, currentCallForm, endLegacy, isoTime, truthOf } from '../forms.ts';
import type { Value } from '../played.ts';
import type { Named } from '../world.ts';

const SENTENCES = [
  '您好，请问有什么可以帮您？',
  '我想查询一下订单的物流信息',
  '好的，请您稍等',
  '请问您的手机号是多少',
  '我的快递还没有收到',
  '感谢您的来电，再见',
];

/** Why a call ended as it did, by the vendor's 2021 values (semantics section 3, "Call records"). */
function disposition(call: Call): string {
  const { establishedTime, abandoned, queueTimeout, ringingTimeout, rejected } = call.facts;
  if (establishedTime !== undefined) return 'Success';
  if (abandoned === 'IVR') return 'AbandonedInContactFlow';
  if (abandoned === 'Queuing') return 'AbandonedInQueue';
  if (abandoned === 'Ring') return 'AbandonedRing';
  if (queueTimeout) return 'AbandonedInQueue';
  if (ringingTimeout) return 'AbandonedRing';
  return rejected ? 'Reject' : 'NoAnswer';
}

/** Ids in order of appearance, each once; a record's own id comes first if the call did not show it. */
function listIds(own: Named | undefined, seen: readonly Party[], what: 'agent' | 'group'): string | undefined {
  const ids: string[] = [];
  for (const party of seen) {
    const id = party[what]?.current;
    if (id !== undefined && !ids.includes(id)) ids.push(id);
  }
  if (own !== undefined && !ids.includes(own.current)) ids.unshift(own.current);
  return ids.length === 0 ? undefined : ids.join(',');
}

const moment = (time: number | undefined): string | undefined => (time === undefined ? undefined : isoTime(time));

function recordAgent(call: Call): {
  last: Party | undefined;
  agentIds: string | undefined;
  skillGroupIds: string | undefined;
  group: Named | undefined;
} {
  const { seats } = call.facts;
  const last = seats.at(-1);
  const group = last?.group ?? call.queueGroup;
  return { last, agentIds: listIds(last?.agent, seats, 'agent'), skillGroupIds: listIds(group, seats, 'group'), group };
}

/** CDRReady: 1.0 brings one agent and one group, 2.0 the times, the disposition and all agents. */
function detailRecord(call: Call): void {
  const { contactId, type, caller, callee, facts } = call;
  const { last, agentIds, skillGroupIds, group } = recordAgent(call);
  const leg = String(Number(contactId) + 1);
  const fields = currentCallForm(call, leg);
  fields.push('startTime', moment(facts.startTime), 'establishedTime', moment(facts.establishedTime), 'endTime', moment(facts.endTime));
  fields.push('dispositionCode', disposition(call), 'agentIds', agentIds, 'skillGroupIds', skillGroupIds);
  const legacy: Value[] = ['contactId', contactId, 'connectId', leg, 'callType', type, 'caller', caller, 'callee', callee];
  legacy.push('agentId', last?.agent?.legacy, 'skillGroupId', group?.legacy);
  play(call, 'CDRReady', endLegacy(call, legacy), [truthOf(call, 'renamed', 'CDRReady', undefined, fields)]);
}

/** RecordingReady or DualTrackRecordingReady: 1.0 has no connectId there, so 2.0 gets no channelId. */
function recording(call: Call, type: 'RecordingReady' | 'DualTrackRecordingReady'): void {
  const { contactId, facts } = call;
  const { last, agentIds, group } = recordAgent(call);
  const fileName = `${contactId}${type === 'RecordingReady' ? '' : '-dual'}.wav`;
  const url = `https://ccc-record.oss-cn-shanghai.aliyuncs.com/${contactId}/${fileName}?Expires=${Math.floor(call.now / 1000) + 86_400}`;
  const fields = currentCallForm(call, undefined);
  fields.push('startTime', moment(facts.startTime), 'endTime', moment(facts.endTime));
  fields.push('agentIds', agentIds, 'fileName', fileName, 'downloadURL', url);
  const legacy: Value[] = ['contactId', contactId, 'fileName', fileName, 'downloadURL', url];
  legacy.push('agentId', last?.agent?.legacy, 'skillGroupId', group?.legacy);
  play(call, type, endLegacy(call, legacy), [truthOf(call, 'renamed', type, undefined, fields)]);
}

/** The records of a finished call: seconds later, a few of them up to two hours later. */
export function addRecords(call: Call): void {
  if (call.facts.endTime === undefined) return;
  const { random } = call.stage;
  const connected = call.facts.establishedTime !== undefined && (call.type === 'Inbound' || call.type === 'Outbound');
  const records: (() => void)[] = [() => detailRecord(call)];
  if (connected && random.chance(0.9)) records.push(() => recording(call, 'RecordingReady'));
  if (connected && random.chance(0.4)) records.push(() => recording(call, 'DualTrackRecordingReady'));
  for (const record of records) {
    if (random.chance(0.03)) wait(call, 600_000, 2_300_000);
    else wait(call, 800, 30_000);
    record();
  }
}

/** TextStream: the 1.0 channelId is the audio track; 2.0's channelId is the leg. */
export function speaks(call: Call, party: Party, customer: Party, begin: number): void {
  const { random, world } = call.stage;
  const [speaker, channelType, track] = random.chance(0.5) ? [party, 'agent', '0'] : [customer, 'customer', '1'];
  const agent = agentOf(party);
  const offset = call.now - begin;
  const { contactId, caller, callee } = call;
  const channelName = `ch-${channelType === 'agent' ? 'user' : 'customer'}-${contactId}-${track}`;
  const speech: Value[] = ['channelType', channelType, 'channelName', channelName, 'text', random.pick(SENTENCES), 'finished', true];
  speech.push('beginTime', isoTime(begin), 'beginOffsetMS', Math.max(0, offset - 1800), 'endOffsetMS', offset);
  speech.push('extraInfo', `speechRate=${random.int(60, 220)};emotionIndex=0`);
  const fields: Value[] = ['contactId', contactId, 'channelId', speaker.leg, 'callType', CURRENT_CALL_TYPE[call.type]];
  fields.push('caller', caller, 'callee', callee);
  fields.push('agentId', agent.current, 'skillGroupId', party.group?.current, ...speech);
  const legacy: Value[] = ['instanceId', world.instance.legacy, 'skillGroupId', party.group?.legacy, 'agentId', agent.legacy];
  legacy.push('contactId', contactId, 'connectId', speaker.leg, 'caller', caller, 'callee', callee);
  legacy.push('channelId', `track-${contactId}-${track}`, ...speech);
  play(call, 'TextStream', legacy, [truthOf(call, 'renamed', 'TextStream', agent, fields)]);
}
