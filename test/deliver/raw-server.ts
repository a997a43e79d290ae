import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A request as it came over the wire. */
export interface RawRequest {
  readonly head: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Which connection it came on, from 0. */
  readonly connection: number;
}

/** An endpoint that may break every rule of HTTP: it writes bytes. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RawRequest[];
  /** All that were ever made. */
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

/** Starts an endpoint that does with each whole request what it is told. */
export async function startRawServer(
  answer: (socket: Socket, request: RawRequest) => void,
  connected?: (socket: Socket) => void,
): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    // A peer that goes away is a part of the tests.
    socket.on('error', () => {});
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let next = readRequest(bytes, connection); next !== undefined; next = readRequest(bytes, connection)) {
        bytes = bytes.subarray(next.length);
        requests.push(next.request);
        answer(socket, next.request);
      }
    });
    connected?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/in?tenant=7`,
    port,
    requests,
    sockets,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function readRequest(bytes: Buffer, connection: number): { readonly request: RawRequest; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [head = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':'));
    // Doubled names would go unseen in a map.
    if (headers.has(name.toLowerCase())) throw new Error(`header ${name} came twice`);
    headers.set(name.toLowerCase(), line.slice(name.length + 1).trim());
  }
  const start = end + 4;
  const length = start + Number(headers.get('content-length') ?? 0);
  return bytes.length < length ? undefined : { request: { head, headers, body: bytes.subarray(start, length), connection }, length };
}

/** A whole answer. */
export function response(status: number | string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const lines = Object.entries({ 'content-length': String(body.length), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Some Reason\r\n${lines.join('')}\r\n${body}`;
}

/** Writes a text byte by byte, one each so many milliseconds, as long as somebody listens; the text over and over, if it is to last. */
export function drip(socket: Socket, text: string, every: number): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] as string), every);
  socket.on('close', () => clearInterval(timer));
}
