import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createZone, formatTime, isCanonicalTime, parseTime, writeTime } from '../../src/event/time.ts';

const SHANGHAI = createZone('Asia/Shanghai');
const BASE = Date.UTC(2021, 3, 14, 2, 6, 58);

function parse(json: string, zone = SHANGHAI): number {
  // Inside other bytes, as in a block: nothing before or after the span may matter.
  const bytes = Buffer.from(`"2099${json}-12-31"`);
  return parseTime(bytes, 5, 5 + Buffer.byteLength(json), zone);
}

describe('parseTime', () => {
  test.each<[string, number]>([
    ['"2021-04-14T02:06:58.463Z"', BASE + 463],
    ['"2021-04-14T02:06:58Z"', BASE],
    ['"2021-04-14T10:06:58+08:00"', BASE],
    ['"2021-04-14T10:06:58+0800"', BASE],
    ['"2021-04-14T10:06:58+08"', BASE],
    ['"2021-04-13T20:36:58-05:30"', BASE],
    ['"2021-04-14 10:06:58"', BASE],
    ['"2021-04-14T10:06:58"', BASE],
    ['"2021-04-14 10:06"', BASE - 58_000],
    ['"2021-04-14T02:06Z"', BASE - 58_000],
    ['"2021-04-14 10:06:58.4"', BASE + 400],
    ['"2021-04-14 10:06:58,46"', BASE + 460],
    ['"2021-04-14T02:06:58.463999999Z"', BASE + 463],
    ['"2020-02-29T00:00:00Z"', Date.UTC(2020, 1, 29)],
    ['"2000-02-29T00:00:00Z"', Date.UTC(2000, 1, 29)],
    ['"0000-01-01T00:00:00.000Z"', -62_167_219_200_000],
    ['"9999-12-31T23:59:59.999Z"', 253_402_300_799_999],
    ['1618366018463', 1_618_366_018_463],
    ['"1618366018463"', 1_618_366_018_463],
    ['1618366018', 1_618_366_018_000],
    ['"1618366018"', 1_618_366_018_000],
    ['1618366018.463', 1_618_366_018_463],
    ['1618366018.4639', 1_618_366_018_463],
    ['1618366018463.9', 1_618_366_018_463],
    ['1.618366018463e12', 1_618_366_018_463],
    ['99999999999', 99_999_999_999_000],
    ['100000000000', 100_000_000_000],
    ['0', 0],
    ['-0', 0],
    ['-1.5', -1500],
  ])('%s is a time', (json, expected) => {
    expect(parse(json)).toBe(expected);
  });

  test.each([
    '""',
    'null',
    'true',
    '{}',
    '[]',
    '"yesterday"',
    '"2021-02-30T00:00:00Z"',
    '"2021-02-29T00:00:00Z"',
    '"1900-02-29T00:00:00Z"',
    '"2021-13-01T00:00:00Z"',
    '"2021-00-01T00:00:00Z"',
    '"2021-04-31T00:00:00Z"',
    '"2021-04-00T00:00:00Z"',
    '"2021-04-14T24:00:00Z"',
    '"2021-04-14T02:60:00Z"',
    '"2021-04-14T02:06:60Z"',
    '"2021-04-14"',
    '"2021-04-14T02"',
    '"2021-04-14T02:06:5Z"',
    '"2021-04-14T02:06:58.Z"',
    '"2021-04-14T02:06:58.1234567890Z"',
    '"2021-04-14T02:06:58ZZ"',
    '"2021-04-14T02:06:58+8"',
    '"2021-04-14T02:06:58+08:0"',
    '"2021-04-14T02:06:58+24:00"',
    '"2021-04-14T02:06:58+08:60"',
    '"2021/04/14 02:06:58"',
    '"2021-4-14T02:06:58Z"',
    '"20210414T020658Z"',
    '"2021-04-14T02:06:58 "',
    '" 2021-04-14T02:06:58Z"',
    '"0000-01-01T00:00:00+01:00"',
    '"1618366018463x"',
    '"."',
    '"-"',
    '"1."',
    '".5"',
    '12345678901234567890',
    '"1e"',
    '1e400',
    '"２０２１-04-14T02:06:58Z"',
  ])('%s is not a time', (json) => {
    expect(parse(json)).toBeNaN();
  });

  prop.prop([fc.date({ min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })], {
    numRuns: 2000,
  })('agrees with Date in both directions', (date) => {
    const text = formatTime(date.getTime());
    expect(text).toBe(date.toISOString());
    const bytes = Buffer.from(`"${text}"`);
    expect(parseTime(bytes, 0, bytes.length, SHANGHAI)).toBe(date.getTime());
    expect(isCanonicalTime(bytes, 0, bytes.length)).toBe(true);
  });

  prop.prop([fc.string({ maxLength: 30 }), fc.constantFrom('"', '')])('never reads past the value, whatever it is', (text, quote) => {
    const json = Buffer.from(quote + text + quote);
    const alone = parseTime(json, 0, json.length, SHANGHAI);
    const inside = Buffer.concat([Buffer.from('12'), json, Buffer.from('-04-14T02:06:58Z"9')]);
    expect(parseTime(inside, 2, 2 + json.length, SHANGHAI)).toEqual(alone);
  });
});

