import type { RuleName } from '../event/names.ts';
import { agentACW } from './AgentACW.ts';
import { agentRinging } from './AgentRinging.ts';
import { agentTalk } from './AgentTalk.ts';
import { attendedTransfer } from './AttendedTransfer.ts';
import { callHeld } from './CallHeld.ts';
import { callReleased } from './CallReleased.ts';
import { callRetrieved } from './CallRetrieved.ts';
import { cdrReady } from './CDRReady.ts';
import type { Rule } from './decision.ts';
import { recordingReady } from './RecordingReady.ts';

/** Every rule that a mapping can name; complete by type. */
export const RULES: Readonly<Record<RuleName, Rule>> = {
  AgentRinging: agentRinging,
  AgentTalk: agentTalk,
  AgentACW: agentACW,
  CallReleased: callReleased,
  AttendedTransfer: attendedTransfer,
  CallHeld: callHeld,
  CallRetrieved: callRetrieved,
  CDRReady: cdrReady,
  RecordingReady: recordingReady,
};
