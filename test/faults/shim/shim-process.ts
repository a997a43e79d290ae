import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { watch, watchPages } from '../../support/canary.ts';

/** A shim as a process of its own. */
export interface ShimProcess {
  readonly pid: number;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** How a shim is started. */
export interface ShimCommand {
  readonly program: string;
  readonly state: string;
  readonly port: number;
  /** Undefined: the endpoints stand in a config file. */
  readonly forward?: string;
  readonly ids: string;
  readonly extra?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** It takes less than a second, but on a machine that is busy with something else. */
const START = 60_000;
/** How often its admin port is looked at. */
const LOOKING = 500;

/** Starts a shim; resolves when it listens. Errors: it ends before, with what it said. */
export async function startProcess({ program, state, port, forward, ids, extra = [], env = {} }: ShimCommand): Promise<ShimProcess> {
  const args = [
    'serve',
    '--listen',
    `127.0.0.1:${port}`,
    '--admin',
    '127.0.0.1:0',
    ...(forward === undefined ? [] : ['--forward', forward]),
    '--ids',
    ids,
    '--state',
    state,
  ];
  const limits = ['--hold', '200ms', '--deadline', '1s', '--min-free', '1MiB', ...extra];
  const all = [join(program, 'bin/ccc-upcast.js'), ...args, ...limits];
  const child: ChildProcess = spawn(process.execPath, all, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  );
  const looking = setInterval(() => {
    const [, admin] = /"address":"([^"]+)","msg":"admin"/.exec(log) ?? [];
    if (admin !== undefined) void watchPages(`http://${admin}`);
  }, LOOKING).unref();
  void ended.then(() => {
    clearInterval(looking);
    watch('the log of a shim', log);
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no shim after ${START} ms: ${log}`));
    }, START);
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      if (log.includes('"listening"')) {
        clearTimeout(timer);
        resolve();
      }
    });
    void ended.then((how) => {
      clearTimeout(timer);
      reject(new Error(`the shim ended with ${how}: ${log}`));
    });
  });
  return { pid: child.pid ?? 0, log: () => log, kill: (signal) => void child.kill(signal), ended };
}

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
