import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { checkJson } from '../../src/parse/scanner.ts';
import { JSON_CASES } from './json-cases.ts';
import { readAll } from './read.ts';

const SUITE = new URL('../../../shared/json-test-suite/', import.meta.url);
const present = existsSync(SUITE);
if (!present) process.stderr.write(`SKIPPED: JSONTestSuite is not at ${SUITE.pathname}; only our own selection is checked\n`);

function filesOf(folder: string): [string, Buffer][] {
  if (!present) return [];
  const path = new URL(`${folder}/`, SUITE);
  return readdirSync(path).map((name) => [name, readFileSync(new URL(encodeURIComponent(name), path))]);
}

/** What RFC 8259 leaves open, and what we do: numbers and escapes keep their text whatever their size; bytes must be UTF-8. */
const OPEN_CASES: Readonly<Record<string, string>> = {
  'i_string_UTF-16LE_with_BOM.json': 'utf16',
  'i_string_utf16BE_no_BOM.json': 'utf16',
  'i_string_utf16LE_no_BOM.json': 'utf16',
  'i_string_UTF-8_invalid_sequence.json': 'bad-utf8',
  'i_string_UTF8_surrogate_U+D800.json': 'bad-utf8',
  'i_string_invalid_utf-8.json': 'bad-utf8',
  'i_string_iso_latin_1.json': 'bad-utf8',
  'i_string_lone_utf8_continuation_byte.json': 'bad-utf8',
  'i_string_not_in_unicode_range.json': 'bad-utf8',
  'i_string_overlong_sequence_2_bytes.json': 'bad-utf8',
  'i_string_overlong_sequence_6_bytes.json': 'bad-utf8',
  'i_string_overlong_sequence_6_bytes_null.json': 'bad-utf8',
  'i_string_truncated-utf-8.json': 'bad-utf8',
  'i_structure_500_nested_arrays.json': 'too-deep',
  // A byte order mark belongs to a file, not to a JSON text; the reader skips it.
  'i_structure_UTF-8_BOM_empty_object.json': 'bad-json',
};

describe('checkJson', () => {
  test.each(JSON_CASES)('%j is JSON: %j', (text, isJson) => {
    expect(checkJson(Buffer.from(text)) === undefined).toBe(isJson);
  });

  test.skipIf(!present)('takes all of JSONTestSuite that must be taken, and refuses all that must be refused', () => {
    const files = filesOf('test_parsing');
    expect(files.length).toBe(318);
    const wrong = files.filter(([name, bytes]) => !name.startsWith('i_') && (checkJson(bytes) === undefined) !== name.startsWith('y_'));
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  test.skipIf(!present)('does what the table says where the standard leaves it open', () => {
    const open = filesOf('test_parsing').filter(([name]) => name.startsWith('i_'));
    const got = open.map(([name, bytes]) => [name, checkJson(bytes)?.code] as const).filter(([, code]) => code !== undefined);
    expect(Object.fromEntries(got)).toEqual(OPEN_CASES);
    expect(open.length).toBe(35);
  });

  prop.prop([fc.json()])('takes whatever JSON.stringify writes', (text) => {
    expect(checkJson(Buffer.from(text), 1000)).toBeUndefined();
  });

  prop.prop([fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert')], { numRuns: 20_000 })(
    'agrees with JSON.parse on damaged text',
    (text, place, byte, how) => {
      const whole = Buffer.from(text);
      const at = place % (whole.length + 1);
      const rest = how === 'insert' ? whole.subarray(at) : whole.subarray(at + 1);
      const damaged = Buffer.concat([whole.subarray(0, at), ...(how === 'cut' ? [] : [Buffer.from([byte])]), rest]);
      // A lone continuation byte is bad UTF-8 to us and U+FFFD to a decoder.
      if (damaged.toString('utf8').includes('\ufffd')) return;
      expect(checkJson(damaged) === undefined).toBe(parses(damaged.toString('utf8')));
    },
  );

  test('messages say what was expected, what came and where', () => {
    expect(checkJson(Buffer.from('{"a":x}'))).toEqual({ code: 'bad-json', message: 'expected a value, got "x" at byte 5' });
    expect(checkJson(Buffer.from('{"a":1'))).toEqual({ code: 'bad-json', message: 'expected "," or "}", got the end at byte 6' });
    expect(checkJson(Buffer.from('{"a\nb":1}'))?.message).toContain('got a line feed at byte 3');
    expect(checkJson(Buffer.from('[\0\0\0]'))).toEqual({ code: 'nul-run', message: 'NUL run of 3 bytes at byte 1' });
  });

  test.each([65, 100_000, 5_000_000])('%i levels are refused in linear time', (depth) => {
    const started = performance.now();
    expect(checkJson(Buffer.concat([Buffer.alloc(depth, '['), Buffer.alloc(depth, ']')]))?.code).toBe('too-deep');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('64 levels are taken', () => {
    expect(checkJson(Buffer.from('['.repeat(64) + ']'.repeat(64)))).toBeUndefined();
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('values keep their bytes', () => {
  test.skipIf(!present)('all files of test_transform leave as they came', async () => {
    const files = filesOf('test_transform');
    expect(files.length).toBe(22);
    for (const [name, file] of files) {
      const text = file.toString('latin1').trim();
      const isObject = text.startsWith('{');
      const bytes = Buffer.from(isObject ? text : `{"value":${text}}`, 'latin1');
      const { items } = await readAll(bytes, { dupKeys: 'last' });
      expect(items.length, name).toBe(1);
      const item = items[0];
      if (item === undefined || 'code' in item) {
        // What is not UTF-8 is refused, its bytes kept for the dead letters.
        expect(item, name).toMatchObject({ code: 'bad-utf8', raw: bytes.toString('latin1') });
      } else {
        expect(Buffer.from(item.text).equals(bytes), name).toBe(true);
        if (!isObject) expect(Buffer.from(new Map(Object.entries(item.values)).get('value') ?? '').toString('latin1'), name).toBe(text);
      }
    }
  });

  test.each(['1E400', '-0', '1.0', '12345678901234567890', '1e-999', '"\\ud800"', '"\\u0000"', '[1.10, {"a" : 1E2}]', 'true', 'null'])(
    '%s',
    async (value) => {
      const { items } = await readAll(`{"a":1,"v": ${value} }\n`);
      expect(items).toMatchObject([{ values: { v: value } }]);
    },
  );

  test('__proto__ and constructor are keys like others', async () => {
    const { items } = await readAll('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const item = items[0] as { values: Record<string, string> };
    expect(Object.entries(item.values)).toEqual([
      ['__proto__', '{"polluted":1}'],
      ['constructor', '{"prototype":{"polluted":1}}'],
    ]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});
