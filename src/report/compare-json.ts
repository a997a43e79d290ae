import type { Comparison } from '../compare/comparison.ts';
import type { Verdict } from './compare-text.ts';

/** A comparison for programs. Infinite ends of a span of shifts are null. */
export function comparisonToJson(found: Comparison, verdict: Verdict, noise: readonly string[]): object {
  const end = (millis: number): number | null => (Number.isFinite(millis) ? millis : null);
  return {
    passed: verdict.passed,
    over: verdict.over,
    ...found,
    noise,
    shifts: found.shifts.map(({ from, to, count }) => ({ from: end(from), to: end(to), count })),
  };
}
