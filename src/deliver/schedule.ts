const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/**
 * Waits between the attempts for one event, milliseconds. They take as long in all as those that the Standard Webhooks specification
 * proposes ("Retry schedule": 75.6 hours), but begin closer together: the events behind it, of its contact and its agent, wait with it.
 * After the last the event is given up.
 */
export const LIVE_SCHEDULE: readonly number[] = [
  ...[SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 18 * HOUR, 24 * HOUR + 44 * MINUTE],
];

/** Waits of a replay: it is to end, and whoever started it waits for it. Four minutes in all. */
export const REPLAY_SCHEDULE: readonly number[] = [
  ...[SECOND / 2, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND, MINUTE, 100 * SECOND],
];

/** A longer wait is not obeyed: an endpoint must not be able to put its events off for ever. */
const MOST_RETRY_AFTER = 3_600_000;

/** How long to wait before the attempt that follows `attempts` failed ones; undefined: there is none. `random` is in [0, 1). */
export function waitAfter(attempts: number, schedule: readonly number[], random: number): number | undefined {
  const most = schedule[attempts - 1];
  // Half of it at least: a jitter down to nothing would try again at once.
  return most === undefined ? undefined : most / 2 + (random * most) / 2;
}

/** The three forms of a date that RFC 9110, section 5.6.7, knows; `Date.parse` alone makes a date of nearly everything (`1.5`, `soon 3`). */
const DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/;

/** The wait that a `Retry-After` header asks for (RFC 9110, section 10.2.3: seconds or a date), milliseconds, capped; undefined if it says nothing. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : DATE.test(text) ? Date.parse(inGmt(text)) - now : Number.NaN;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MOST_RETRY_AFTER);
}

/** The form of asctime names no zone, and without one a date is read as local time. */
function inGmt(date: string): string {
  return date.endsWith('GMT') ? date : `${date} GMT`;
}
