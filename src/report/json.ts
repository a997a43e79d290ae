import type { RunResult } from '../pipeline/job.ts';
import type { InputRow, OutputRow } from './books.ts';
import { booksOf } from './books.ts';
import { decisionsOf, noticedOf } from './noticed.ts';

/** Raised when a key changes its meaning or goes away; new keys do not raise it. */
const FORMAT = 1;

/**
 * A run's report as JSON with stable keys:
 *
 * - `format` (1), `mapping {name, version, hash}`, `inputs` (names)
 * - `records`, `blankLines`, `bytesRead`, `seconds`, `recordsPerSecond`
 * - `span {from, to}` (ISO 8601, UTC) or null
 * - `balanced`, `imbalances` (text)
 * - `input.total` and `input.byType[]`: `{type, in, translated, dropped, setAside, duplicates, deadLetters, held, balanced}`;
 *   an empty `type` stands for records without one
 * - `output.total` and `output.byType[]`: `{type, out, translated, synthesized, balanced}`
 * - `decisions[]`: `{kind, rule, type, count, waited}`
 * - `unknownTypes[]`, `unknownIds[]`, `unknownFields[]`, `unknownValues[]`, `droppedFields[]`: `{name, count, file, line, offset}`
 * - `deadLetters {count, byCode[] {code, count}, first[] {place, code, message}}`
 * - `lateEvents`, `unfinishedCalls {count, first[]}`
 * - `files[]`: `{kind, path, lines, bytes}`
 * - `warnings` (text)
 */
export function renderJson(result: RunResult): string {
  const { input, output, inputTotal, outputTotal, balanced } = booksOf(result);
  const report = {
    format: FORMAT,
    mapping: result.mapping,
    inputs: result.inputs,
    records: result.records,
    blankLines: result.blanks,
    bytesRead: result.bytesRead,
    seconds: Math.round(result.seconds * 1000) / 1000,
    recordsPerSecond: result.seconds > 0 ? Math.round(result.records / result.seconds) : null,
    span: result.span === undefined ? null : { from: new Date(result.span.from).toISOString(), to: new Date(result.span.to).toISOString() },
    balanced,
    imbalances: result.imbalances,
    input: { total: inputJson(inputTotal), byType: input.map(inputJson) },
    output: { total: outputJson(outputTotal), byType: output.map(outputJson) },
    decisions: decisionsOf(result),
    unknownTypes: noticedOf(result, 'unknownType'),
    unknownIds: noticedOf(result, 'unknownId'),
    unknownFields: noticedOf(result, 'unknownField'),
    unknownValues: noticedOf(result, 'unknownValue'),
    droppedFields: noticedOf(result, 'droppedField'),
    deadLetters: {
      count: result.deadLetters.count,
      byCode: [...result.deadLetters.byCode].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
      first: result.deadLetters.first.map(({ place, code, message }) => ({ place, code, message })),
    },
    lateEvents: result.books.late,
    unfinishedCalls: { count: result.unfinished.count, first: result.unfinished.first },
    files: result.files.map(({ kind, path, lines, bytes }) => ({ kind, path, lines, bytes })),
    warnings: result.warnings,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function inputJson(row: InputRow): object {
  const { type, translated, dropped, setAside, duplicates, deadLetters, held, balanced } = row;
  return { type, in: row.in, translated, dropped, setAside, duplicates, deadLetters, held, balanced };
}

function outputJson({ type, out, translated, synthesized, balanced }: OutputRow): object {
  return { type, out, translated, synthesized, balanced };
}
