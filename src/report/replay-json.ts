import { EXIT, UpcastError } from '../errors.ts';
import type { ReplayResult } from '../replay/result.ts';
import type { Stretch } from '../replay/series.ts';
import type { Survey } from '../replay/survey.ts';
import type { Verification } from '../replay/verify.ts';
import { isReplayBalanced } from './replay-text.ts';

/** Raised when a key changes its meaning or goes away; new keys do not raise it. */
const FORMAT = 1;

/**
 * A replay's result as JSON with stable keys:
 *
 * - `format` (1), `ending` (`done`, `stopped`, `gave-up`, `again`), `inputs`, `target`, `seconds`, `error` {code, message} or null
 * - `events` {meant, delivered, failed, balanced}: of all runs; `earlier` {delivered, failed}: of those before this one
 * - `attempts`, `retries`: of all runs
 * - `read` {events, skipped, notEvents, idsFromContent, bytes}: of the first round
 * - `eventTimes` {from, to} in ISO 8601, or null; `lagMs` and `latencyMs` {median, p99, max} or null: of this run
 * - `files` [{kind, path, lines}]
 * - `series` {widthMs, stretches [{planned, sent, delivered, failed, again, lagMs, latencyMs}]}
 */
export function renderReplayJson(result: ReplayResult): string {
  const { counts, before, read, span, series, error } = result;
  const total = series.total();
  return `${JSON.stringify({
    format: FORMAT,
    ending: result.ending,
    inputs: result.inputs,
    target: result.target,
    seconds: round(result.seconds),
    error: error === undefined ? null : errorOf(error),
    events: { meant: read.meant, delivered: counts.delivered, failed: counts.failed, balanced: isReplayBalanced(result) },
    earlier: { delivered: before.delivered, failed: before.failed },
    attempts: counts.attempts,
    retries: counts.retries,
    read: { events: read.events, skipped: read.skipped, notEvents: read.noEvents, idsFromContent: read.made, bytes: read.bytes },
    eventTimes: span === undefined ? null : { from: iso(span.from), to: iso(span.to) },
    lagMs: spread(total.lag),
    latencyMs: spread(total.latency),
    files: result.files,
    series: {
      widthMs: series.width,
      stretches: series.stretches.map(({ planned, sent, delivered, failed, again, lag, latency }) => ({
        planned,
        sent,
        delivered,
        failed,
        again,
        lagMs: spread(lag),
        latencyMs: spread(latency),
      })),
    },
  })}\n`;
}

/** What `--dry-run --json` prints: `format`, `inputs`, `target`, `events`, `skipped`, `notEvents`, `idsFromContent`, `contacts` (null: more than five million), `types`, `eventTimes`, `longestGap` {ms, at}, `outOfOrder`, `durationMs`, `endless` (then it is said of one round). */
export function renderSurveyJson(survey: Survey): string {
  const { inputs, target, read, contacts, types, span, longestGap, outOfOrder, duration, isEndless } = survey;
  return `${JSON.stringify({
    format: FORMAT,
    inputs,
    target,
    events: read.meant,
    skipped: read.skipped,
    notEvents: read.noEvents,
    idsFromContent: read.made,
    contacts: contacts ?? null,
    types: Object.fromEntries([...types].sort((a, b) => (a[0] < b[0] ? -1 : 1))),
    eventTimes: span === undefined ? null : { from: iso(span.from), to: iso(span.to) },
    longestGap: longestGap === undefined ? null : { ms: longestGap.ms, at: iso(longestGap.at) },
    outOfOrder,
    durationMs: Math.round(duration),
    endless: isEndless,
  })}\n`;
}

/** What `--verify --json` prints: the keys of {@link Verification}. */
export function renderVerificationJson(found: Verification): string {
  const { missing, unknown, failedButReceived } = found;
  const plain = ({ count, first }: Verification['missing']): object => ({ count, first });
  return `${JSON.stringify({
    format: FORMAT,
    delivered: found.delivered,
    failed: found.failed,
    received: found.received,
    repeats: found.repeats,
    missing: plain(missing),
    unknown: plain(unknown),
    failedButReceived: plain(failedButReceived),
  })}\n`;
}

function spread({ count, quantile, max }: Stretch['lag']): object | null {
  return count === 0 ? null : { median: round(quantile(0.5)), p99: round(quantile(0.99)), max: round(max) };
}

function errorOf(error: unknown): object {
  if (error instanceof UpcastError) return { code: error.code, exit: error.exit, message: error.message };
  return { code: 'internal', exit: EXIT.internal, message: String(error) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
