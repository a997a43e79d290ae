import type { ExampleCase, ExampleEvent } from '../mapping/examples.ts';
import type { Mapping } from '../mapping/model.ts';
import type { ExampleResult } from './examples.ts';
import { outputsOf, runExample, translateExample } from './examples.ts';

/** Orders in which each example is tried. */
const ORDERS = 20;

/** An example that does not give the same in another order of arrival. */
export interface Permuted {
  readonly example: ExampleCase;
  /** Numbers of its events, from 1, in the order in which they arrived. */
  readonly order: readonly number[];
  readonly expected: readonly string[];
  readonly got: readonly string[];
}

/**
 * Runs examples whose events arrive late by less than the window (milliseconds; the mapping's lateness), in orders that are the same each time. Whatever the order, `when`
 * must become what it does in the order of the example (semantics, section 4). Events of one millisecond keep theirs: input order decides
 * between them.
 */
export function permuteExamples(
  mapping: Mapping,
  examples: readonly ExampleCase[],
  window: number = mapping.waits.lateness,
): readonly Permuted[] {
  return examples.flatMap((example) => permute(mapping, example, window) ?? []);
}

function permute(mapping: Mapping, example: ExampleCase, window: number): Permuted | undefined {
  const events = [...example.given, example.when, ...example.after];
  const times = events.map(timeOf);
  const usual: ExampleResult = runExample(mapping, example);
  for (let seed = 1; seed <= ORDERS; seed += 1) {
    const order = orderOf(times, window, seed);
    if (order.every((event, at) => event === at)) continue;
    const outcome = translateExample(mapping, example, { order }).find(({ record }) => record.line === example.given.length + 1);
    const got = outcome === undefined ? [] : outputsOf(outcome);
    if (got.join('\n') !== usual.got.join('\n')) return { example, order: order.map((event) => event + 1), expected: usual.got, got };
  }
  return undefined;
}

/** Indexes by the time at which each event arrives: its own, later by less than the window. An event without a time keeps its place. */
function orderOf(times: readonly number[], lateness: number, seed: number): number[] {
  const delays = new Map<number, number>();
  let state = seed * 7919;
  const next = (): number => {
    // A linear congruential generator (Numerical Recipes): nothing but to be the same each time.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const arrivals = times.map((time, index) => {
    if (Number.isNaN(time)) return { index, at: Number.NaN };
    const delay = delays.get(time) ?? Math.floor(next() * lateness);
    delays.set(time, delay);
    return { index, at: time + delay };
  });
  const moving = arrivals.filter(({ at }) => !Number.isNaN(at)).sort((a, b) => a.at - b.at || a.index - b.index);
  return arrivals.map(({ index, at }) => (Number.isNaN(at) ? index : (moving.shift()?.index ?? index)));
}

function timeOf(event: ExampleEvent): number {
  return Date.parse(String(event.EventTime ?? event.eventTime ?? ''));
}
