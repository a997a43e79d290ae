import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { ReadOptions } from '../../src/parse/reader.ts';
import { chunked, readAll } from './read.ts';

const RUNS = 3000;

/** Bits of input that make and break records; strung together they reach most states of the cutters. */
const PIECES = [
  '{"a":1}',
  '{"a":1,"b":[1,{"c":"x"}]}',
  '{"a":1,"a":2}',
  '{"é":"漢字😀"}',
  '{ "k\\u0041" : "\\\\\\"" }',
  '{"long":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',
  `{"deep":${'['.repeat(9)}${']'.repeat(9)}}`,
  '{\n  "a": 1\n}',
  '\n',
  '\r\n',
  '\n\n',
  '\r',
  ' ',
  '\n{',
  '{',
  '}',
  '[',
  ']',
  '][',
  ',',
  ':',
  '"',
  '"text"',
  'tru',
  'true',
  '-1.5e3',
  '12345678901234567890123456789012345678901234567890',
  '\0\0\0',
  '\u001e',
  '\ufeff',
  '\\',
  '\u2028',
];
const BAD_BYTES = [Buffer.from([0xff]), Buffer.from([0xc3])];

const piece = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...PIECES).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.constantFrom(...BAD_BYTES) },
);
const soup = fc.array(piece, { maxLength: 14 }).map((parts) => Buffer.concat(parts));
const record = fc.constantFrom(...PIECES.slice(0, 8)).map((text) => Buffer.from(text));
const joined = (open: string, between: string, close: string) =>
  fc
    .array(fc.oneof({ weight: 6, arbitrary: record }, { weight: 1, arbitrary: piece }), { maxLength: 10 })
    .map((parts) => Buffer.concat([Buffer.from(open), ...parts.flatMap((part) => [part, Buffer.from(between)]), Buffer.from(close)]));
const input = fc.oneof(soup, joined('', '\n', ''), joined('', '\r\n', ''), joined('[', ',', '{}]\n'), joined('', ' ', ''));

const options = fc.record({
  format: fc.constantFrom<NonNullable<ReadOptions['format']>>('auto', 'ndjson', 'array', 'concatenated'),
  maxLine: fc.constantFrom(1000, 40, 20, 8),
  rs: fc.boolean(),
  allowTruncated: fc.boolean(),
  dupKeys: fc.constantFrom<'refuse' | 'last'>('refuse', 'last'),
  maxDepth: fc.constantFrom(64, 4),
});

describe('reading in pieces', () => {
  test.prop([input, options, fc.array(fc.nat(200), { maxLength: 12 }), fc.integer({ min: 1, max: 40 })], { numRuns: RUNS })(
    'any split of the input into chunks gives the same items, offsets, lines and error',
    async (bytes, given, cuts, blockSize) => {
      const whole = await readAll(bytes, given);
      const pieces = await readAll(chunked(bytes, cuts), { ...given, blockSize });
      expect(pieces).toEqual(whole);
      expect(Object.prototype).not.toHaveProperty('a');
    },
  );

  test.prop([input, options, fc.integer({ min: 1, max: 40 })], { numRuns: RUNS / 3 })(
    'items cover the input in order and never overlap',
    async (bytes, given, blockSize) => {
      const { items } = await readAll(bytes, { ...given, blockSize });
      let last = 0;
      for (const item of items) {
        expect(item.offset).toBeGreaterThanOrEqual(last);
        last = item.offset + ('code' in item ? item.length : Buffer.byteLength(item.text));
        const head = bytes.subarray(item.offset, last).toString('latin1');
        if ('code' in item) expect(head.startsWith(item.raw)).toBe(true);
        else expect(Buffer.from(item.text).toString('latin1')).toBe(head);
      }
      expect(last).toBeLessThanOrEqual(bytes.length);
    },
  );
});
