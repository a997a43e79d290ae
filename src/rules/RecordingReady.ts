import type { Decision, RuleInput } from './decision.ts';
import { agentIds, endIsAhead, endTime, startTime } from './record.ts';

/** A recording (RecordingReady, DualTrackRecordingReady): start, end and agents by the definitions of the call record. */
export function recordingReady(input: RuleInput): Decision | undefined {
  const { call, facts, ids } = input;
  if (facts.current) return {};
  if (!input.expired && endIsAhead(input)) return undefined;
  return { values: { startTime: startTime(call), endTime: endTime(call), agentIds: agentIds(call, facts, ids) } };
}
