import type { Evidence } from '../event/facts.ts';
import { WHY } from '../rules/why.ts';
import type { CallState, TracedStep } from '../translate/trace.ts';
import { shown } from './figures.ts';
import { hideNumbers } from './hide-numbers.ts';

/** What the kinds of outputs mean, for a person. */
export const KINDS = {
  copied: 'was 2.0 already',
  renamed: 'renamed, one to one',
  resolved: 'resolved: its type depended on the call',
  synthesized: 'synthesized: 1.0 never sent it',
} as const;

/** Why an event ended as it did where no rule decided. */
const ENDS: Readonly<Record<string, string>> = {
  'dropped-by-mapping': 'the mapping drops it by decision: 2.0 has no such event',
  'failed-operation': 'the operation failed (result): nothing happened, so 2.0 would not have told of it',
  duplicate: 'the same event came before: it is counted, and not translated again',
};

/** Sentences that say why, each with what speaks for it. */
export function reasonsOf(step: TracedStep): { readonly text: string; readonly evidence: readonly Evidence[] }[] {
  const { outputs, reason, message, held, late } = step;
  const reasons = outputs
    .filter(({ kind, why }) => kind === 'resolved' || kind === 'synthesized' || why !== undefined)
    .map(({ type, rule, why, evidence, waited }) => ({
      text: `${type}, rule ${rule}: ${why === undefined ? 'by its mapping' : WHY[why].says}${waited ? ' (best reading, the wait ran out)' : ''}`,
      evidence,
    }));
  if (reason !== undefined)
    reasons.push({ text: ENDS[reason] ?? `${reason}${message === undefined ? '' : `: ${shown(message)}`}`, evidence: [] });
  if (late) reasons.push({ text: 'it came later than the lateness window: translated and written at once', evidence: [] });
  if (held !== undefined) {
    const { millis, until } = held;
    reasons.push({
      text: `held for ${millis} ms of event time, ${until === undefined ? 'until the wait ran out' : `until ${until.type} came`}`,
      evidence: [],
    });
  }
  return reasons;
}

/** Where something stands; the file is named where there are several. */
export function placeOf(inputs: readonly string[], at: { readonly source: number; readonly line: number }): string {
  return inputs.length < 2 ? `line ${at.line}` : `${inputs[at.source] ?? '?'}, line ${at.line}`;
}

/** Time of day, UTC. */
export function timeOfDay(millis: number): string {
  return Number.isNaN(millis) ? 'no time' : new Date(millis).toISOString().slice(11, 23);
}

/** What is known of a call, in one line; undefined where no call was looked at. */
export function stateLine(state: CallState | undefined, showValues: boolean): string | undefined {
  if (state === undefined) return undefined;
  const { callType, agents, consultation, transfer, customerLeg, ended } = state;
  const party = (value: string | undefined): string => (value === undefined ? '?' : shown(showValues ? value : hideNumbers(value)));
  return [
    callType ?? 'call type unknown',
    ...agents.map(({ agent, state: is, via }) => `${shown(agent)} ${is}${via === undefined ? '' : ` (${via})`}`),
    ...(customerLeg === undefined ? [] : [`customer's leg ${shown(customerLeg)}`]),
    ...(consultation === undefined
      ? []
      : [`consultation ${party(consultation.by)} → ${party(consultation.with)}${consultation.started ? ', started' : ''}`]),
    ...(transfer === undefined ? [] : [`transfer ${party(transfer.by)} → ${party(transfer.to)}`]),
    ...(ended ? ['ended'] : []),
  ].join('; ');
}
