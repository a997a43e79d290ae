/** The fields of each 1.0 event, in the order of the vendor's tables of 2021-03 (shared/reference/ccc-events.json). */
export const LEGACY_FIELDS: Readonly<Record<string, string>> = {
  Dialing: 'EventTime EventType contactId connectId callType caller broker callee agentId skillGroupId instanceId',
  Ringing: 'EventTime EventType contactId connectId callType caller broker callee agentId skillGroupId destination instanceId',
  CallEstablished: 'EventTime EventType contactId connectId callType caller broker callee agentId skillGroupId instanceId',
  CallReleased:
    'EventTime EventType contactId connectId callType caller broker callee agentId skillGroupId initiator releaseReason instanceId',
  CallHeld: 'EventTime EventType contactId connectId callType caller callee agentId skillGroupId instanceId',
  CallRetrieved: 'EventTime EventType contactId connectId callType caller callee agentId skillGroupId instanceId',
  AgentCheckIn: 'EventTime EventType agentId skillGroupIds instanceId result remark',
  AgentReady: 'EventTime EventType agentId skillGroupIds instanceId result remark',
  AgentRinging: 'EventTime EventType agentId skillGroupIds instanceId contactId connectId result remark',
  AgentTalk: 'EventTime EventType agentId skillGroupIds instanceId contactId connectId result remark',
  BlindTransfer: 'EventTime EventType agentId skillGroupIds instanceId contactId connectId callType caller callee transferor destination',
  AttendedTransfer:
    'EventTime EventType agentId skillGroupIds instanceId contactId connectId callType caller callee transferor destination',
  AgentACW: 'EventTime EventType agentId skillGroupIds instanceId contactId connectId result remark',
  AgentBreak: 'EventTime EventType agentId skillGroupIds instanceId breakReason breakCode result remark',
  AgentCheckOut: 'EventTime EventType agentId skillGroupIds instanceId result remark',
  Route2IVR: 'EventTime EventType contactId connectId callType caller broker callee contactFlowId contactFlowName instanceId',
  CallAbandoned:
    'EventTime EventType contactId connectId callType caller broker callee abandonPhase contactFlowId skillGroupId agentId instanceId',
  Enqueue: 'EventTime EventType contactId connectId callType caller broker callee contactFlowId queueType skillGroupId agentId instanceId',
  QueueingTimeout: 'EventTime EventType contactId connectId callType caller broker callee queueType skillGroupId agentId instanceId',
  AssignAgent: 'EventTime EventType contactId connectId callType caller broker callee queueType skillGroupId agentId instanceId',
  RingingTimeout: 'EventTime EventType contactId connectId callType caller broker callee skillGroupId agentId instanceId',
  CDRReady: 'EventTime EventType contactId connectId callType caller callee agentId skillGroupId instanceId',
  DualTrackRecordingReady: 'EventTime EventType contactId fileName downloadURL agentId skillGroupId instanceId',
  RecordingReady: 'EventTime EventType contactId fileName downloadURL agentId skillGroupId instanceId',
  TextStream:
    'EventTime EventType instanceId skillGroupId agentId contactId connectId caller callee channelId channelType channelName text finished beginTime beginOffsetMS endOffsetMS extraInfo',
};

/** The fields of the 2.0 events in the vendor's order of 2021, for the events that 1.0 can show. */
export const CURRENT_FIELDS: Readonly<Record<string, string>> = {
  Dialing:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId scenario',
  Ringing:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId destination skillGroupId scenario',
  Established:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId scenario',
  Released:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId releaseReason scenario',
  Held: 'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId heldChannelId',
  Retrieved:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId retrievedChannelId',
  AgentCheckIn: 'eventTime eventType instanceId skillGroupIds agentId skillLevels',
  AgentReady: 'eventTime eventType instanceId skillGroupIds agentId outboundScenario',
  AgentRinging: 'eventTime eventType instanceId skillGroupIds agentId contactId channelId callType skillGroupId scenario',
  AgentTalk: 'eventTime eventType instanceId skillGroupIds agentId contactId channelId callType skillGroupId scenario',
  BlindTransfer:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId originator destination',
  AttendedTransfer:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId originator destination',
  AgentBreak: 'eventTime eventType instanceId skillGroupIds agentId breakCode',
  AgentCheckOut: 'eventTime eventType instanceId skillGroupIds agentId',
  Route2IVR: 'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId',
  Abandoned:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId abandonPhase',
  Enqueue:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId queueType agentId skillGroupId',
  QueueingTimeout:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId queueType agentId skillGroupId',
  AssignAgent:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId queueType agentId skillGroupId',
  RingingTimeout:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId queueType agentId skillGroupId',
  CDRReady:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId startTime establishedTime endTime dispositionCode agentIds skillGroupIds',
  DualTrackRecordingReady:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId startTime endTime agentIds fileName downloadURL',
  RecordingReady:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId startTime endTime agentIds fileName downloadURL',
  TextStream:
    'eventTime eventType instanceId contactId channelId callType caller callee agentId skillGroupId channelType channelName text finished beginTime beginOffsetMS endOffsetMS extraInfo',
  AgentDialing: 'eventTime eventType instanceId skillGroupIds agentId contactId channelId callType skillGroupId scenario',
  AgentRelease: 'eventTime eventType instanceId skillGroupIds agentId contactId channelId callType skillGroupId scenario',
  InitiateConsultant:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId counterparty',
  StartConsultant:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId counterparty',
  StopConsultant:
    'eventTime eventType instanceId contactId channelId callType caller callee broker additionalBroker contactFlowId agentId skillGroupId counterparty',
};
