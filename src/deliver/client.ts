import { Pool } from 'undici';
import type { ExchangeWatch } from './exchange.ts';
import { Exchange } from './exchange.ts';
import type { AllowedNet, Resolver } from './guard.ts';
import { guardedLookup, hostRefusal } from './guard.ts';
import { retryAfter } from './schedule.ts';
import type { SigningKey } from './signature.ts';
import { sign } from './signature.ts';

/** Headers of a delivery, by their names in Standard Webhooks and in draft-ietf-httpapi-idempotency-key-header. */
export const DELIVERY_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'idempotency-key'] as const;

/** One of them. */
export type DeliveryHeader = (typeof DELIVERY_HEADERS)[number];

/** Where events are sent, and how. Times in milliseconds. */
export interface Target {
  readonly url: URL;
  /** Sent with every request, beside those that a delivery needs, which win. */
  readonly headers: Readonly<Record<string, string>>;
  /** Other names, in lower case, for headers of the delivery; null: it is not sent. */
  readonly headerNames?: { readonly [header in DeliveryHeader]?: string | null };
  /** Requests are signed with each of them. */
  readonly keys: readonly SigningKey[];
  /** Requests at once. */
  readonly concurrency: number;
  /** For a whole attempt, from the connection to the head of the answer. */
  readonly deadline: number;
  /** Certificates to trust, and no others: PEM. Undefined: those that Node trusts. */
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
  /**
   * One attempt. `id` is the same for each attempt of one event. `now`: Unix milliseconds, for the signature. `begun`: called when a
   * connection takes the request, which may be later.
   */
  send(id: string, body: Uint8Array, now: number, begun?: () => void): Promise<Attempt>;
  /** Ends what is under way and closes all connections. */
  close(): Promise<void>;
}

const CONNECT = 5_000;
const KEEP_ALIVE = 30_000;

/** A client with a pool of connections that stay open. `resolve`: how names are looked up, unless by the system. */
export function createClient(target: Target, resolve?: Resolver): Client {
  const { url, deadline, concurrency } = target;
  const pool = createPool(target, resolve);
  const path = `${url.pathname}${url.search}`;
  // An address is connected to without being looked up.
  const refused = hostRefusal(url.hostname, target.allowed);
  const fixed = fixedHeaders(target);
  const names = DELIVERY_HEADERS.map((name) => target.headerNames?.[name] ?? (target.headerNames?.[name] === null ? null : name));
  /** Attempts that have no head yet. */
  let underWay = 0;
  /** Answers of which the rest is still coming, the oldest first; each holds a connection. */
  const trailing = new Set<Exchange>();
  const watch: ExchangeWatch = {
    headed(exchange) {
      underWay -= 1;
      trailing.add(exchange);
    },
    ended: (exchange) => trailing.delete(exchange),
  };
  const makeRoom = (): void => {
    for (const oldest of trailing) {
      if (underWay + trailing.size < concurrency) return;
      oldest.stop();
    }
  };
  return {
    async send(id, body, now, begun = nothing) {
      if (refused !== undefined) return unreachable('EADDRREFUSED');
      makeRoom();
      underWay += 1;
      const exchange = new Exchange(deadline, watch, begun);
      const headers = { ...fixed };
      deliveryValues(target.keys, id, body, now).forEach((value, index) => {
        const name = names[index];
        if (name !== undefined && name !== null && value !== undefined) headers[name] = value;
      });
      pool.dispatch({ path, method: 'POST', headers, body }, exchange);
      const answer = await exchange.answer;
      if ('error' in answer) return unreachable(codeOf(answer.error));
      const { 'retry-after': after } = answer.headers;
      return judge(answer.status, typeof after === 'string' ? after : undefined, now);
    },
    async close() {
      await pool.destroy();
    },
  };
}

const nothing = (): void => {};

function createPool({ url, concurrency, deadline, ca, allowed }: Target, resolve: Resolver | undefined): Pool {
  return new Pool(url.origin, {
    connections: concurrency,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE,
    headersTimeout: deadline,
    bodyTimeout: deadline,
    connect: {
      timeout: Math.min(CONNECT, deadline),
      lookup: guardedLookup(allowed, resolve),
      // Said, because the environment can switch off what Node does by itself (NODE_TLS_REJECT_UNAUTHORIZED, --tls-min-v1.0).
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
    },
  });
}

/** Names in lower case: one that differs only by case from another would be sent beside it. */
function fixedHeaders({ headers }: Target): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { 'content-type': 'application/json', 'user-agent': 'ccc-upcast', ...Object.fromEntries(own) };
}

/** The values of {@link DELIVERY_HEADERS}; a signature only where there are keys. */
function deliveryValues(keys: readonly SigningKey[], id: string, body: Uint8Array, now: number): readonly (string | undefined)[] {
  const seconds = Math.floor(now / 1000);
  return [id, String(seconds), keys.length === 0 ? undefined : sign(keys, id, seconds, body), id];
}

function unreachable(detail: string): Attempt {
  return { outcome: 'unreachable', status: undefined, wait: undefined, detail };
}

function judge(status: number, after: string | undefined, now: number): Attempt {
  const answer = (outcome: Attempt['outcome'], wait?: number): Attempt => ({ outcome, status, wait, detail: String(status) });
  if (status >= 200 && status < 300) return answer('delivered');
  if (status === 408 || status === 425 || status === 429 || status >= 500) return answer('again', retryAfter(after, now));
  if (status === 401 || status === 403) return answer('unauthorized');
  return answer(status === 410 ? 'gone' : 'refused');
}

/** Some errors have no code: what is no HTTP at all is an `HTTPParserError`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
