import type { Attempt } from '../deliver/client.ts';
import { createRateLimit } from '../deliver/rate.ts';
import { REPLAY_SCHEDULE } from '../deliver/schedule.ts';
import { createSender } from '../deliver/sender.ts';
import type { Sender, SenderHooks, SenderOptions } from '../deliver/sender-api.ts';
import { clientOf } from './client-of.ts';
import type { Committer } from './committer.ts';
import type { ReplayEvent } from './event.ts';
import type { ReplayFiles } from './files.ts';
import type { ReplayJob } from './job.ts';
import type { Pace } from './pace.ts';
import type { Patience } from './patience.ts';
import type { Progress } from './progress.ts';
import { deadLine, receiptLine } from './receipts.ts';
import type { Series } from './series.ts';

/** An event on its way. Times are monotonic milliseconds. */
export interface Item extends ReplayEvent {
  /** Where it stands on the schedule. */
  readonly offset: number;
  tries: number;
  begun: number;
}

/** What sending works with, and tells. */
export interface SendingParts {
  readonly job: ReplayJob;
  readonly progress: Progress;
  readonly files: ReplayFiles;
  readonly committer: Committer;
  readonly pace: Pace;
  readonly patience: Patience;
  readonly series: Series;
  readonly started: number;
  readonly watch: (attempt: Attempt, seconds: number, events: number) => void;
  /** It cannot go on. */
  readonly failed: (error: unknown) => void;
  /** An event has ended: there is room for another. */
  readonly ended: () => void;
}

/** The sender of a replay, and how it does. */
export interface Sending {
  readonly sender: Sender<Item>;
  /** Events that this run has begun to send. */
  readonly sent: number;
  /** How late the last of them was, milliseconds. */
  readonly lag: number;
  /** Event times of what was sent: of the first, the last, and the least and the greatest; Unix milliseconds. */
  readonly span: { readonly from: number; readonly to: number; readonly last: number } | undefined;
}

/** At full speed nothing is due at a time. */
function lagOf(pace: Pace, { offset }: Item, now: number): number {
  return Number.isFinite(pace.speed) ? Math.max(0, now - pace.due(offset)) : 0;
}

const LINE_FEED = Buffer.from('\n');

/** Makes the sender: what becomes of each event is counted, listed and kept. */
export function createSending(parts: SendingParts): Sending {
  const { job, progress, files, pace, patience, series, started } = parts;
  const { counts } = progress;
  const { change, kept } = parts.committer;
  const { target } = job;
  let sent = 0;
  let lag = 0;
  let span: Sending['span'];
  const first = (item: Item, now: number): void => {
    item.begun = now;
    sent += 1;
    lag = lagOf(pace, item, now);
    span = { from: Math.min(span?.from ?? item.time, item.time), to: Math.max(span?.to ?? item.time, item.time), last: item.time };
    series.sent(now - started, Number.isFinite(pace.speed) ? lag : undefined);
  };
  const end = (item: Item, status: 'delivered' | 'failed', code?: string): void => {
    const now = performance.now();
    const latency = now - item.begun;
    series.answered(now - started, latency, status);
    counts[status] += 1;
    if (job.receipts !== undefined) files.add('receipts', receiptLine(item, { status, attempts: item.tries, latency, code }));
    progress.end(item.seq);
    parts.ended();
  };
  const hooks: SenderHooks<Item> = {
    more() {},
    sending(items) {
      const now = performance.now();
      for (const item of items) {
        item.tries += 1;
        counts.attempts += 1;
        if (item.tries === 1) first(item, now);
        else counts.retries += 1;
      }
    },
    delivered: (item) =>
      change(() => {
        if (target.kind === 'file') files.add('events', Buffer.concat([item.body, LINE_FEED]));
        end(item, 'delivered');
      }),
    again(item) {
      const now = performance.now();
      series.answered(now - started, now - item.begun, 'again');
    },
    dead: (item, code, detail) =>
      change(() => {
        files.add('deadLetters', deadLine(item, code, detail, item.tries));
        end(item, 'failed', code);
      }),
    disabled() {},
    // What is written to a file is committed with the fact that it was: until then neither has happened.
    ...(target.kind === 'http' ? { kept } : {}),
    attempt(attempt, seconds, events) {
      patience.attempt(attempt, performance.now());
      parts.watch(attempt, seconds, events);
    },
    state: patience.state,
  };
  const sender = createSender<Item>({
    client: clientOf(target, parts.failed),
    // The lines of a file stand in the order of the stream.
    ...(target.kind === 'http' ? { concurrency: target.client.concurrency, batch: target.batch } : { concurrency: 1, batch: 1 }),
    rate: rateOf(job),
    schedule: REPLAY_SCHEDULE,
    now: () => performance.now(),
    random: Math.random,
    disabled: false,
    hooks,
  });
  return {
    sender,
    get sent() {
      return sent;
    },
    get lag() {
      return lag;
    },
    get span() {
      return span;
    },
  };
}

function rateOf({ tempo, target }: ReplayJob): SenderOptions<Item>['rate'] {
  if (tempo.rate !== undefined) return { limit: createRateLimit(tempo.rate), of: 'events' };
  const requests = target.kind === 'http' ? target.maxRequests : undefined;
  return requests === undefined ? undefined : { limit: createRateLimit(requests), of: 'requests' };
}
