import { EXIT, UpcastError } from '../errors.ts';

/** Where a time without a zone was written. */
export interface ZoneOffset {
  readonly name: string;
  /**
   * Milliseconds that local time is ahead of UTC at a local time (given as if it were UTC). A local time that happens twice
   * (clocks set back) is its earlier instant; one that never happens takes the offset from before the jump.
   */
  offsetAt(localMs: number): number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Hours remembered per zone: enough for half a year of sorted input, small enough not to matter. */
const HOURS_REMEMBERED = 4096;
const FIXED = /^(?:UTC|GMT)?(?:([+-])(\d{2}):?(\d{2})?)$/i;

/** A zone by its name: an IANA name (`Asia/Shanghai`), `UTC`, or a fixed offset such as `+08:00`. */
export function createZone(name: string): ZoneOffset {
  const fixed = fixedOffset(name);
  if (fixed !== undefined) return { name, offsetAt: () => fixed };
  const format = zoneFormat(name);
  return { name, offsetAt: hourly((localMs) => chooseOffset(format, localMs)) };
}

function fixedOffset(name: string): number | undefined {
  if (/^(?:UTC|GMT|Z)$/i.test(name)) return 0;
  const match = FIXED.exec(name);
  if (match === null) return undefined;
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? '0');
  if (hours > 23 || minutes > 59) return undefined;
  return (match[1] === '-' ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}

function zoneFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset', year: 'numeric' });
  } catch (cause) {
    throw new UpcastError({
      code: 'unknown-time-zone',
      message: `unknown time zone ${JSON.stringify(name)}`,
      exit: EXIT.config,
      hint: 'use an IANA name such as Asia/Shanghai, UTC, or a fixed offset such as +08:00',
      cause,
    });
  }
}

/** Offset at an instant. The format writes it as `GMT`, `GMT+08:00` or, before zones were whole minutes, `GMT+08:05:43`. */
function offsetAtInstant(format: Intl.DateTimeFormat, utcMs: number): number {
  const match = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(format.format(utcMs));
  if (match?.[1] === undefined) return 0;
  const size = Number(match[2]) * HOUR + Number(match[3]) * MINUTE + Number(match[4] ?? '0') * 1000;
  return match[1] === '-' ? -size : size;
}

function chooseOffset(format: Intl.DateTimeFormat, localMs: number): number {
  const before = offsetAtInstant(format, localMs - DAY);
  const after = offsetAtInstant(format, localMs + DAY);
  if (before === after) return before;
  // The earlier of two instants is the one with the larger offset; `before` also stands for a time that never happens.
  const fits = [before, after].filter((offset) => offsetAtInstant(format, localMs - offset) === offset);
  return fits.length === 0 ? before : Math.max(...fits);
}

/** Remembers offsets by the hour. An hour in which the offset changes is worked out anew each time: there are two a year. */
function hourly(offsetAt: (localMs: number) => number): (localMs: number) => number {
  const known = new Map<number, number>();
  let lastHour = Number.NaN;
  let lastOffset = 0;
  return (localMs) => {
    const hour = Math.floor(localMs / HOUR);
    if (hour === lastHour) return lastOffset;
    let offset = known.get(hour);
    if (offset === undefined) {
      offset = offsetAt(hour * HOUR);
      if (offset !== offsetAt((hour + 1) * HOUR - 1)) return offsetAt(localMs);
      if (known.size >= HOURS_REMEMBERED) known.clear();
      known.set(hour, offset);
    }
    lastHour = hour;
    lastOffset = offset;
    return offset;
  };
}
