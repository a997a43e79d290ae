import { describe, expect, test } from 'vitest';
import { readRecords } from '../../src/parse/reader.ts';
import { brief, chunked, optionsOf, readAll } from './read.ts';

describe('the format is found from the first value', () => {
  test.each([
    ['{"a":1}\n{"b":2}\n', 'ndjson'],
    ['{"a":1} \t\r\n{"b":2}\n', 'ndjson'],
    ['{"a":1}', 'ndjson'],
    ['\n\n  {"a":1}\n', 'ndjson'],
    ['', 'ndjson'],
    [' \n ', 'ndjson'],
    ['garbage\n{"a":1}\n', 'ndjson'],
    ['{"a":1,\n{"b":2}\n', 'ndjson'],
    ['{"a":"x\n{"b":2}\n', 'ndjson'],
    ['{"a":1}garbage\n', 'ndjson'],
    ['1 2 3', 'ndjson'],
    ['{"a":1}{"b":2}', 'concatenated'],
    ['{"a":1} {"b":2}\n', 'concatenated'],
    ['{\n  "a": 1\n}\n{\n  "b": 2\n}\n', 'concatenated'],
    ['{\n  "a": x\n}\n{\n  "b": 2\n}\n', 'concatenated'],
    ['[{"a":1}]', 'array'],
    ['\ufeff \n [', 'array'],
  ])('%j is %s', async (text, format) => {
    expect(await readAll(text)).toMatchObject({ format });
    expect(await readAll(chunked(Buffer.from(text), [1, 2, 3, 5, 8, 13]), { blockSize: 1 })).toMatchObject({ format });
  });
});

describe('a JSON array', () => {
  test('elements are records, wherever line feeds are', async () => {
    const outcome = await readAll('[\n  {"a":1},\n  {\n"b" : 2\n}\n, {"c":3}]\n');
    expect(brief(outcome)).toEqual(['{"a":1}', '{\n"b" : 2\n}', '{"c":3}']);
    expect(outcome).toMatchObject({ items: [{ offset: 4, line: 1 }, { line: 2 }, { line: 3 }], error: undefined });
  });

  test.each(['[]', '[ ]\n', '[] []', '[]\n[]'])('%j is empty', async (text) => {
    expect(await readAll(text)).toMatchObject({ items: [], error: undefined });
  });

  test('arrays with space between them are read one after another', async () => {
    expect(await readAll('[{"a":1}]\n[{"b":2}] []\n')).toMatchObject({ items: [{ line: 1 }, { line: 2 }], error: undefined });
  });

  test('elements that are JSON but no records are items, and reading goes on', async () => {
    const deep = `{"a":${'['.repeat(64)}${']'.repeat(64)}}`;
    const text = `[1, "],{", {"a":1,"a":2}, [[{}]], ${deep}, {"a":"${'x'.repeat(200)}"}, null, {"b":2}]`;
    expect(brief(await readAll(text, { maxLine: 150 }))).toEqual([
      'not-an-object',
      'not-an-object',
      'duplicate-key',
      'not-an-object',
      'too-deep',
      'too-long',
      'not-an-object',
      '{"b":2}',
    ]);
  });

  test.each([
    ['[{"a":1}', 'expected "," or "]", got the end', 8],
    ['[{"a":1},', 'expected an element after ",", got the end', 9],
    ['[{"a":1},]', 'expected an element after ",", got "]"', 9],
    ['[{"a":1}][{"b":2}]', 'expected space or the end of the input, got "["', 9],
    ['[{"a":1}] x', 'expected "[" or the end of the input, got "x"', 10],
    ['[{"a":1}],{"b":2}', 'expected space or the end of the input, got ","', 9],
    ['[{"a":1} {"b":2}]', 'expected "," or "]", got "{"', 9],
    ['[{"a":1},{"b":x},{"c":1}]', 'expected a value, got "x"', 14],
    ['[{"a":1},{"b":1', 'expected "," or "}", got the end', 15],
    ['[{"a":1},,{"b":1}]', 'expected a value, got ","', 9],
  ])('damage in %j is named, after what came before it', async (text, message, byte) => {
    const outcome = await readAll(text);
    expect(brief(outcome)).toEqual(['{"a":1}']);
    expect(outcome.error).toEqual({
      code: 'array-damaged',
      message: `damaged JSON array: ${message}`,
      place: `input 1, element 2, byte ${byte}`,
    });
  });

  test.each(['', ' ', '{"a":1}', '[', '[ '])('%j is no array', async (text) => {
    expect(await readAll(text, { format: 'array' })).toMatchObject({ items: [], error: { code: 'array-damaged' } });
  });

  test('with allowTruncated an array that ends early ends cleanly', async () => {
    const text = '[{"a":1}, {"b":2}, {"c":[1]}]';
    for (let cut = 0; cut < text.length; cut += 1) {
      const outcome = await readAll(text.slice(0, cut), { allowTruncated: true, format: 'array' });
      expect(outcome.error, text.slice(0, cut)).toBeUndefined();
      const whole = brief(outcome).filter((item) => item !== 'bad-json');
      expect(text).toContain(whole.join(', '));
      expect(brief(outcome).length - whole.length).toBeLessThanOrEqual(1);
    }
    expect(brief(await readAll('[{"a":1},{"b"', { allowTruncated: true }))).toEqual(['{"a":1}', 'bad-json']);
    expect(await readAll('[{"a":1},{"b":x', { allowTruncated: true })).toMatchObject({ error: { code: 'array-damaged' } });
  });

  test('a run resumes after any element', async () => {
    const text = `[${Array.from({ length: 20 }, (_, index) => (index % 5 === 3 ? '7' : `{"n":${index}}`)).join(' , ')}]\n`;
    const whole = await readAll(text);
    for await (const batch of readRecords(chunked(Buffer.from(text), []), optionsOf({ blockSize: 1 }))) {
      const rest = await readAll(text.slice(batch.position), { startOffset: batch.position, startLine: batch.line, format: 'array' });
      expect(rest.items).toEqual(whole.items.filter((item) => item.line > batch.line));
      expect(rest.error).toBeUndefined();
    }
  });
});

