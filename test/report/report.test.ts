import { describe, expect, it } from 'vitest';
import { booksOf } from '../../src/report/books.ts';
import { formatBytes, formatCount, formatSeconds, renderTable, shown } from '../../src/report/figures.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { renderText } from '../../src/report/text.ts';
import { cleanResult, someResult, unbalancedResult } from './result.ts';

describe('the books', () => {
  it('balance line by line, and as a sum', () => {
    const books = booksOf(someResult());
    expect(books.balanced).toBe(true);
    expect(books.inputTotal).toMatchObject({ in: 1204, translated: 1198, dropped: 2, setAside: 1, duplicates: 2, deadLetters: 1, held: 0 });
    expect(books.outputTotal).toMatchObject({ out: 1205, translated: 1198, synthesized: 7 });
    expect(books.input.map((row) => row.type)).toEqual(['', 'AgentACW', 'CallReleased']);
  });

  it('show the line that does not add up', () => {
    const books = booksOf(unbalancedResult());
    expect(books.balanced).toBe(false);
    expect(books.input.filter((row) => !row.balanced)).toMatchObject([{ type: 'CallReleased', held: 1 }]);
  });

  it('do not balance when two wrong lines cancel out', () => {
    const result = someResult();
    const released = result.books.output.get('Released');
    const release = result.books.output.get('AgentRelease');
    if (released !== undefined) released.out += 1;
    if (release !== undefined) release.out -= 1;
    expect(booksOf(result).balanced).toBe(false);
  });
});

describe('the report as text', () => {
  const text = renderText(someResult());

  it('says first whether all is well', () => {
    expect(text.split('\n')[2]).toBe('The books balance. 1 dead letter: see below.');
    expect(renderText(cleanResult()).split('\n')[2]).toBe('The books balance. No dead letters.');
    expect(renderText(unbalancedResult())).toMatch(/THE BOOKS DO NOT BALANCE[\s\S]*CallReleased.*<- does not add up/);
  });

  it.each([
    'late events  5 (0.4 %)',
    'event times  2021-03-01T00:00:00.000Z to 2021-03-02T03:00:00.000Z (1 d 3 h)',
    'duration     2.0 s, 602 records/s',
    'resolved     AgentRinging  AgentDialing       4             .   0.0 %',
    'synthesized  CallReleased  AgentRelease       7             2  28.6 %',
    'skillGroup g-9      40  b.ndjson.gz:5 (byte 500)',
    '  a.ndjson, line 9, byte 812: bad-json: expected a value, got the end',
    '12: 7001, 7002, …',
    '! a.ndjson begins before b.ndjson.gz ends',
    'output        1,205  3.3 MiB  out.ndjson',
  ])('has the line %j', (line) => {
    expect(text.split('\n')).toContain(line);
  });

  it('leaves out what there is nothing to say about', () => {
    expect(renderText(cleanResult())).not.toMatch(/Dead letters\n|Unfinished|Warnings/);
  });

  it('prints no control characters that an event brought', () => {
    expect(text).toContain('CallReleased.zz\\u001b[31m');
    expect(text).not.toContain('\u001b');
  });
});

describe('the report as JSON', () => {
  it('has stable keys', () => {
    const report = JSON.parse(renderJson(someResult())) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      'format',
      'mapping',
      'inputs',
      'records',
      'blankLines',
      'bytesRead',
      'seconds',
      'recordsPerSecond',
      'span',
      'balanced',
      'imbalances',
      'input',
      'output',
      'decisions',
      'unknownTypes',
      'unknownIds',
      'unknownFields',
      'unknownValues',
      'droppedFields',
      'deadLetters',
      'lateEvents',
      'unfinishedCalls',
      'files',
      'warnings',
    ]);
    expect(report).toMatchObject({
      balanced: true,
      span: { from: '2021-03-01T00:00:00.000Z' },
      unknownIds: [
        { name: 'skillGroup g-9', count: 40, file: 'b.ndjson.gz', line: 5, offset: 500 },
        { name: 'agent carol@old', count: 2 },
      ],
      deadLetters: { count: 1, byCode: [{ code: 'bad-json', count: 1 }] },
    });
  });

  it('of an empty run has no span and no rate', () => {
    expect(JSON.parse(renderJson({ ...cleanResult(), span: undefined, seconds: 0 }))).toMatchObject({ span: null, recordsPerSecond: null });
  });
});

describe('the summary', () => {
  it('fits on a few lines', () => {
    expect(renderSummary(someResult())).toEqual([
      'in    1,204 events, 1.0 MiB, in 2.0 s (602/s)',
      '      1,198 translated, 2 dropped, 1 set aside, 2 duplicates, 1 dead letter',
      'out   1,205 events: 1,198 translated, 7 synthesized',
      'books balance',
      'file  out.ndjson: output, 1,205 lines',
      'file  out.ndjson.dead-letters.ndjson: dead letters, 1 lines',
    ]);
  });
});

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_234_567, '1,234,567'],
  ])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text));

  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [2 ** 20 * 1.5, '1.5 MiB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.84, '0.8 s'],
    [59.9, '60 s'],
    [200, '3 min 20 s'],
    [7500, '2 h 05 min'],
    [3_553_200, '41 d 3 h'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it('names from outside are cut and made harmless', () => {
    expect(shown('a\u202eb\n\u0000')).toBe('a\\u202eb\\u000a\\u0000');
    expect(shown('x'.repeat(500))).toHaveLength(100);
    expect(shown('客服')).toBe('客服');
  });

  it('tables align numbers at the right and write nothing as a dot', () => {
    expect(renderTable(['name', 'n'], [['a', 1000], ['bb', 0]])).toEqual(['name      n', 'a     1,000', 'bb        .']); // biome-ignore format: a table
  });
});
