/**
 * Waits between the attempts for one event, milliseconds: at once, then over 75.6 hours, as the Standard Webhooks specification proposes
 * ("Retry schedule"). After the last the event is given up.
 */
export const LIVE_SCHEDULE: readonly number[] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600].map(
  (seconds) => seconds * 1000,
);

/** A longer wait is not obeyed: an endpoint must not be able to put its events off for ever. */
const MOST_RETRY_AFTER = 3_600_000;

/** How long to wait before the attempt that follows `attempts` failed ones; undefined: there is none. `random` is in [0, 1): full jitter. */
export function waitAfter(attempts: number, schedule: readonly number[], random: number): number | undefined {
  const most = schedule[attempts - 1];
  // Half of it at least: a jitter down to nothing would try again at once.
  return most === undefined ? undefined : most / 2 + (random * most) / 2;
}

/** The wait that a `Retry-After` header asks for (RFC 9110, section 10.2.3: seconds or a date), milliseconds, capped; undefined if it says nothing. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const wait = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MOST_RETRY_AFTER);
}
