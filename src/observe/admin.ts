import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { isIP } from 'node:net';
import type { MetricsPage } from './metrics.ts';

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

/** True if who asks is on this machine. */
export function isFromHere(request: IncomingMessage): boolean {
  return LOOPBACK.test(request.socket.remoteAddress ?? '');
}

/** What the admin port tells, and does. */
export interface AdminFacts {
  readonly version: string;
  /** Why the process does not do its work at the moment; empty if all is well. */
  readonly troubles: () => readonly string[];
  readonly metrics: MetricsPage;
  /** Answers a request that is for a page of its own; false: it is none of its. */
  readonly pages?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** What `PUT` to a path does, given the query; it answers what it returns, undefined: the query is not understood (400). */
  readonly actions?: Readonly<Record<string, (query: URLSearchParams) => object | undefined>>;
}

/** `/livez`, `/readyz`, `/metrics`, `/version`, and `PUT` to what can be done. */
export function createAdmin({ version, troubles, metrics, pages, actions = {} }: AdminFacts): Server {
  const text = (response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  };
  const json = (response: ServerResponse, status: number, body: object): void =>
    text(response, status, `${JSON.stringify(body)}\n`, 'application/json');
  const server = createServer((request, response) => {
    if (pages?.(request, response) === true) return;
    request.resume();
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const act = Object.hasOwn(actions, path) ? actions[path] : undefined;
    // PUT: a page of somebody else that is open in a browser here cannot send it; the name it would have to use is not ours either.
    if (request.method === 'PUT' && act !== undefined) {
      if (!isOurName(request.headers.host)) return json(response, 403, { error: 'host' });
      // Nobody is asked who he is: who looks may be elsewhere, who steers must be here.
      if (!isFromHere(request)) return json(response, 403, { error: 'address' });
      const done = act(new URLSearchParams(query));
      return done === undefined ? json(response, 400, { error: 'query' }) : json(response, 200, done);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return json(response, 405, { error: 'method' });
    switch (path) {
      case '/livez':
      case '/health':
        return json(response, 200, { status: 'ok' });
      case '/readyz':
      case '/ready': {
        const found = troubles();
        return json(response, found.length === 0 ? 200 : 503, { status: found.length === 0 ? 'ok' : 'not ready', troubles: found });
      }
      case '/metrics':
        void metrics.page().then(
          (page) => text(response, 200, page.text, page.type),
          () => json(response, 500, { error: 'internal' }),
        );
        return;
      case '/version':
        return json(response, 200, { name: 'ccc-upcast', version });
      default:
        return json(response, 404, { error: 'not-found' });
    }
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 100;
  return server;
}

/** An address or localhost: a name could lead here by somebody else's doing. */
export function isOurName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}
