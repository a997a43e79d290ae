import { describe, expect, it } from 'vitest';
import { createBodyRestamp } from '../../src/replay/restamp-body.ts';

const HOUR = 3_600_000;
const moved = (text: string, shift = HOUR): string => Buffer.from(createBodyRestamp(shift)(Buffer.from(text))).toString('utf8');

describe('--restamp', () => {
  it('moves every instant of an event by the same distance', () => {
    expect(
      moved(
        '{"eventTime":"2021-03-11T10:00:00.000Z","eventType":"CDRReady","startTime":"2021-03-11T09:00:00.000Z","endTime":"2021-03-11T09:59:59.999Z"}',
      ),
    ).toBe(
      '{"eventTime":"2021-03-11T11:00:00.000Z","eventType":"CDRReady","startTime":"2021-03-11T10:00:00.000Z","endTime":"2021-03-11T10:59:59.999Z"}',
    );
  });

  it('leaves numbers numbers in their unit, and texts of numbers texts', () => {
    expect(moved('{"eventTime":1615456800000,"beginTime":1615456800,"endTime":"1615456800000"}')).toBe(
      '{"eventTime":1615460400000,"beginTime":1615460400,"endTime":"1615460400000"}',
    );
  });

  it('touches nothing that is no time: durations, offsets, texts, nested values, other fields', () => {
    const text =
      '{"duration":35,"beginOffsetMS":1615456800000,"endTime":null,"startTime":"soon","extra":{"eventTime":"2021-03-11T10:00:00.000Z"}}';
    expect(moved(text)).toBe(text);
  });

  it('keeps the bytes around: blanks, order, escapes', () => {
    expect(moved('{ "note" : "\\u4f60" , "eventTime" : "2021-03-11T10:00:00Z" , "x" : 1e3 }')).toBe(
      '{ "note" : "\\u4f60" , "eventTime" : "2021-03-11T11:00:00.000Z" , "x" : 1e3 }',
    );
  });

  it('by nothing changes nothing', () => {
    const text = '{"eventTime":"2021-03-11T10:00:00Z"}';
    expect(moved(text, 0)).toBe(text);
  });
});
