import type { RunResult } from '../../src/pipeline/job.ts';
import { createBooks } from '../../src/translate/account.ts';
import { createSurvey } from '../../src/translate/survey.ts';
import type { Tally } from '../../src/translate/tally.ts';
import { createTally } from '../../src/translate/tally.ts';

/** A run in which a little of everything happened; its books balance. */
export function someResult(changes: Partial<RunResult> = {}): RunResult {
  const books = createBooks();
  books.input.set('CallReleased', { in: 1200, translated: 1198, dropped: 0, setAside: 0, duplicates: 2, deadLetters: 0 });
  books.input.set('AgentACW', { in: 3, translated: 0, dropped: 2, setAside: 1, duplicates: 0, deadLetters: 0 });
  books.input.set('', { in: 1, translated: 0, dropped: 0, setAside: 0, duplicates: 0, deadLetters: 1 });
  books.output.set('Released', { out: 1198, translated: 1198, synthesized: 0 });
  books.output.set('AgentRelease', { out: 7, translated: 0, synthesized: 7 });
  books.decisions.set('a', { kind: 'synthesized', rule: 'CallReleased', type: 'AgentRelease', count: 7, waited: 2 });
  books.decisions.set('b', { kind: 'resolved', rule: 'AgentRinging', type: 'AgentDialing', count: 4, waited: 0 });
  books.late = 5;
  return {
    books,
    tally: someTally(),
    mapping: { name: 'ccc-2.0', version: '1.0.0', hash: 'a'.repeat(64) },
    survey: createSurvey().save(),
    inputs: ['a.ndjson', 'b.ndjson.gz'],
    files: [
      { kind: 'output', path: 'out.ndjson', lines: 1205, bytes: 3_500_000 },
      { kind: 'dead letters', path: 'out.ndjson.dead-letters.ndjson', lines: 1, bytes: 120 },
    ],
    ending: 'done',
    records: 1204,
    blanks: 3,
    bytesRead: 2 ** 20,
    span: { from: Date.UTC(2021, 2, 1), to: Date.UTC(2021, 2, 2, 3) },
    unfinished: { count: 12, first: ['7001', '7002'] },
    deadLetters: {
      count: 1,
      byCode: new Map([['bad-json', 1]]),
      first: [{ place: 'a.ndjson, line 9, byte 812', code: 'bad-json', message: 'expected a value, got the end' }],
    },
    warnings: ['a.ndjson begins before b.ndjson.gz ends'],
    imbalances: [],
    seconds: 2,
    ...changes,
  };
}

function someTally(): Tally {
  const tally = createTally();
  const at = (count: number, line: number): { count: number; source: number; offset: number; line: number } => ({
    count,
    source: 1,
    offset: line * 100,
    line,
  });
  tally.restore([
    [
      'unknownId',
      [
        ['agent carol@old', at(2, 4)],
        ['skillGroup g-9', at(40, 5)],
      ],
    ],
    ['droppedField', [['AgentACW.result', at(3, 7)]]],
    ['unknownField', [['CallReleased.zz\u001b[31m', at(1, 8)]]],
    ['unknownType', [['Strange', at(1, 9)]]],
  ]);
  return tally;
}

/** A result whose books do not balance: an event came in and ended nowhere. */
export function unbalancedResult(): RunResult {
  const result = someResult({ imbalances: ['CallReleased: 1201 in, 1200 accounted for'] });
  const row = result.books.input.get('CallReleased');
  if (row !== undefined) row.in += 1;
  return result;
}

/** A run without anything to tell. */
export function cleanResult(): RunResult {
  const result = someResult({ deadLetters: { count: 0, byCode: new Map(), first: [] }, unfinished: { count: 0, first: [] }, warnings: [] });
  result.books.input.delete('');
  return result;
}
