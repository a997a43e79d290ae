import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { agentIds, endIsAhead, endTime, startTime } from './record.ts';

/** A recording (RecordingReady, DualTrackRecordingReady): start, end and agents by the definitions of the call record. */
export function recordingReady(input: RuleInput): Decision | undefined {
  const { call, facts, ids } = input;
  if (facts.current) return AS_MAPPED;
  if (!input.expired && endIsAhead(input)) return undefined;
  return decided({
    values: { startTime: startTime(call), endTime: endTime(call), agentIds: agentIds(call, facts, ids) },
    why: 'recording-of-call',
  });
}