describe('concatenated values', () => {
  test('values follow each other with or without space', async () => {
    const outcome = await readAll('{"a":1}{"b":\n2}\n\n{"c":3} 4 "x"[5]null');
    expect(brief(outcome)).toEqual(['{"a":1}', '{"b":\n2}', '{"c":3}', 'not-an-object', 'not-an-object', 'not-an-object', 'not-an-object']);
    expect(outcome.items[2]).toMatchObject({ offset: 17, line: 3 });
  });

  test('after damage reading goes on at the next line that starts with {', async () => {
    const text = '{\n "a": 1\n}\n{\n "b": x,\n "c": {"d":1}\n}\n{\n "e": 2\n}\n';
    const outcome = await readAll(text);
    expect(brief(outcome)).toEqual(['{\n "a": 1\n}', 'bad-json', '{\n "e": 2\n}']);
    expect(outcome.items[1]).toMatchObject({
      raw: '{\n "b": x,\n "c": {"d":1}\n}',
      offset: 12,
      message: 'expected a value, got "x" at byte 8',
    });
  });

  test('a record that was cut short does not take the next one with it', async () => {
    expect(brief(await readAll('{"a":1}{"b":{"c":1}\n{"d":2}\n{"e":3}'))).toEqual(['{"a":1}', 'bad-json', '{"d":2}', '{"e":3}']);
  });

  test('a value that is too long is counted and skipped', async () => {
    const long = `{\n"a":"${'x'.repeat(300)}"}`;
    const outcome = await readAll(`{"z":1} ${long}{"b":2}`, { maxLine: 100, format: 'concatenated', blockSize: 64 });
    expect(brief(outcome)).toEqual(['{"z":1}', 'too-long', '{"b":2}']);
    expect(outcome.items[1]).toMatchObject({ length: long.length, raw: long });
  });
});
