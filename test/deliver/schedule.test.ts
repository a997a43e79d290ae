import { afterEach, describe, expect, it, vi } from 'vitest';
import { LIVE_SCHEDULE, retryAfter, waitAfter } from '../../src/deliver/schedule.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** The date of RFC 9110, section 5.6.7. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('the live schedule', () => {
  it('takes as long in all as the one that Standard Webhooks proposes: 75.6 hours', () => {
    const hours = LIVE_SCHEDULE.reduce((sum, wait) => sum + wait, 0) / HOUR;
    expect(Number(hours.toFixed(1))).toBe(75.6);
  });

  it('begins after a second, because others wait behind the event, and then waits longer each time', () => {
    expect(LIVE_SCHEDULE[0]).toBe(SECOND);
    for (let at = 1; at < LIVE_SCHEDULE.length; at += 1) expect(LIVE_SCHEDULE[at]).toBeGreaterThan(LIVE_SCHEDULE[at - 1] as number);
  });
});

describe('the wait between attempts', () => {
  it('is that of the schedule after the first, the second … attempt', () => {
    expect(LIVE_SCHEDULE.map((_, at) => waitAfter(at + 1, LIVE_SCHEDULE, 1))).toEqual(LIVE_SCHEDULE);
  });

  it('is half of it at least, so that nothing is sent again at once', () => {
    expect(LIVE_SCHEDULE.map((_, at) => waitAfter(at + 1, LIVE_SCHEDULE, 0))).toEqual(LIVE_SCHEDULE.map((wait) => wait / 2));
  });

  it('is spread evenly over the other half, so that events which failed together do not come again together', () => {
    expect([0, 0.25, 0.5, 0.75].map((random) => waitAfter(1, [1_000], random))).toEqual([500, 625, 750, 875]);
  });

  it('is none after the last attempt: the event is given up', () => {
    expect(waitAfter(LIVE_SCHEDULE.length, LIVE_SCHEDULE, 0.5)).toBeDefined();
    expect(waitAfter(LIVE_SCHEDULE.length + 1, LIVE_SCHEDULE, 0.5)).toBeUndefined();
    expect(waitAfter(1, [], 0.5)).toBeUndefined();
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['1', SECOND],
    ['120', 120 * SECOND],
    [' 5 ', 5 * SECOND],
    ['007', 7 * SECOND],
  ])('"%s" is obeyed as seconds', (header, wait) => {
    expect(retryAfter(header, NOW)).toBe(wait);
  });

  it.each(['3600', '3601', '86400', '4294967296', '99999999999', '9'.repeat(400)])('"%s" is obeyed for an hour at most', (header) => {
    expect(retryAfter(header, NOW)).toBe(HOUR);
  });

  it.each([
    ['an IMF-fixdate', 'Sun, 06 Nov 1994 08:49:47 GMT'],
    ['a date of RFC 850', 'Sunday, 06-Nov-94 08:49:47 GMT'],
    ['a date of asctime', 'Sun Nov  6 08:49:47 1994'],
  ])('%s is obeyed', (_name, header) => {
    expect(retryAfter(header, NOW)).toBe(10 * SECOND);
  });

  it.each([
    ['Sun, 06 Nov 1994 08:49:36 GMT', 'a second ago'],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 'long ago'],
  ])('%s is %s: no wait', (header) => {
    expect(retryAfter(header, NOW)).toBe(0);
  });

  it.each(['Sun, 06 Nov 1994 10:49:37 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'Sun Nov  6 08:49:47 2094'])(
    '%s is too far off and obeyed for an hour',
    (header) => {
      expect(retryAfter(header, NOW)).toBe(HOUR);
    },
  );

  // Each of these is a date for `Date.parse`, or a number for `Number`, or looks like one to a person.
  it.each(['', ' ', 'soon', 'soon 3', '-5', '+5', '1.5', '5s', '1e3', '0x10', '5, 10', '1994-11-06T08:49:47Z', '06 Nov 2050', 'Infinity'])(
    '"%s" says nothing',
    (header) => {
      expect(retryAfter(header, NOW)).toBeUndefined();
    },
  );

  it.each([
    'Sun, 99 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 99:99:99 GMT',
    'Sun, 06 Nov 1994 ::::::::  GMT',
    'Sun, 06 Nov 1994 08:49:47 CET',
  ])('"%s" looks like a date and is none', (header) => {
    expect(retryAfter(header, NOW)).toBeUndefined();
  });

  it('that is missing says nothing', () => {
    expect(retryAfter(undefined, NOW)).toBeUndefined();
  });
});

describe('a date of asctime has no zone and means GMT', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(['Asia/Shanghai', 'America/New_York', 'UTC'])('also on a machine in %s', (name) => {
    vi.stubEnv('TZ', name);
    expect(retryAfter('Sun Nov  6 08:49:47 1994', NOW)).toBe(10 * SECOND);
  });
});
