import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Metrics } from '../observe/metrics.ts';

/** What the admin port tells. */
export interface AdminFacts {
  readonly version: string;
  /** Why the shim does not take events in or deliver them at the moment; empty if all is well. */
  readonly troubles: () => readonly string[];
  readonly metrics: Metrics;
}

/** `/livez`, `/readyz`, `/metrics`, `/version`. */
export function createAdmin({ version, troubles, metrics }: AdminFacts): Server {
  const text = (response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  };
  const json = (response: ServerResponse, status: number, body: object): void =>
    text(response, status, `${JSON.stringify(body)}\n`, 'application/json');
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== 'GET' && request.method !== 'HEAD') return json(response, 405, { error: 'method' });
    switch ((request.url ?? '').split('?')[0]) {
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
