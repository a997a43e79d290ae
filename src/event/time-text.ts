const DAY = 86_400_000;
const ZERO = 0x30;
const MIN_TIME = -62_167_219_200_000;
const MAX_TIME = 253_402_300_799_999;

/** Bytes that {@link writeTime} writes. */
export const TIME_LENGTH = 24;

/** An instant as `YYYY-MM-DDTHH:mm:ss.SSSZ`. */
export function formatTime(ms: number): string {
  if (!(ms >= MIN_TIME && ms <= MAX_TIME)) throw new RangeError(`expected a time from the year 0000 to 9999, got ${ms} ms`);
  const day = Math.floor(ms / DAY);
  if (day !== textDay) {
    textDay = day;
    dayText = new Date(day * DAY).toISOString().slice(0, 11);
  }
  const inDay = Math.floor(ms) - day * DAY;
  const seconds = (inDay / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  const millis = 1000 + inDay - seconds * 1000;
  return `${dayText}${twoDigits(hours)}:${twoDigits(minutes - hours * 60)}:${twoDigits(seconds - minutes * 60)}.${String(millis).slice(1)}Z`;
}

/** The day that was written last, since times of one log lie together. A cache; it changes no result. */
let textDay = Number.NaN;
let dayText = '';

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** Writes an instant as `YYYY-MM-DDTHH:mm:ss.SSSZ` at `at`, 24 ASCII bytes without quotes; returns the offset after it. */
export function writeTime(ms: number, target: Uint8Array, at: number): number {
  if (!(ms >= MIN_TIME && ms <= MAX_TIME)) throw new RangeError(`expected a time from the year 0000 to 9999, got ${ms} ms`);
  const day = Math.floor(ms / DAY);
  const inDay = Math.floor(ms) - day * DAY;
  writeDate(day, target, at);
  target[at + 10] = 0x54;
  // From here on numbers are small and not negative: `| 0` cuts them as Math.floor would, in integer arithmetic.
  const seconds = (inDay / 1000) | 0;
  const millis = inDay - seconds * 1000;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  writeTwo(hours, target, at + 11);
  target[at + 13] = 0x3a;
  writeTwo(minutes - hours * 60, target, at + 14);
  target[at + 16] = 0x3a;
  writeTwo(seconds - minutes * 60, target, at + 17);
  target[at + 19] = 0x2e;
  const hundreds = (millis / 100) | 0;
  target[at + 20] = ZERO + hundreds;
  writeTwo(millis - hundreds * 100, target, at + 21);
  target[at + 23] = 0x5a;
  return at + TIME_LENGTH;
}

/** The inverse of days-from-civil: `days` since 1970-01-01, written as `YYYY-MM-DD`. */
function writeDate(days: number, target: Uint8Array, at: number): void {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const century = (year / 100) | 0;
  writeTwo(century, target, at);
  writeTwo(year - century * 100, target, at + 2);
  target[at + 4] = 0x2d;
  writeTwo(month, target, at + 5);
  target[at + 7] = 0x2d;
  writeTwo(dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1, target, at + 8);
}

function writeTwo(value: number, target: Uint8Array, at: number): void {
  const tens = (value / 10) | 0;
  target[at] = ZERO + tens;
  target[at + 1] = ZERO + value - tens * 10;
}

/** `#` stands for a digit. */
const FORM = '"####-##-##T##:##:##.###Z"';
const FORM_BYTES = Uint8Array.from(FORM, (sign) => (sign === '#' ? 0 : sign.charCodeAt(0)));

/** True if a JSON value has exactly the form that {@link formatTime} writes, so its bytes can be kept. Digits are not checked for range. */
export function isCanonicalTime(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== FORM_BYTES.length) return false;
  for (let index = 0; index < FORM_BYTES.length; index += 1) {
    const byte = bytes[start + index] as number;
    const form = FORM_BYTES[index] as number;
    if (form === 0 ? byte < ZERO || byte > 0x39 : byte !== form) return false;
  }
  return true;
}
