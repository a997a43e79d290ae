/**
 * What an event reports, in the words of 2.0, whichever version it came in. `AgentAway` = AgentReady, AgentBreak and AgentCheckOut:
 * the agent is not in a call. `Other` = nothing that the context of a call needs.
 */
export type Action =
  | 'Dialing'
  | 'Ringing'
  | 'Established'
  | 'Released'
  | 'Held'
  | 'Retrieved'
  | 'AgentDialing'
  | 'AgentRinging'
  | 'AgentTalk'
  | 'AgentRelease'
  | 'AgentACW'
  | 'AgentAway'
  | 'BlindTransfer'
  | 'AttendedTransfer'
  | 'InitiateConsultant'
  | 'StartConsultant'
  | 'StopConsultant'
  | 'Route2IVR'
  | 'Abandoned'
  | 'Enqueue'
  | 'QueueingTimeout'
  | 'AssignAgent'
  | 'RingingTimeout'
  | 'CDRReady'
  | 'RecordingReady'
  | 'Other';

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['Dialing', 'Dialing'],
  ['Ringing', 'Ringing'],
  ['CallEstablished', 'Established'],
  ['Established', 'Established'],
  ['CallReleased', 'Released'],
  ['Released', 'Released'],
  ['CallHeld', 'Held'],
  ['Held', 'Held'],
  ['CallRetrieved', 'Retrieved'],
  ['Retrieved', 'Retrieved'],
  ['AgentDialing', 'AgentDialing'],
  ['AgentRinging', 'AgentRinging'],
  ['AgentTalk', 'AgentTalk'],
  ['AgentRelease', 'AgentRelease'],
  ['AgentACW', 'AgentACW'],
  ['AgentReady', 'AgentAway'],
  ['AgentBreak', 'AgentAway'],
  ['AgentCheckOut', 'AgentAway'],
  ['BlindTransfer', 'BlindTransfer'],
  ['AttendedTransfer', 'AttendedTransfer'],
  ['InitiateConsultant', 'InitiateConsultant'],
  ['StartConsultant', 'StartConsultant'],
  ['StopConsultant', 'StopConsultant'],
  ['Route2IVR', 'Route2IVR'],
  ['CallAbandoned', 'Abandoned'],
  ['Abandoned', 'Abandoned'],
  ['Enqueue', 'Enqueue'],
  ['QueueingTimeout', 'QueueingTimeout'],
  ['AssignAgent', 'AssignAgent'],
  ['RingingTimeout', 'RingingTimeout'],
  ['AgentRingingTimeout', 'RingingTimeout'],
  ['CDRReady', 'CDRReady'],
  ['RecordingReady', 'RecordingReady'],
  ['DualTrackRecordingReady', 'RecordingReady'],
]);

/** The action that an event type of either version stands for. */
export function actionOf(type: string): Action {
  return ACTIONS.get(type) ?? 'Other';
}
