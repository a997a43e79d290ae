import { parseArgs } from 'node:util';
import { ROWS } from './accuracy/rows.ts';
import { runRow } from './accuracy/run.ts';
import { translate } from './accuracy/run-translator.ts';
import { differenceLines, tableHead, tableLine, typeLines } from './accuracy/table.ts';

/** Runs every row of the table; true if all reach their thresholds. */
function runTable(settings: { readonly calls: number; readonly seed: string; readonly only: string; readonly verbose: boolean }): boolean {
  const { calls, seed, only, verbose } = settings;
  console.log(tableHead());
  let passed = true;
  for (const row of ROWS.filter(({ name }) => name.includes(only))) {
    const result = runRow(row, { calls, seed }, translate);
    console.log(tableLine(result));
    if (row.thresholds.exact === undefined || verbose) for (const line of typeLines(result)) console.log(line);
    if (!result.passed || verbose) for (const line of differenceLines(result)) console.log(line);
    passed &&= result.passed;
  }
  return passed;
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});
if (!runTable({ ...values, calls: Number(values.calls) })) process.exitCode = 1;
