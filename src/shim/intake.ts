import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import type { ReadingRoom } from '../parse/reader.ts';
import { createReadingRoom, isBad, readBuffer } from '../parse/reader.ts';
import type { Authenticator } from './auth.ts';
import { createClientRate, limitConnections } from './clients.ts';
import type { Core, Refusal } from './core-api.ts';
import { Refused } from './core-api.ts';
import type { Verdict } from './engine.ts';
import type { Turns } from './http-guard.ts';
import { badFraming, createTurns, mediaTypeOf, withBody } from './http-guard.ts';
import type { IntakeTls } from './tls.ts';
import { endBrokenHandshakes, secureContextOf } from './tls.ts';

/** Limits of the intake. Times in milliseconds, sizes in bytes. */
export interface IntakeLimits {
  readonly maxBody: number;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
  readonly maxConnections: number;
  /** Connections of one address; of the same machine any number. */
  readonly maxPerAddress: number;
  /** Events a second of one address; undefined: any number. */
  readonly maxRate: number | undefined;
  /** Bodies that may be in memory at once. */
  readonly maxInFlight: number;
  /** How long a sender may take; {@link IntakeTimes} has what holds unless told. */
  readonly times?: IntakeTimes;
}

/** How long the intake waits for a sender, milliseconds. */
export interface IntakeTimes {
  /** Until TLS is agreed on: 10 s. */
  readonly handshake: number;
  /** For the head of a request, from the begin of the connection: 10 s. */
  readonly headers: number;
  /** For a whole request: 30 s. */
  readonly request: number;
  /** For the next request: 5 s. */
  readonly keepAlive: number;
  /** For any sign of life, such as taking the answer: 60 s. */
  readonly idle: number;
  /** Between two looks at heads and requests: 1 s. */
  readonly check: number;
}

/** What the intake tells whoever watches. */
export interface IntakeWatch {
  answered(status: number, code: string): void;
  /** A connection was closed at once: its address holds too many. */
  refusedConnection(): void;
}

const TIMES: IntakeTimes = { handshake: 10_000, headers: 10_000, request: 30_000, keepAlive: 5_000, idle: 60_000, check: 1_000 };
const MAX_HEADER = 16 * 1024;

/** Takes events in over HTTP: `POST /events` with one event, an array, or NDJSON. 202 only when they are on disk. */
export function createIntake(core: Core, auth: Authenticator, limits: IntakeLimits, watch: IntakeWatch, tls?: IntakeTls): Server {
  const rate = limits.maxRate === undefined ? undefined : createClientRate(limits.maxRate);
  const memory = { most: limits.maxInFlight, used: 0 };
  const turns = createTurns();
  const room = createReadingRoom();
  const answer = (response: ServerResponse, status: number, code: string, body: object, after?: number): void => {
    watch.answered(status, code);
    // What was not read of a refused request must not be taken for the next one.
    if (status >= 400) turns.end(response.req.socket);
    if (response.headersSent || response.destroyed) return;
    const text = `${JSON.stringify(body)}\n`;
    if (after !== undefined) response.setHeader('retry-after', after);
    if (status >= 400) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
  };
  const refuse = (response: ServerResponse, status: number, code: string, after?: number): void =>
    answer(response, status, code, { error: code }, after);
  const unavailable = (response: ServerResponse, { code, after }: Refusal): void => refuse(response, 503, code, after);

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bad = badFraming(request);
    if (bad !== undefined) return refuse(response, bad.status, bad.code);
    const refused = auth.mayAsk(request.socket);
    if (refused !== undefined) return refuse(response, 403, refused);
    const [path = ''] = (request.url ?? '').split('?');
    if (!auth.isIntake(path)) return refuse(response, 404, 'not-found');
    if (request.method !== 'POST') return refuse(response, 405, 'method');
    const type = mediaTypeOf(request.headers['content-type']);
    if (type === undefined) return refuse(response, 415, 'content-type');
    const refusal = core.refusal();
    if (refusal !== undefined) return unavailable(response, refusal);
    try {
      await withBody(request, limits.maxBody, memory, async (body) => {
        if (body === 'too-large') return refuse(response, 413, body);
        if (body === 'busy') return refuse(response, 503, body, 1);
        if (body === 'trailers') return refuse(response, 400, body);
        if (!auth.maySend(request, path, body, Math.floor(Date.now() / 1000))) return refuse(response, 401, 'unauthorized');
        const records = recordsOf(body, type, core, limits, room);
        if (records === undefined) return refuse(response, 400, 'not-json');
        const wait = rate?.take(request.socket.remoteAddress ?? '', records.length, performance.now()) ?? 0;
        if (wait > 0) return refuse(response, 429, 'rate', Math.ceil(wait / 1000));
        const verdicts = await core.submit(records);
        answer(response, 202, 'accepted', resultOf(verdicts));
      });
    } catch (error) {
      if (error instanceof Refused) return unavailable(response, error.refusal);
      // The sender has gone, or its connection broke: nothing was stored.
      if (request.destroyed && !request.complete) return;
      throw error;
    }
  };

  const { times = TIMES } = limits;
  const options = { maxHeaderSize: MAX_HEADER, requireHostHeader: false, connectionsCheckingInterval: times.check };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    turns.take(request, () => take(request, response).catch(() => refuse(response, 500, 'internal')));
  const server =
    tls === undefined
      ? createServer(options, listener)
      : createSecureServer({ ...options, ...secureContextOf(tls), handshakeTimeout: times.handshake }, listener);
  server.headersTimeout = times.headers;
  server.requestTimeout = times.request;
  server.keepAliveTimeout = times.keepAlive;
  // Without it a sender that never reads its answer keeps the connection for ever.
  server.timeout = times.idle;
  server.maxConnections = limits.maxConnections;
  limitConnections(server, limits.maxPerAddress, watch.refusedConnection);
  const unexpected = (request: IncomingMessage, response: ServerResponse): void =>
    turns.take(request, () => refuse(response, 417, 'expect'));
  server.on('checkContinue', unexpected);
  server.on('checkExpectation', unexpected);
  hangUpOnStrangers(server, turns, watch);
  return server;
}

/** Ends connections on which something else than HTTP/1 is spoken, or nothing. */
function hangUpOnStrangers(server: Server, turns: Turns, watch: IntakeWatch): void {
  const strangers = new WeakSet<Socket>();
  const hangUp = (socket: Socket, status: number): void => {
    // Node does not listen any more to a connection that it gave away, and one that is reset would end the process.
    if (socket.listenerCount('error') === 0) socket.on('error', () => {});
    // The parser tells again with each packet that comes after the broken one.
    if (strangers.has(socket)) return;
    strangers.add(socket);
    // Not before the answers to what came whole before it: this one would be taken for theirs.
    void turns.answered(socket).then(() => {
      // Refused already, and closed with that.
      if (!turns.end(socket)) return;
      watch.answered(status, 'malformed');
      endWith(socket, status);
    });
  };
  endBrokenHandshakes(server, (socket) => strangers.add(socket));
  server.on('upgrade', (_request, socket: Socket) => hangUp(socket, 400));
  server.on('connect', (_request, socket: Socket) => hangUp(socket, 400));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    hangUp(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400),
  );
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
  room: ReadingRoom,
): readonly (RecordView | BadRecord)[] | undefined {
  const format = type === 'application/x-ndjson' ? 'ndjson' : firstByte(body) === 0x5b ? 'array' : 'concatenated';
  try {
    const { items } = readBuffer(body, { source: 0, maxLine, dupKeys, format, shapes: core.shapes }, room);
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
