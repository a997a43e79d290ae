import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, start } from './children.ts';

/** An nginx of its own: one process, on a port that was free. */
export interface Nginx {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Connections must not be closed in the middle of a run: whoever uses them would be blamed. */
const ENDLESS = 1_000_000_000;

/** Answers 200 to everything, at once. */
export function startSink(folder: string): Promise<Nginx> {
  return startNginx(join(folder, 'sink'), 'location / { return 200; }');
}

/** The same, and writes down of each request when it came: the clock in milliseconds, and the id of the event, when it is stopped at the latest. */
export async function startClock(folder: string): Promise<Nginx & { readonly log: string }> {
  const log = join(folder, 'clock', 'arrivals');
  const logging = `log_format arrival '$msec $http_webhook_id'; access_log ${log} arrival buffer=256k flush=1s;`;
  const nginx = await startNginx(join(folder, 'clock'), 'location / { return 200; }', '', logging);
  return { ...nginx, log };
}

/** Passes everything on to `target` as nginx does by itself: a connection for each request. */
export function startPlain(folder: string, target: string): Promise<Nginx> {
  return startNginx(join(folder, 'plain'), `location / { proxy_pass ${new URL(target).origin}; }`);
}

/** Passes everything on to `target` over connections that stay open, as it is set up where it is to be fast. */
export function startProxy(folder: string, target: string): Promise<Nginx> {
  const upstream = `upstream target { server ${new URL(target).host}; keepalive 64; keepalive_requests ${ENDLESS}; }`;
  const location = 'location / { proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; }';
  return startNginx(join(folder, 'proxy'), location, upstream);
}

async function startNginx(folder: string, location: string, upstream = '', logging = 'access_log off;'): Promise<Nginx> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  // Debian's own places belong to root.
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(folder, name)};`);
  const config = `
daemon off;
# One process does all: what it used is read in one place, and nothing is left over when it ends.
master_process off;
pid ${join(folder, 'pid')};
error_log ${join(folder, 'error.log')} error;
events { worker_connections 1024; }
http {
  ${logging}
  keepalive_requests ${ENDLESS};
  ${places.join('\n  ')}
  ${upstream}
  server { listen 127.0.0.1:${port}; ${location} }
}
`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const child = start('nginx', ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}/events`;
  await answers(url, child);
  return { url, child };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) break;
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined);
    // A proxy that cannot reach its target answers, too.
    if (answer?.ok === true) return;
    await wait(50);
  }
  throw new Error(`nginx does not answer at ${url}`);
}