describe('createZone', () => {
  test.each<[string, string, number]>([
    ['Asia/Shanghai', '"2021-04-14 10:06:58"', BASE],
    ['UTC', '"2021-04-14 02:06:58"', BASE],
    ['+08:00', '"2021-04-14 10:06:58"', BASE],
    ['-0530', '"2021-04-13 20:36:58"', BASE],
    ['UTC+8', '', Number.NaN],
    // Shanghai kept summer time from 1986 to 1991.
    ['Asia/Shanghai', '"1990-07-01 12:00:00"', Date.UTC(1990, 6, 1, 3)],
    ['Asia/Shanghai', '"1990-12-01 12:00:00"', Date.UTC(1990, 11, 1, 4)],
    ['America/New_York', '"2021-11-07 01:30:00"', Date.UTC(2021, 10, 7, 5, 30)],
    ['America/New_York', '"2021-11-07 02:00:00"', Date.UTC(2021, 10, 7, 7)],
    ['America/New_York', '"2021-03-14 02:30:00"', Date.UTC(2021, 2, 14, 7, 30)],
    ['America/New_York', '"2021-03-14 03:00:00"', Date.UTC(2021, 2, 14, 7)],
    ['Australia/Lord_Howe', '"2021-04-04 01:45:00"', Date.UTC(2021, 3, 3, 14, 45)],
    ['Asia/Kolkata', '"2021-04-14 07:36:58"', BASE],
    ['Pacific/Apia', '"2011-12-30 12:00:00"', Date.UTC(2011, 11, 30, 22)],
    ['Asia/Shanghai', '"1900-01-01 08:05:43"', Date.UTC(1900, 0, 1)],
  ])('%s reads %s', (name, json, expected) => {
    if (json === '') expect(() => createZone(name)).toThrow();
    else expect(parse(json, createZone(name))).toBe(expected);
  });

  test('an unknown zone is refused by name, with exit code 78', () => {
    expect(() => createZone('Asia/Shangai')).toThrow(
      expect.objectContaining({ code: 'unknown-time-zone', exit: 78, message: expect.stringContaining('Asia/Shangai') }),
    );
  });

  test('an offset asked for twice, or out of order, is the same as asked for once', () => {
    const used = createZone('America/New_York');
    const start = Date.UTC(2021, 10, 6);
    const hours = Array.from({ length: 96 }, (_, index) => start + index * 1_800_000);
    const once = hours.map((at) => createZone('America/New_York').offsetAt(at));
    expect(hours.map((at) => used.offsetAt(at))).toEqual(once);
    expect(hours.toReversed().map((at) => used.offsetAt(at))).toEqual(once.toReversed());
  });
});

describe('writing times', () => {
  test('writeTime writes 24 bytes and returns the offset after them', () => {
    const target = new Uint8Array(30).fill(0x2e);
    expect(writeTime(BASE + 7, target, 3)).toBe(27);
    expect(Buffer.from(target).toString()).toBe('...2021-04-14T02:06:58.007Z...');
  });

  test('a time outside the years 0000 to 9999 is refused', () => {
    expect(() => formatTime(Number.NaN)).toThrow(RangeError);
    expect(() => formatTime(253_402_300_800_000)).toThrow(RangeError);
  });

  test.each([
    '"2021-04-14T02:06:58Z"',
    '"2021-04-14 02:06:58.463Z"',
    '"2021-04-14T02:06:58.46xZ"',
    '1618366018463',
    '"2021-04-14T02:06:58.463+"',
  ])('%s is not in canonical form', (json) => {
    const bytes = Buffer.from(json);
    expect(isCanonicalTime(bytes, 0, bytes.length)).toBe(false);
  });
});
