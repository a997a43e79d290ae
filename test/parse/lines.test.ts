import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { RecordView } from '../../src/event/record.ts';
import { slotText, valueStart } from '../../src/event/record.ts';
import { createShapeTree } from '../../src/event/shape.ts';
import { SLOT } from '../../src/event/slots.ts';
import type { ReadOptions } from '../../src/parse/reader.ts';
import { detachRecord, isBad, readRecords } from '../../src/parse/reader.ts';
import { brief, chunked, optionsOf, readAll, valuesOf } from './read.ts';

async function recordsOf(text: string | Uint8Array, options: Partial<ReadOptions> = {}): Promise<RecordView[]> {
  const records: RecordView[] = [];
  for await (const batch of readRecords(chunked(Buffer.from(text), []), optionsOf(options))) {
    for (const item of batch.items) if (!isBad(item)) records.push(item);
  }
  return records;
}

describe('one record a line', () => {
  test('records carry source, offset and line', async () => {
    const [first, second] = await recordsOf('{"a":1}\n\n  {"b":2}\n', { source: 3 });
    expect(first).toMatchObject({ source: 3, offset: 0, line: 1 });
    expect(second).toMatchObject({ source: 3, offset: 11, line: 3 });
  });

  test('a last line without line feed is a line', async () => {
    expect(await readAll('{"a":1}\n{"b":2}')).toMatchObject({ items: [{ line: 1 }, { line: 2 }], position: 15, line: 2 });
  });

  test('CRLF ends a line, blank lines are counted, not items', async () => {
    const outcome = await readAll('{"a":1}\r\n\r\n \t\n{"b":2}\r\n\n');
    expect(brief(outcome)).toEqual(['{"a":1}', '{"b":2}']);
    expect(outcome).toMatchObject({ blanks: 3, line: 5, position: 24 });
  });

  test('CR alone does not end a line', async () => {
    expect(brief(await readAll('{"a":1}\r{"b":2}\r\n', { format: 'ndjson' }))).toEqual(['bad-json']);
  });

  test('one UTF-8 byte order mark is skipped, at the start only', async () => {
    expect(brief(await readAll('\ufeff{"a":1}\n\ufeff{"b":2}\n'))).toEqual(['{"a":1}', 'bad-json']);
    expect(brief(await readAll('\ufeff\ufeff{"a":1}\n'))).toEqual(['bad-json']);
    expect(brief(await readAll('\ufeff{"a":1}\n', { startOffset: 100 }))).toEqual(['bad-json']);
  });

  test('U+2028 is an ordinary character', async () => {
    expect(brief(await readAll('{"a":"\u2028"}\n'))).toEqual(['{"a":"\u2028"}']);
  });

  test('record separators (RFC 7464) are taken at line starts, with rs only', async () => {
    const text = '\u001e{"a":1}\n\u001e{"b":2}\n';
    expect(brief(await readAll(text, { rs: true }))).toEqual(['{"a":1}', '{"b":2}']);
    expect(brief(await readAll(text))).toEqual(['bad-json', 'bad-json']);
    expect(brief(await readAll('{"a":1}\u001e\n', { rs: true, format: 'ndjson' }))).toEqual(['bad-json']);
  });

  test('a broken line is an item with its bytes, and the next line is read', async () => {
    const { items } = await readAll('{"a":1}\n{"a":\r\n{"b":2}\n');
    expect(items[1]).toEqual({
      code: 'bad-json',
      message: 'expected a value, got the end at byte 5',
      raw: '{"a":',
      length: 5,
      crc32: crc32('{"a":'),
      offset: 8,
      line: 2,
    });
    expect(items[2]).toMatchObject({ text: '{"b":2}', line: 3 });
  });

  test('two objects on a line are no record', async () => {
    const { items } = await readAll('{"a":1}{"b":2}\n', { format: 'ndjson' });
    expect(items).toMatchObject([{ code: 'bad-json', message: 'expected the end of the line, got "{" at byte 7' }]);
  });

  test.each(['1', '"text"', '[{"a":1}]', 'null'])('%s is JSON, but no record', async (text) => {
    expect(brief(await readAll(`${text}\n`, { format: 'ndjson' }))).toEqual(['not-an-object']);
  });

  test('NULs left by a crashed writer are named with their number', async () => {
    const { items } = await readAll(`{"a":1}\n${'\0'.repeat(4096)}{"b":2}\n{"c":3}\n`);
    expect(items).toMatchObject([{}, { code: 'nul-run', message: 'NUL run of 4096 bytes at byte 0' }, { text: '{"c":3}' }]);
  });

  test.each<['utf16le' | 'be', string]>([
    ['utf16le', '\ufeff{"a":1}'],
    ['utf16le', '{"a":1}'],
    ['be', '\ufeff{"a":1}'],
    ['be', '{"a":1}'],
  ])('UTF-16 (%s, %j) is named', async (order, text) => {
    const bytes = Buffer.from(text, 'utf16le');
    expect(brief(await readAll(order === 'be' ? bytes.swap16() : bytes))).toEqual(['utf16']);
  });

  test.each(['7b2261223a22ff227d', '7b2261223a22c0af227d', '7b2261223a22eda080227d', '7b2261223a22f4908080227d', '7b22c3223a317d'])(
    'what is not UTF-8 (%s) is refused; its neighbours are not',
    async (hex) => {
      const bytes = Buffer.concat([Buffer.from('{"a":"é"}\n'), Buffer.from(hex, 'hex'), Buffer.from('\n{"b":"漢"}\n')]);
      const outcome = await readAll(bytes);
      expect(brief(outcome)).toEqual(['{"a":"é"}', 'bad-utf8', '{"b":"漢"}']);
      expect(outcome.items[1]).toMatchObject({ raw: Buffer.from(hex, 'hex').toString('latin1'), line: 2 });
    },
  );

  test('repeated keys are refused, however they are written', async () => {
    const text = '{"a":1,"b":2,"a":3}\n{"a":1,"\\u0061":2}\n{"a":{"b":1},"b":2}\n';
    const outcome = await readAll(text);
    expect(brief(outcome)).toEqual(['duplicate-key', 'duplicate-key', '{"a":{"b":1},"b":2}']);
    expect(outcome.items[0]).toMatchObject({ message: 'expected each key once, got "a" again' });
  });

  test('with dupKeys last, the last value is the field, and all bytes are kept', async () => {
    const shapes = createShapeTree({ duplicates: 'last' });
    const [record] = await recordsOf('{"agentId":"x","callType":"y","agentId":"z","AgentId":"w"}', { dupKeys: 'last', shapes });
    if (record === undefined) throw new Error('no record');
    expect(slotText(record, SLOT.agentId)).toBe('z');
    expect(record.block.text(record.start, record.end)).toContain('"x"');
  });

  test('keys with escapes are known by their decoded name', async () => {
    const [record] = await recordsOf('{"\\u0065ventType":"X","tab\\t\\"":1}');
    expect(record?.shape.keys).toEqual(['eventType', 'tab\t"']);
    expect(record && slotText(record, SLOT.eventType)).toBe('X');
  });

  test('records with the same keys share a shape', async () => {
    const [first, second, third] = await recordsOf('{"a":1,"b":2}\n{ "a" : "x", "b" : [] }\n{"b":1,"a":2}\n');
    expect(second?.shape).toBe(first?.shape);
    expect(third?.shape).not.toBe(first?.shape);
  });

  test('shapes beyond the remembered ones are read as well', async () => {
    const shapes = createShapeTree({ limit: 3 });
    const lines = Array.from({ length: 50 }, (_, index) => `{"k${index}":1,"a":${index},"b":{}}`);
    expect(brief(await readAll(lines.join('\n'), { shapes }))).toEqual(lines);
  });

  test('an empty object is a record', async () => {
    expect(await readAll('{}\n{ }\n')).toMatchObject({ items: [{ text: '{}', values: {} }, { text: '{ }' }] });
  });

  test('a line of exactly maxLine bytes is read, one more is not', async () => {
    const line = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`;
    for (const end of ['\n', '\r\n', '']) {
      expect(brief(await readAll(`${line(64)}${end}`, { maxLine: 64 }))).toEqual([line(64)]);
      expect(brief(await readAll(`${line(65)}${end}`, { maxLine: 64 }))).toEqual(['too-long']);
    }
  });

  test('a line that is too long keeps 4 KiB, its length and its checksum', async () => {
    const long = `{"a":"${'x'.repeat(10_000)}"}`;
    const outcome = await readAll(`${long}\r\n{"b":1}\n`, { maxLine: 5000, blockSize: 1000 });
    expect(outcome.items).toEqual([
      {
        code: 'too-long',
        message: `expected at most 5000 bytes, got ${long.length}`,
        raw: long.slice(0, 4096),
        length: long.length,
        crc32: crc32(long),
        offset: 0,
        line: 1,
      },
      { text: '{"b":1}', values: { b: '1' }, offset: long.length + 2, line: 2 },
    ]);
  });

  test('a run resumes at any batch border', async () => {
    const text = Array.from({ length: 40 }, (_, index) => (index % 7 === 3 ? '' : index % 7 === 5 ? 'bad' : `{"n":${index}}`)).join('\n');
    const whole = await readAll(text);
    for await (const batch of readRecords(chunked(Buffer.from(text), []), optionsOf({ blockSize: 1 }))) {
      const rest = await readAll(text.slice(batch.position), { startOffset: batch.position, startLine: batch.line, format: 'ndjson' });
      expect(rest.items).toEqual(whole.items.filter((item) => item.line > batch.line));
      expect(rest).toMatchObject({ line: whole.line, position: whole.position });
    }
  });

  test('what arrived before the source broke is read, then its error is thrown', async () => {
    async function* broken() {
      yield Buffer.from('{"a":1}\n{"b":2}\n{"c"');
      throw Object.assign(new Error('gone'), { code: 'EIO' });
    }
    expect(await readAll(broken())).toMatchObject({ items: [{}, {}], position: 16, error: { code: 'EIO' } });
  });
});

describe('detachRecord', () => {
  test('copies a record out of its block', async () => {
    const [, second] = await recordsOf('{"a":1}\n{"eventType":"漢字","b":[1, 2]}\n');
    if (second === undefined) throw new Error('no record');
    const detached = detachRecord(second);
    expect(detached.block).not.toBe(second.block);
    expect(detached.block.bytes.length).toBeLessThan(60);
    expect(valuesOf(detached)).toEqual(valuesOf(second));
    expect(valueStart(detached, 0)).toBe(13);
    expect(slotText(detached, SLOT.eventType)).toBe('漢字');
    expect(detached).toMatchObject({ offset: 8, line: 2, source: 0 });
  });
});
