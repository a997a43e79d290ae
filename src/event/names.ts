/** The 25 event types of 1.0 (vendor's page of 2021-03). */
export const LEGACY_EVENTS = [
  'Dialing', 'Ringing', 'CallEstablished', 'CallReleased', 'CallHeld', 'CallRetrieved',
  'AgentCheckIn', 'AgentReady', 'AgentRinging', 'AgentTalk', 'BlindTransfer', 'AttendedTransfer', 'AgentACW', 'AgentBreak', 'AgentCheckOut',
  'Route2IVR', 'CallAbandoned', 'Enqueue', 'QueueingTimeout', 'AssignAgent', 'RingingTimeout',
  'CDRReady', 'DualTrackRecordingReady', 'RecordingReady', 'TextStream',
] as const; // biome-ignore format: one group of the vendor's page a line

/** Name of a 1.0 event. */
export type LegacyEventName = (typeof LEGACY_EVENTS)[number];

/** The event types of 2.0: the 2021 page, and what the platform has added since. */
export const CURRENT_EVENTS = [
  'AgentCheckIn', 'AgentReady', 'AgentDialing', 'AgentRinging', 'AgentTalk', 'AgentRelease', 'AgentBreak', 'AgentCheckOut', 'AgentRingingTimeout',
  'Dialing', 'Ringing', 'Established', 'Released', 'Held', 'Retrieved', 'Muted', 'Unmuted',
  'BlindTransfer', 'AttendedTransfer', 'StartConference', 'StopConference', 'InitiateConsultant', 'StartConsultant', 'StopConsultant',
  'Route2IVR', 'Abandoned', 'Enqueue', 'QueueingTimeout', 'AssignAgent', 'RingingTimeout',
  'QueueingOverflow', 'QueueingCancelled', 'QueueingRerouted', 'QueueingFailure', 'DispatchingFailure', 'AssignAgentFailure',
  'StartMonitor', 'StopMonitor', 'StartCoach', 'StopCoach', 'BargeIn', 'Intercept',
  'IvrTracking', 'TextStream', 'MediaStream', 'SatisfactionSurveyOffer', 'SatisfactionSurveyResponse',
  'RecordingReady', 'DualTrackRecordingReady', 'CDRReady', 'VoicemailReady', 'VnRecordingReady',
  'CampaignSubmitted', 'CampaignPaused', 'CampaignResumed', 'CampaignAborted', 'CampaignCompleted', 'CaseAttempted',
] as const; // biome-ignore format: one group of the vendor's page a line

/** Name of a 2.0 event. */
export type CurrentEventName = (typeof CURRENT_EVENTS)[number];

/** Call types as 1.0 spells them. */
export const LEGACY_CALL_TYPES = ['Inbound', 'Outbound', 'Back2Back', 'Internal', 'Call2RoutePoint', 'PredictiveDial', 'Consult'] as const;

/** Call types as 2.0 spells them. */
export const CURRENT_CALL_TYPES = [
  'INTERNAL', 'INBOUND', 'OUTBOUND', 'CONFERENCE', 'BACK2BACK', 'PREDICTIVE', 'CONSULTANT', 'MONITOR', 'COACH', 'BARGE', 'INTERCEPT',
] as const; // biome-ignore format: a list

/** The names of rules that need the context of a call; each is a file in `src/rules`, and a mapping names it. */
export const RULE_NAMES = [
  'AgentRinging', 'AgentTalk', 'AgentACW', 'CallReleased', 'AttendedTransfer', 'CallHeld', 'CallRetrieved', 'CDRReady', 'RecordingReady',
] as const; // biome-ignore format: a list

/** Name of a rule. */
export type RuleName = (typeof RULE_NAMES)[number];
