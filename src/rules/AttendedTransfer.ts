import { slotText } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { Decision, RuleInput } from './decision.ts';
import { AS_MAPPED, decided } from './decision.ts';
import { comesByItself, stopConsultant } from './release.ts';

/** An attended transfer ends the consultation of the agent who transfers: StopConsultant after it, same time (semantics, section 3). */
export function attendedTransfer(input: RuleInput): Decision | undefined {
  const { call, facts, ids } = input;
  const { consultation } = call;
  if (facts.current || consultation === undefined) return AS_MAPPED;
  const transferor = slotText(facts.record, SLOT.transferor);
  const by = [facts.agent, transferor, transferor === undefined ? undefined : ids.find('agent', transferor)];
  const isBy = facts.agent === undefined && transferor === undefined ? true : by.includes(consultation.by);
  if (!isBy) return AS_MAPPED;
  const comes = comesByItself(input, 'StopConsultant', consultation.by);
  if (comes === undefined) return undefined;
  return comes ? AS_MAPPED : decided({ after: [stopConsultant(consultation, facts, 'consultation-transferred', false)] });
}
