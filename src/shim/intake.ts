import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { isBad, readBuffer } from '../parse/reader.ts';
import type { Authenticator } from './auth.ts';
import type { Core, Refusal } from './core.ts';
import { Refused } from './core.ts';
import type { Verdict } from './engine.ts';
import { badFraming, mediaTypeOf, readBody } from './http-guard.ts';

/** Limits of the intake. Times in milliseconds, sizes in bytes. */
export interface IntakeLimits {
  readonly maxBody: number;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
  readonly maxConnections: number;
  /** Bodies that may be in memory at once. */
  readonly maxInFlight: number;
}

/** What the intake tells whoever watches. */
export interface IntakeWatch {
  answered(status: number, code: string): void;
}

const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
const KEEP_ALIVE = 5_000;
const CHECK_EVERY = 1_000;
const MAX_HEADER = 16 * 1024;

/** Takes events in over HTTP: `POST /events` with one event, an array, or NDJSON. 202 only when they are on disk. */
export function createIntake(core: Core, auth: Authenticator, limits: IntakeLimits, watch: IntakeWatch): Server {
  let inFlight = 0;
  const answer = (response: ServerResponse, status: number, code: string, body: object, after?: number): void => {
    watch.answered(status, code);
    if (response.headersSent || response.destroyed) return;
    const text = `${JSON.stringify(body)}\n`;
    if (after !== undefined) response.setHeader('retry-after', after);
    // What was not read of a refused request must not be taken for the next one.
    if (status >= 400) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
  };
  const refuse = (response: ServerResponse, status: number, code: string, after?: number): void =>
    answer(response, status, code, { error: code }, after);
  const unavailable = (response: ServerResponse, { code, after }: Refusal): void => refuse(response, 503, code, after);

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bad = badFraming(request);
    if (bad !== undefined) return refuse(response, bad.status, bad.code);
    if (!auth.mayAsk(request.socket.remoteAddress)) return refuse(response, 403, 'address');
    const [path = ''] = (request.url ?? '').split('?');
    if (!auth.isIntake(path)) return refuse(response, 404, 'not-found');
    if (request.method !== 'POST') return refuse(response, 405, 'method');
    const type = mediaTypeOf(request.headers['content-type']);
    if (type === undefined) return refuse(response, 415, 'content-type');
    const refusal = core.refusal();
    if (refusal !== undefined) return unavailable(response, refusal);
    const expected = Number(request.headers['content-length'] ?? limits.maxBody);
    if (inFlight + Math.min(expected, limits.maxBody) > limits.maxInFlight) return refuse(response, 503, 'busy', 1);
    const reserved = Math.min(expected, limits.maxBody);
    inFlight += reserved;
    try {
      const body = await readBody(request, limits.maxBody);
      if (body === undefined) return refuse(response, 413, 'too-large');
      if (!auth.maySend(request, path, body, Math.floor(Date.now() / 1000))) return refuse(response, 401, 'unauthorized');
      const records = recordsOf(body, type, core, limits);
      if (records === undefined) return refuse(response, 400, 'not-json');
      const verdicts = await core.submit(records);
      answer(response, 202, 'accepted', resultOf(verdicts));
    } catch (error) {
      if (error instanceof Refused) return unavailable(response, error.refusal);
      // The sender has gone, or its connection broke: nothing was stored.
      if (request.destroyed && !request.complete) return;
      throw error;
    } finally {
      inFlight -= reserved;
    }
  };

  const server = createServer(
    { maxHeaderSize: MAX_HEADER, requireHostHeader: false, connectionsCheckingInterval: CHECK_EVERY },
    (request, response) => {
      void take(request, response).catch(() => refuse(response, 500, 'internal'));
    },
  );
  server.headersTimeout = HEADERS_TIMEOUT;
  server.requestTimeout = REQUEST_TIMEOUT;
  server.keepAliveTimeout = KEEP_ALIVE;
  server.maxConnections = limits.maxConnections;
  server.on('checkContinue', (_request, response: ServerResponse) => refuse(response, 417, 'expect'));
  server.on('checkExpectation', (_request, response: ServerResponse) => refuse(response, 417, 'expect'));
  const hangUp = (_request: IncomingMessage, socket: Socket): void => endWith(socket, 400);
  server.on('upgrade', hangUp);
  server.on('connect', hangUp);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    watch.answered(status, 'malformed');
    endWith(socket, status);
  });
  return server;
}

const REASONS: Readonly<Record<number, string>> = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' };

function endWith(socket: Socket, status: number): void {
  if (!socket.writable) return;
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Bad Request'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

/** The records of a body; undefined if it cannot be read as a whole. */
function recordsOf(
  body: Buffer,
  type: 'application/json' | 'application/x-ndjson',
  core: Core,
  { maxLine, dupKeys }: IntakeLimits,
): readonly (RecordView | BadRecord)[] | undefined {
  const format = type === 'application/x-ndjson' ? 'ndjson' : firstByte(body) === 0x5b ? 'array' : 'concatenated';
  try {
    const { items } = readBuffer(body, { source: 0, maxLine, dupKeys, format, shapes: core.shapes });
    // One event alone that is no JSON is a body that cannot be read.
    const isBroken =
      format === 'concatenated' && items.some((item) => isBad(item) && (item.code === 'bad-json' || item.code === 'bad-utf8'));
    return isBroken || (format === 'concatenated' && items.length !== 1) ? undefined : items;
  } catch (error) {
    if (error instanceof UpcastError) return undefined;
    throw error;
  }
}

function firstByte(body: Buffer): number | undefined {
  return body.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}

function resultOf(verdicts: readonly Verdict[]): object {
  const rejected = verdicts.flatMap((verdict, index) =>
    verdict.kind === 'rejected' ? [{ index, code: verdict.code, message: verdict.message }] : [],
  );
  const count = (kind: Verdict['kind']): number => verdicts.filter((verdict) => verdict.kind === kind).length;
  return { accepted: count('accepted'), duplicates: count('duplicate'), rejected };
}
