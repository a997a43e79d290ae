import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdTable } from '../../src/event/ids.ts';
import { createLog } from '../../src/observe/log.ts';
import type { IntakeLimits } from '../../src/shim/intake.ts';
import type { EndpointOptions, ShimOptions } from '../../src/shim/options.ts';
import type { Shim } from '../../src/shim/serve.ts';
import { startShim } from '../../src/shim/serve.ts';
import { watchPages } from '../support/canary.ts';
import { mappingNamed } from '../support/stream.ts';

/** A request that a sink got. */
export interface Got {
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** An endpoint of a test: remembers what it got and answers as it is told. */
export interface Sink {
  readonly url: string;
  readonly got: readonly Got[];
  /** How the next requests are answered; 200 unless told. */
  answer: (got: Got, response: ServerResponse) => void;
  /** Waits until so many requests came. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const got: Got[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const sink = {
    got,
    answer: (_got: Got, response: ServerResponse): void => void response.writeHead(200).end(),
    until: (count: number): Promise<void> =>
      new Promise((resolve) => {
        if (got.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const each = { id: String(request.headers['webhook-id']), headers: request.headers, text: Buffer.concat(chunks).toString('utf8') };
      got.push(each);
      sink.answer(each, response);
      const ready = waiting.filter(({ count }) => got.length >= count);
      waiting = waiting.filter(({ count }) => got.length < count);
      for (const { resolve } of ready) resolve();
    });
  });
  const port = await listening(server);
  return Object.assign(sink, { url: `http://127.0.0.1:${port}/in`, close: () => closed(server) });
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

export async function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await done;
}

/** A folder that is removed by who calls `remove`. */
export function folderFor(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `ccc-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function endpoint(url: string, change: Partial<EndpointOptions> = {}): EndpointOptions {
  return {
    name: url,
    url: new URL(url),
    headers: {},
    keys: [],
    concurrency: 8,
    deadline: 2_000,
    batch: 1,
    rate: undefined,
    types: undefined,
    profile: undefined,
    ca: undefined,
    allowed: [],
    ...change,
  };
}

export const LIMITS: IntakeLimits = {
  maxBody: 262_144,
  maxLine: 262_144,
  dupKeys: 'refuse',
  maxConnections: 10_000,
  maxInFlight: 64 * 2 ** 20,
  maxPerAddress: 100,
  maxRate: undefined,
};

/** What a shim of the tests translates with. */
export async function engineOptions(): Promise<ShimOptions['engine']> {
  const mapping = await mappingNamed('ccc-2.0');
  const { idle, retention } = mapping.waits;
  return { mapping, profiles: [], ids: createIdTable([]), timeZone: 'Asia/Shanghai', hold: 300, idle, retention };
}

/** A shim on ports of its own, with its state in a folder, and what it logged. */
export interface TestShim extends Shim {
  readonly url: string;
  readonly adminUrl: string;
  readonly log: readonly string[];
  /** Begins again with paused and disabled endpoints, and with other settings if they are given. */
  resume(change?: Partial<ShimOptions>): void;
}

export async function startTestShim(
  folder: string,
  endpoints: readonly EndpointOptions[],
  change: Partial<ShimOptions> = {},
): Promise<TestShim> {
  const log: string[] = [];
  const options: ShimOptions = {
    state: join(folder, 'shim.db'),
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    engine: await engineOptions(),
    limits: LIMITS,
    auth: { tokens: [], keys: [], pathSecrets: [], networks: [], certificates: undefined },
    tls: undefined,
    endpoints,
    dual: undefined,
    maxOutbox: 1_000_000,
    minFree: 0,
    keep: 86_400_000,
    capture: undefined,
    warmFrom: undefined,
    version: '0.0.0',
    ...change,
  };
  const shim = await startShim(options, createLog({ write: (text) => log.push(text) }, 'debug'));
  const adminUrl = `http://127.0.0.1:${shim.admin.port}`;
  const stop = shim.stop;
  return Object.assign(shim, {
    async stop() {
      await watchPages(adminUrl);
      await stop();
    },
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${shim.listen.port}/events`,
    adminUrl,
    log,
    resume: (other: Partial<ShimOptions> = {}) => shim.reload({ ...options, ...other }),
  });
}

/** Posts a body; gives status, headers and the answer as JSON. */
export async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly json: unknown }> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson', ...headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
}

/** A 1.0 event that needs no context. */
export function agentReady(agent: string, second: number): string {
  const time = new Date(Date.UTC(2021, 2, 1) + second * 1000).toISOString();
  return JSON.stringify({ EventTime: time, EventType: 'AgentReady', agentId: `${agent}@old`, instanceId: 'i', result: '0' });
}
