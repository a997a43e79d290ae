import { precision, recall } from './compare.ts';
import { JUDGED_TYPES } from './recall.ts';
import type { RowResult } from './run.ts';

/** A share in per cent; never rounded up to 100. */
export function percent(value: number): string {
  return `${(Math.floor(value * 1e5) / 1e3).toFixed(3)} %`;
}

const COLUMNS = ['calls', 'exact calls', 'exact agents', 'precision', 'recall', 'exact time', 'all equal', 'verdict', 'seconds'] as const;
const NAME_WIDTH = 44;

/** Head of the table. */
export function tableHead(): string {
  return ['row'.padEnd(NAME_WIDTH), ...COLUMNS.map((name) => name.padStart(12))].join(' ');
}

/** One line of the table. */
export function tableLine(result: RowResult): string {
  const { comparison, row } = result;
  const { right, exactTime, exact } = comparison.total;
  const of = (part: number): string => percent(right === 0 ? 1 : part / right);
  const cells = [
    ...[String(comparison.calls), percent(result.exactCalls), percent(result.exactAgents), percent(result.precision)],
    ...[percent(result.recall), of(exactTime), of(exact), result.passed ? 'ok' : 'BELOW', (result.milliseconds / 1000).toFixed(1)],
  ];
  return [row.name.padEnd(NAME_WIDTH), ...cells.map((cell) => cell.padStart(12))].join(' ');
}

/** Precision and recall by event type, for rows that are not exact. */
export function typeLines({ comparison }: RowResult): string[] {
  return JUDGED_TYPES.flatMap((type) => {
    const score = comparison.scores.get(type);
    if (score === undefined) return [];
    const { provable, found, ours, right } = score;
    return [
      `    ${type.padEnd(20)} precision ${percent(precision(score))} (${right} of ${ours}), recall ${percent(recall(score))} (${found} of ${provable})`,
    ];
  });
}

/** The first calls that differ, told line by line. */
export function differenceLines({ comparison }: RowResult): string[] {
  const order = comparison.outOfOrder === 0 ? [] : [`    ${comparison.outOfOrder} events are older than the one before them`];
  const calls = comparison.differing.flatMap(({ key, lines }) => [`    ${key}`, ...lines.map((line) => `      ${line}`)]);
  return [...order, ...calls];
}
