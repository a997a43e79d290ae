import { once } from 'node:events';
import type { Server } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdmin } from '../../src/observe/admin.ts';
import { closed, listening } from '../shim/support.ts';

let server: Server;
let port = 0;
let done: string[] = [];

beforeEach(async () => {
  done = [];
  const actions = {
    '/pause': (query: URLSearchParams) => {
      const how = query.get('how') ?? '';
      if (how === 'wrong') return undefined;
      done.push(how);
      return { paused: true };
    },
  };
  const metrics = { page: async () => ({ type: 'text/plain', text: 'x 1\n' }) };
  server = createAdmin({ version: '1', troubles: () => [], metrics, actions });
  port = await listening(server);
});

afterEach(() => closed(server));

function ask(method: string, path: string, host = `127.0.0.1:${port}`, at = { host: '127.0.0.1', port }): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ ...at, method, path, headers: { host } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
}

describe('what can be done by the admin port', () => {
  it('is done by PUT, with its query', async () => {
    expect(await ask('PUT', '/pause?how=now')).toBe(200);
    expect(await ask('PUT', '/pause', 'localhost:1')).toBe(200);
    expect(await ask('PUT', '/pause', `[::1]:${port}`)).toBe(200);
    expect(done).toEqual(['now', '', '']);
  });

  it('is not done by what a page of somebody else could send from a browser here', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']) expect(await ask(method, '/pause')).toBeGreaterThanOrEqual(404);
    expect(await ask('PUT', '/pause', 'rebound.example')).toBe(403);
    expect(await ask('PUT', '/pause', '127.0.0.1.rebound.example')).toBe(403);
    expect(done).toEqual([]);
  });

  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

  it.skipIf(elsewhere === undefined)('is not done for who comes from elsewhere, though he may look', async () => {
    await closed(server);
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const at = { host: elsewhere ?? '', port: (server.address() as AddressInfo).port };
    expect(await ask('PUT', '/pause', at.host, at)).toBe(403);
    expect(await ask('GET', '/livez', at.host, at)).toBe(200);
    expect(done).toEqual([]);
  });

  it('is refused where it is not understood, or nothing of that name can be done', async () => {
    expect(await ask('PUT', '/pause?how=wrong')).toBe(400);
    for (const path of ['/resume', '/livez', '/toString', '/__proto__', '/']) expect(await ask('PUT', path)).toBe(405);
    expect(done).toEqual([]);
  });
});
