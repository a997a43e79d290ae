import type { Explanation } from '../explain/explain.ts';
import { WHY } from '../rules/why.ts';
import type { CallTrace } from '../translate/trace.ts';
import { hideNumbers, hideNumbersIn } from './hide-numbers.ts';

/** Calls, decision by decision, as data; times in Unix milliseconds, `null` where an event has none. */
export function explanationToJson(found: Explanation, showValues: boolean): object {
  const { inputs, mapping, lateness, hold, calls } = found;
  return { inputs, mapping, lateness, hold, calls: calls.map((call) => callToJson(call, showValues)) };
}

function callToJson({ contact, steps }: CallTrace, showValues: boolean): object {
  const event = (text: string): unknown => {
    const safe = showValues ? text : hideNumbersIn(text);
    try {
      return JSON.parse(safe) as unknown;
    } catch {
      return null;
    }
  };
  const hide = (name: string, value: unknown): unknown =>
    showValues || typeof value !== 'string' || !['caller', 'callee', 'with', 'to'].includes(name) ? value : hideNumbers(value);
  const plain = (state: unknown): unknown => (state === undefined ? null : (JSON.parse(JSON.stringify(state, hide)) as unknown));
  return {
    contact,
    steps: steps.map((step) => ({
      ...step,
      event: { ...step.event, text: undefined, event: event(step.event.text) },
      outputs: step.outputs.map((output) => ({
        ...output,
        text: undefined,
        sentence: output.why === undefined ? undefined : WHY[output.why].says,
        event: event(output.text),
      })),
      known: plain(step.known),
      after: plain(step.after),
    })),
  };
}
