import { Pool } from 'undici';
import type { AllowedNet } from './guard.ts';
import { guardedLookup } from './guard.ts';
import { retryAfter } from './schedule.ts';
import type { SigningKey } from './signature.ts';
import { sign } from './signature.ts';

/** Where events are sent, and how. Times in milliseconds. */
export interface Target {
  readonly url: URL;
  /** Sent with every request, beside those that a delivery needs. */
  readonly headers: Readonly<Record<string, string>>;
  /** Requests are signed with each of them. */
  readonly keys: readonly SigningKey[];
  /** Requests at once. */
  readonly concurrency: number;
  /** For a whole attempt, from the connection to the head of the answer. */
  readonly deadline: number;
  /** Certificates to trust beside the system's, PEM. */
  readonly ca: string | undefined;
  readonly allowed: readonly AllowedNet[];
}

/**
 * What came of an attempt:
 * - `delivered`: 2xx
 * - `again`: 408, 425, 429 or 5xx; the event is to be sent again, `wait` (milliseconds) if the endpoint said when
 * - `unreachable`: no answer; as far as anybody knows it was not the event's fault
 * - `unauthorized`: 401 or 403; `gone`: 410; `refused`: any other answer, redirects too
 */
export interface Attempt {
  readonly outcome: 'delivered' | 'again' | 'unreachable' | 'unauthorized' | 'gone' | 'refused';
  readonly status: number | undefined;
  readonly wait: number | undefined;
  /** For a person: `503`, `ECONNREFUSED`; never what the endpoint wrote. */
  readonly detail: string;
}

/** Sends events to one endpoint. */
export interface Client {
  /** One attempt. `id` is the same for each attempt of one event. `now`: Unix milliseconds, for the signature. */
  send(id: string, body: Uint8Array, now: number): Promise<Attempt>;
  /** Ends what is under way and closes all connections. */
  close(): Promise<void>;
}

const CONNECT = 5_000;
const KEEP_ALIVE = 30_000;
/** More of an answer is not read. */
const MOST_ANSWER = 64 * 1024;

/** A client with a pool of connections that stay open. */
export function createClient(target: Target): Client {
  const { url, deadline } = target;
  const pool = new Pool(url.origin, {
    connections: target.concurrency,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE,
    headersTimeout: deadline,
    bodyTimeout: deadline,
    connect: {
      timeout: Math.min(CONNECT, deadline),
      lookup: guardedLookup(target.allowed),
      ...(target.ca === undefined ? {} : { ca: target.ca }),
    },
  });
  const path = `${url.pathname}${url.search}`;
  return {
    async send(id, body, now) {
      const seconds = Math.floor(now / 1000);
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        'user-agent': 'ccc-upcast',
        ...target.headers,
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'idempotency-key': id,
      };
      if (target.keys.length > 0) headers['webhook-signature'] = sign(target.keys, id, seconds, body);
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), deadline);
      try {
        const answer = await pool.request({ path, method: 'POST', headers, body, signal: stop.signal });
        const { 'retry-after': after } = answer.headers;
        // What comes behind the head changes nothing any more; read, so that the connection can be used again.
        await answer.body.dump({ limit: MOST_ANSWER, signal: stop.signal }).catch(() => {});
        return judge(answer.statusCode, typeof after === 'string' ? after : undefined, now);
      } catch (error) {
        return { outcome: 'unreachable', status: undefined, wait: undefined, detail: stop.signal.aborted ? 'deadline' : codeOf(error) };
      } finally {
        clearTimeout(timer);
      }
    },
    async close() {
      await pool.destroy();
    },
  };
}

function judge(status: number, after: string | undefined, now: number): Attempt {
  const answer = (outcome: Attempt['outcome'], wait?: number): Attempt => ({ outcome, status, wait, detail: String(status) });
  if (status >= 200 && status < 300) return answer('delivered');
  if (status === 408 || status === 425 || status === 429 || status >= 500) return answer('again', retryAfter(after, now));
  if (status === 401 || status === 403) return answer('unauthorized');
  return answer(status === 410 ? 'gone' : 'refused');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}
