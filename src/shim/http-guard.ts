import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Why a request is not even looked at: status and a code. */
export interface BadRequest {
  readonly status: 400 | 404 | 405 | 413 | 415 | 417 | 431;
  readonly code: string;
}

const MOST_HEADERS = 100;
/** A token of RFC 9110 without the underscore: proxies map it to a hyphen, so it can be used to smuggle a header. */
const HEADER_NAME = /^[!#$%&'*+.^`|~0-9A-Za-z-]+$/;
/** A name or an address, and a port: what stands in front of us must not find another host in it. An underscore is in names of containers. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;
/** Origin form (RFC 9112, 3.2.1) of visible ASCII; without `#`, where others end it, and `\`, which is a slash to others. */
const TARGET = /^\/[!$-;=?-[\]-~]*$/;
/** As Node shows it, the parser takes HTTP/0.9 and 2.0 as well. */
const VERSION = /^1\.[01]$/;
/** Without leading zeros, which make a number octal to some. */
const LENGTH = /^(?:0|[1-9]\d*)$/;

/**
 * What Node's parser lets through although another server may read it in another way: refused, since what stands in front of us may be that
 * server (HTTP request smuggling). RFC 9112, sections 3.2, 6.1 and 6.3.
 */
export function badFraming(request: IncomingMessage): BadRequest | undefined {
  const { rawHeaders, headers, url = '', httpVersion } = request;
  const refuse = (code: string, status: BadRequest['status'] = 400): BadRequest => ({ status, code });
  if (rawHeaders.length / 2 > MOST_HEADERS) return refuse('too-many-headers', 431);
  const counts = new Map<string, number>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!HEADER_NAME.test(name)) return refuse('header-name');
    counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  }
  if (!VERSION.test(httpVersion)) return refuse('version');
  if (counts.get('host') !== 1 || !HOST.test(headers.host ?? '')) return refuse('host');
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'authorization'])
    if ((counts.get(name) ?? 0) > 1) return refuse(name);
  if (!TARGET.test(url)) return refuse('target');
  if (!LENGTH.test(headers['content-length'] ?? '0')) return refuse('content-length');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersion !== '1.1' || coding.toLowerCase() !== 'chunked')) return refuse('transfer-encoding');
  if (counts.has('content-encoding') && headers['content-encoding'] !== 'identity') return refuse('content-encoding', 415);
  if (counts.has('expect')) return refuse('expect', 417);
  if (counts.has('upgrade')) return refuse('upgrade');
  return undefined;
}

/** The media type of a request, without its parameters; undefined if it is not one that is taken, or in another charset than UTF-8. */
export function mediaTypeOf(header: string | undefined): 'application/json' | 'application/x-ndjson' | undefined {
  const [type = '', ...parameters] = (header ?? '').split(';').map((each) => each.trim().toLowerCase());
  if (type !== 'application/json' && type !== 'application/x-ndjson') return undefined;
  const isUtf8 = parameters.every((each) => !each.startsWith('charset') || /^charset="?utf-?8"?$/.test(each));
  return isUtf8 ? type : undefined;
}

/** Why a body is not taken. */
export type BadBody = 'too-large' | 'busy' | 'trailers';

/** Bytes of bodies that are in memory, of all requests together. */
export interface Memory {
  readonly most: number;
  used: number;
}

/**
 * Reads a body of at most `most` bytes and has `work` done with it, or with the reason why it is not taken, which is known as early as
 * possible. What has come counts as used until the work is done, and not what was announced: those who announce much and send nothing would
 * keep everybody else out. Rejects if the sender goes away.
 */
export async function withBody(
  request: IncomingMessage,
  most: number,
  memory: Memory,
  work: (body: Buffer | BadBody) => Promise<void> | void,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? '0') > most) return work('too-large');
  const read = await bodyOf(request, most, memory);
  try {
    await work(read.bad ?? read.body.subarray(0, read.size));
  } finally {
    memory.used -= read.counted;
    // The rest of what is not taken is not read.
    if (read.bad !== undefined) request.destroy();
  }
}

interface ReadBody {
  readonly body: Buffer;
  readonly size: number;
  /** Bytes that count as used. */
  readonly counted: number;
  readonly bad?: BadBody;
}

const EMPTY = Buffer.alloc(0);

/** Listeners and not `for await`, which makes several promises for each request. */
function bodyOf(request: IncomingMessage, most: number, memory: Memory): Promise<ReadBody> {
  const announced = Number(request.headers['content-length'] ?? -1);
  // One buffer that grows: a list of chunks takes a hundred times the memory of a body that is sent in chunks of one byte.
  let body: Buffer = EMPTY;
  let size = 0;
  let counted = 0;
  return new Promise((resolve, reject) => {
    const end = (bad?: BadBody): void => {
      request.off('data', take);
      resolve(bad === undefined ? { body, size, counted } : { body, size, counted, bad });
    };
    const keep = (chunk: Buffer, needed: number): void => {
      // Nearly always it comes in one piece.
      if (size === 0 && needed === announced) body = chunk;
      else {
        if (needed > body.length) body = Buffer.concat([body.subarray(0, size)], counted);
        chunk.copy(body, size);
      }
      size = needed;
    };
    const take = (chunk: Buffer): void => {
      const needed = size + chunk.length;
      const room = needed > counted ? Math.min(most, Math.max(needed, 2 * counted)) : counted;
      if (needed > most) end('too-large');
      else if (memory.used + room - counted > memory.most) end('busy');
      else {
        memory.used += room - counted;
        counted = room;
        keep(chunk, needed);
      }
    };
    request.on('data', take);
    // To some they are headers (a second length, another host), and no sender of events has a use for them.
    request.on('end', () => end(request.rawTrailers.length > 0 ? 'trailers' : undefined));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the sender has gone'));
    });
  }).catch((error: unknown) => {
    memory.used -= counted;
    throw error;
  }) as Promise<ReadBody>;
}

/** Keeps the order of the requests of each connection; with the first one that is refused the connection has ended. */
export interface Turns {
  /** Does `work` when what came before on the connection is answered, and never if something of it was refused. */
  take(request: IncomingMessage, work: () => Promise<void> | void): void;
  /** Nothing more of a connection is taken; false if that was known. */
  end(socket: Socket): boolean;
  /** Resolves when the complete requests of a connection are answered. */
  answered(socket: Socket): Promise<void>;
}

/**
 * Node gives a request to its listener as soon as it is parsed, though the one before it may be refused later: its bytes may be, for what
 * stands in front of us, content of the refused one.
 */
export function createTurns(): Turns {
  const ended = new WeakSet<Socket>();
  const last = new WeakMap<Socket, { readonly request: IncomingMessage; readonly before: Promise<void>; readonly done: Promise<void> }>();
  return {
    take(request, work) {
      const { socket } = request;
      const before = last.get(socket)?.done ?? Promise.resolve();
      const done = before.then(() => (ended.has(socket) ? undefined : work()));
      last.set(socket, { request, before, done });
    },
    end(socket) {
      const isNew = !ended.has(socket);
      ended.add(socket);
      return isNew;
    },
    async answered(socket) {
      const { request, before, done } = last.get(socket) ?? {};
      // One that is broken in its content has no end to wait for.
      await (request?.complete === true ? done : before);
    },
  };
}
