import type { ZoneOffset } from './zone.ts';

export { formatTime, isCanonicalTime, TIME_LENGTH, writeTime } from './time-text.ts';
export type { ZoneOffset } from './zone.ts';
export { createZone } from './zone.ts';

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;

/** What two digits are worth when they are not two digits: below every range that is checked. */
const NOT_DIGITS = -10_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Numbers below this are Unix seconds (until the year 5138), from it on milliseconds (from 1973). */
const SECONDS_BELOW = 1e11;
/** Years 0000 to 9999: what four digits can say, so whatever is read can be written. */
const MIN_TIME = -62_167_219_200_000;
const MAX_TIME = 253_402_300_799_999;
const MAX_DIGITS = 16;

/**
 * The instant that a JSON value names, in epoch milliseconds, or NaN. Takes ISO 8601 date-times (`T` or a space, seconds and
 * fraction optional, fraction cut to milliseconds, a zone as `Z`, `±hh:mm`, `±hhmm` or `±hh`; without one, `zone` decides)
 * and Unix time in seconds or milliseconds, as a number or in a string. Calendar dates are checked; leap seconds are refused.
 */
export function parseTime(bytes: Uint8Array, start: number, end: number, zone: ZoneOffset): number {
  if (bytes[start] !== QUOTE) return parseUnix(bytes, start, end);
  if (end - start >= 18 && bytes[start + 5] === MINUS) return inRange(parseIso(bytes, start + 1, end - 1, zone));
  return parseUnix(bytes, start + 1, end - 1);
}

function parseIso(bytes: Uint8Array, start: number, end: number, zone: ZoneOffset): number {
  const length = end - start;
  const separator = bytes[start + 10];
  if (length < 16 || (separator !== 0x54 && separator !== 0x20) || bytes[start + 13] !== COLON) return Number.NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return Number.NaN;
  const local = daysFromCivil(year, month, day) * DAY + hour * HOUR + minute * MINUTE;
  if (length === 16 || bytes[start + 16] !== COLON) return withZone(bytes, start + 16, end, local, zone);
  const second = two(bytes, start + 17);
  if (length < 19 || second < 0 || second > 59) return Number.NaN;
  return withFraction(bytes, start + 19, end, local + second * 1000, zone);
}

function withFraction(bytes: Uint8Array, start: number, end: number, local: number, zone: ZoneOffset): number {
  if (start === end || (bytes[start] !== DOT && bytes[start] !== COMMA)) return withZone(bytes, start, end, local, zone);
  let at = start + 1;
  let millis = 0;
  let scale = 100;
  for (; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    if (scale >= 1) millis += digit * scale;
    scale = scale >= 10 ? scale / 10 : 0;
  }
  const digits = at - start - 1;
  return digits < 1 || digits > 9 ? Number.NaN : withZone(bytes, at, end, local + millis, zone);
}

function withZone(bytes: Uint8Array, start: number, end: number, local: number, zone: ZoneOffset): number {
  const length = end - start;
  if (length === 0) return local - zone.offsetAt(local);
  const first = bytes[start];
  if (first === 0x5a) return length === 1 ? local : Number.NaN;
  if (first !== PLUS && first !== MINUS) return Number.NaN;
  const colon = length === 6 && bytes[start + 3] === COLON;
  if (length !== 3 && length !== 5 && !colon) return Number.NaN;
  const hours = two(bytes, start + 1);
  const minutes = length === 3 ? 0 : two(bytes, start + (colon ? 4 : 3));
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  const offset = hours * HOUR + minutes * MINUTE;
  return first === MINUS ? local + offset : local - offset;
}

function parseUnix(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  const first = at;
  let whole = 0;
  for (; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    whole = whole * 10 + digit;
  }
  if (at === first || at - first > MAX_DIGITS) return Number.NaN;
  const inSeconds = whole < SECONDS_BELOW;
  let millis = inSeconds ? whole * 1000 : whole;
  if (at < end) {
    const fraction = thousandths(bytes, at, end);
    if (Number.isNaN(fraction)) return exponent(bytes, start, end);
    if (inSeconds) millis += fraction;
  }
  // Adding 0 makes -0 plain 0.
  return inRange(negative ? 0 - millis : millis);
}

/** The first three digits of `.digits`, or NaN if [start, end) is anything else. */
function thousandths(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== DOT || start + 1 === end) return Number.NaN;
  let value = 0;
  let scale = 100;
  for (let at = start + 1; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    if (scale >= 1) value += digit * scale;
    scale = scale >= 10 ? scale / 10 : 0;
  }
  return value;
}

/** `1.618366018463e12`: valid JSON that some serializers write. Rare, so a string is made. */
function exponent(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 40) return Number.NaN;
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] as number);
  if (!/^-?\d+(?:\.\d+)?[eE][+-]?\d+$/.test(text)) return Number.NaN;
  const value = Number(text);
  return inRange(Math.trunc(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value) + 0);
}

function inRange(ms: number): number {
  return ms >= MIN_TIME && ms <= MAX_TIME ? ms : Number.NaN;
}

function two(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NOT_DIGITS;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; counts years from March, so that leap days come last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  return era * 146_097 + yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear - 719_468;
}
