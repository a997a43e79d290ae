import type { LegacyEventName, RuleName } from '../event/names.ts';

/*
 * The fields of each 1.0 event as the vendor's page of 2021-03 lists them, by canonical name. The linter knows from here what a
 * field of an event may be called; fields that older dumps or a customer's platform add are declared in the mapping (`extra`).
 */

const EVENT = ['eventTime', 'eventType', 'instanceId'];
const CALL = [...EVENT, 'contactId', 'connectId', 'callType', 'caller', 'broker', 'callee'];
const LEG = [...CALL, 'agentId', 'skillGroupId'];
// CallHeld and CallRetrieved have no broker.
const HOLD = LEG.filter((field) => field !== 'broker');
const AGENT = [...EVENT, 'agentId', 'skillGroupIds', 'result', 'remark'];
const AGENT_CALL = [...AGENT, 'contactId', 'connectId'];
const TRANSFER = [
  ...EVENT,
  'agentId',
  'skillGroupIds',
  'contactId',
  'connectId',
  'callType',
  'caller',
  'callee',
  'transferor',
  'destination',
];
const RECORDING = [...EVENT, 'contactId', 'fileName', 'downloadURL', 'agentId', 'skillGroupId'];

/** Documented fields of every 1.0 event. */
export const LEGACY_FIELDS: Readonly<Record<LegacyEventName, readonly string[]>> = {
  Dialing: LEG,
  Ringing: [...LEG, 'destination'],
  CallEstablished: LEG,
  CallReleased: [...LEG, 'initiator', 'releaseReason'],
  CallHeld: HOLD,
  CallRetrieved: HOLD,
  AgentCheckIn: AGENT,
  AgentReady: AGENT,
  AgentRinging: AGENT_CALL,
  AgentTalk: AGENT_CALL,
  BlindTransfer: TRANSFER,
  AttendedTransfer: TRANSFER,
  AgentACW: AGENT_CALL,
  AgentBreak: [...AGENT, 'breakReason', 'breakCode'],
  AgentCheckOut: AGENT,
  Route2IVR: [...CALL, 'contactFlowId', 'contactFlowName'],
  CallAbandoned: [...LEG, 'abandonPhase', 'contactFlowId'],
  Enqueue: [...LEG, 'contactFlowId', 'queueType'],
  QueueingTimeout: [...LEG, 'queueType'],
  AssignAgent: [...LEG, 'queueType'],
  RingingTimeout: LEG,
  CDRReady: [...EVENT, 'contactId', 'connectId', 'callType', 'caller', 'callee', 'agentId', 'skillGroupId'],
  DualTrackRecordingReady: RECORDING,
  RecordingReady: RECORDING,
  TextStream: [
    ...EVENT,
    ...['skillGroupId', 'agentId', 'contactId', 'connectId', 'caller', 'callee'],
    ...['channelId', 'channelType', 'channelName', 'text', 'finished', 'beginTime', 'beginOffsetMS', 'endOffsetMS', 'extraInfo'],
  ],
};

/** The 1.0 events that each rule is written for. */
export const RULE_EVENTS: Readonly<Record<RuleName, readonly LegacyEventName[]>> = {
  AgentRinging: ['AgentRinging'],
  AgentTalk: ['AgentTalk'],
  AgentACW: ['AgentACW'],
  CallReleased: ['CallReleased'],
  AttendedTransfer: ['AttendedTransfer'],
  CallHeld: ['CallHeld'],
  CallRetrieved: ['CallRetrieved'],
  CDRReady: ['CDRReady'],
  RecordingReady: ['RecordingReady', 'DualTrackRecordingReady'],
};

/** The 2.0 events that a rule can make beside the one its mapping names: targets.yaml must know them. */
export const RULE_TARGETS: Readonly<Record<RuleName, readonly string[]>> = {
  AgentRinging: ['AgentRinging', 'AgentDialing', 'InitiateConsultant'],
  AgentTalk: ['AgentTalk', 'StartConsultant'],
  AgentACW: ['AgentRelease'],
  CallReleased: ['AgentRelease', 'StopConsultant'],
  AttendedTransfer: ['StopConsultant'],
  CallHeld: [],
  CallRetrieved: [],
  CDRReady: [],
  RecordingReady: [],
};
