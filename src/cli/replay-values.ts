import { parseTime } from '../event/time.ts';
import type { ZoneOffset } from '../event/zone.ts';
import { parseDuration } from '../mapping/duration.ts';
import type { Settings } from './config.ts';
import type { OptionName } from './options.ts';

/** More a second can neither be measured nor sent. */
const MOST_RATE = 1_000_000;
const MOST_SPEED = 1_000_000;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `10x`, `0.5x`, `10` or `max` (Infinity); undefined: none of these. */
export function parseSpeed(text: string): number | undefined {
  if (text.trim() === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text.trim())?.[1]);
  return speed > 0 && speed <= MOST_SPEED ? speed : undefined;
}

/** A speed as it is written. */
export function formatSpeed(speed: number): string {
  return speed === Number.POSITIVE_INFINITY ? 'max' : `${Number(speed.toPrecision(6))}x`;
}

/** The setting `speed`. */
export function speedOf(settings: Settings): number {
  const text = settings.need('speed');
  const speed = parseSpeed(text);
  if (speed !== undefined) return speed;
  throw settings.error('speed', `speed: expected a number above 0 or max, got ${JSON.stringify(text)}`, 'such as 1x, 10x, 0.5x or max');
}

/** The setting `rate`, as events a second. */
export function rateOf(settings: Settings): number | undefined {
  const text = settings.get('rate');
  if (text === undefined) return undefined;
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim()) ?? [];
  const rate = Number(count) / (UNITS[unit] ?? Number.NaN);
  if (rate > 0 && rate <= MOST_RATE) return rate;
  throw settings.error('rate', `rate: expected events in a time, got ${JSON.stringify(text)}`, 'such as 500/s or 90/m');
}

/** The setting `sample`, as a share from 0 to 1. */
export function sampleOf(settings: Settings): number | undefined {
  const text = settings.get('sample');
  if (text === undefined) return undefined;
  const share = Number(/^(\d+(?:\.\d+)?) ?%$/.exec(text.trim())?.[1]) / 100;
  if (share > 0 && share <= 1) return share;
  throw settings.error('sample', `sample: expected a share of the contacts, got ${JSON.stringify(text)}`, 'such as 10%');
}

/** The setting `loop`: how often the stream is sent. */
export function roundsOf(settings: Settings): number {
  const text = settings.get('loop')?.trim();
  if (text === undefined) return 1;
  if (text === 'forever') return Number.POSITIVE_INFINITY;
  const rounds = /^\d+$/.test(text) ? Number(text) : 0;
  if (rounds >= 1 && Number.isSafeInteger(rounds)) return rounds;
  throw settings.error('loop', `loop: expected how often, got ${JSON.stringify(text)}`, 'such as 3 or forever');
}

/** A setting that is an instant, as Unix milliseconds: ISO 8601, a Unix time, or a time from now (`-2h`, `+5m`). */
export function instantOf(
  settings: Settings,
  name: Extract<OptionName, 'since' | 'until' | 'start-at'>,
  zone: ZoneOffset,
): number | undefined {
  const text = settings.get(name)?.trim();
  if (text === undefined) return undefined;
  const span = /^[+-]/.test(text) ? parseDuration(text.slice(1)) : undefined;
  if (span !== undefined) return Date.now() + (text.startsWith('-') ? -span : span);
  const bytes = new TextEncoder().encode(`"${/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text}"`);
  const time = parseTime(bytes, 0, bytes.length, zone);
  if (!Number.isNaN(time)) return time;
  const expected = `${name}: expected a time, got ${JSON.stringify(text)}`;
  throw settings.error(name, expected, 'such as 2021-03-11T10:00:00Z, 2021-03-11, -2h (two hours ago) or +5m (in five minutes)');
}
