import { generateCalls } from '../generate/calls.ts';
import type { TruthEvent } from '../generate/delivery.ts';
import type { GenerateOptions } from '../generate/options.ts';
import type { IdRow } from '../generate/world.ts';
import { type Comparison, compareStreams, precision, recall } from './compare.ts';
import type { Row } from './rows.ts';

/** The program under judgement: 1.0 lines in, 2.0 lines out. */
export type Translate = (lines: Iterable<string>, ids: readonly IdRow[]) => Iterable<string>;

/** What became of a row. */
export interface RowResult {
  readonly row: Row;
  readonly comparison: Comparison;
  readonly exactCalls: number;
  readonly exactAgents: number;
  readonly precision: number;
  readonly recall: number;
  readonly passed: boolean;
  readonly milliseconds: number;
}

/** Generates a stream, translates it while it is generated, and compares the result with the truth. */
function translateAndCompare(options: Partial<GenerateOptions>, translate: Translate, show: number): Comparison {
  const { ids, items } = generateCalls(options);
  const truth: TruthEvent[] = [];
  function* lines(): Generator<string> {
    for (const item of items) {
      truth.push(...item.truth);
      if (item.legacy !== undefined) yield item.legacy.line;
    }
  }
  return compareStreams(truth, translate(lines(), ids), show);
}

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

/** Runs one row of the table. */
export function runRow(row: Row, settings: Partial<GenerateOptions>, translate: Translate, show = 3): RowResult {
  const begin = performance.now();
  const comparison = translateAndCompare({ ...settings, ...row.options }, translate, row.thresholds.exact === undefined ? 0 : show);
  const { thresholds } = row;
  const values = {
    exactCalls: share(comparison.exactCalls, comparison.calls),
    exactAgents: share(comparison.exactAgents, comparison.agents),
    precision: precision(comparison.total),
    recall: recall(comparison.total),
  };
  const passed =
    Math.min(values.exactCalls, values.exactAgents) >= (thresholds.exact ?? 0) &&
    (thresholds.exact === undefined || comparison.outOfOrder === 0) &&
    values.precision >= (thresholds.precision ?? 0) &&
    values.recall >= (thresholds.recall ?? 0);
  return { row, comparison, ...values, passed, milliseconds: performance.now() - begin };
}
