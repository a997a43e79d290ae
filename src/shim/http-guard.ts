import type { IncomingMessage } from 'node:http';

/** Why a request is not even looked at: status and a code. */
export interface BadRequest {
  readonly status: 400 | 404 | 405 | 413 | 415 | 417 | 431;
  readonly code: string;
}

const MOST_HEADERS = 100;
/** A token of RFC 9110 without the underscore: proxies map it to a hyphen, so it can be used to smuggle a header. */
const HEADER_NAME = /^[!#$%&'*+.^`|~0-9A-Za-z-]+$/;

/**
 * What Node's parser lets through although another server may read it in another way: refused, since what stands in front of us may be that
 * server (HTTP request smuggling). RFC 9112, sections 3.2, 6.1 and 6.3.
 */
export function badFraming(request: IncomingMessage): BadRequest | undefined {
  const { rawHeaders, url = '' } = request;
  const refuse = (code: string, status: BadRequest['status'] = 400): BadRequest => ({ status, code });
  if (rawHeaders.length / 2 > MOST_HEADERS) return refuse('too-many-headers', 431);
  const counts = new Map<string, number>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!HEADER_NAME.test(name)) return refuse('header-name');
    counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  }
  if (counts.get('host') !== 1) return refuse('host');
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'authorization'])
    if ((counts.get(name) ?? 0) > 1) return refuse(name);
  if (!url.startsWith('/')) return refuse('target');
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && (request.httpVersion !== '1.1' || coding.toLowerCase() !== 'chunked')) return refuse('transfer-encoding');
  if (counts.has('content-encoding') && request.headers['content-encoding'] !== 'identity') return refuse('content-encoding', 415);
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

/** Reads a body of at most `most` bytes; undefined if it is longer, which is known as early as possible. Rejects if the sender goes away. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length'] ?? '0');
  if (length > most) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
