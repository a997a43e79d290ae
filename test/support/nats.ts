import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../../src/jetstream/connect.ts';
import { connectTo } from '../../src/jetstream/connect.ts';

/** Debian's package puts it where only root looks. */
const { PATH: path = '' } = process.env;
const PATH = `${path}:/usr/sbin:/usr/local/bin`;

/** True if there is a NATS server on this machine. */
export function hasServer(): boolean {
  return spawnSync('nats-server', ['--version'], { env: { ...process.env, PATH } }).status === 0;
}

/** A server of its own, or one of a cluster. */
export interface Server {
  readonly name: string;
  readonly port: number;
  kill(): Promise<void>;
  /** Starts it again, with what it had on its disk. */
  start(): void;
}

/** Servers of a test, on ports that are free, with `CCC_V1` mapped to so many partitions. */
export async function startServers(folder: string, count: number, partitions: number): Promise<readonly Server[]> {
  const ports = await freePorts(2 * count);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  return Array.from({ length: count }, (_, index): Server => {
    const name = `n${index + 1}`;
    const port = ports[index] as number;
    const store = join(folder, name);
    mkdirSync(store, { recursive: true });
    const cluster =
      count === 1 ? '' : `cluster { name: c, listen: "127.0.0.1:${ports[count + index]}", routes: ${JSON.stringify(routes)} }`;
    const mapping = `mappings: { "ccc.v1.in.*": "ccc.v1.part.{{partition(${partitions},1)}}.{{wildcard(1)}}" }`;
    const config = join(store, 'server.conf');
    writeFileSync(
      config,
      `server_name: ${name}\nlisten: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(store)} }\n${cluster}\n${mapping}\n`,
    );
    let child: ChildProcess | undefined;
    const start = (): void => {
      child = spawn('nats-server', ['-c', config], { stdio: 'ignore', env: { ...process.env, PATH } });
    };
    start();
    return {
      name,
      port,
      start,
      async kill() {
        const gone = child;
        if (gone === undefined || gone.exitCode !== null) return;
        const ended = new Promise((resolve) => gone.once('close', resolve));
        gone.kill('SIGKILL');
        await ended;
      },
    };
  });
}

/** Connects once the servers answer. */
export async function linkTo(servers: readonly Server[]): Promise<Link> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await connectTo({ servers: servers.map(({ port }) => `127.0.0.1:${port}`), tls: false }, {});
    } catch (error) {
      if (tries > 50) throw error;
      await sleep(200);
    }
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const holders = await Promise.all(
    Array.from({ length: count }, async () => {
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
      return holder;
    }),
  );
  const ports = holders.map((holder) => (holder.address() as { port: number }).port);
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  return ports;
}
