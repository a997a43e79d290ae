import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { EXIT, UpcastError } from '../errors.ts';

/** A stream of a NATS server, as a URL names it: `nats://host[:port][,host[:port]…]/STREAM`. */
export interface StreamUrl {
  readonly servers: readonly string[];
  readonly stream: string;
  /** Encrypted (`tls://`). */
  readonly tls: boolean;
}

/** What proves who connects; all from the environment or files. */
export interface Credentials {
  readonly token?: string | undefined;
  /** Contents of a `.creds` file. */
  readonly creds?: Uint8Array | undefined;
  /** PEM file of a CA. */
  readonly caFile?: string | undefined;
}

/** A connection with its JetStream. */
export interface Link {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Opens a key-value bucket, which is made if it is not there. */
  bucket(name: string, replicas: number): Promise<KV>;
  /** Keys of a bucket, those that were purged included. */
  keysOf(bucket: string): Promise<readonly string[]>;
  /** Removes keys of a bucket with all that stands for them; `keys` may end in `>`. */
  drop(bucket: string, keys: string): Promise<void>;
  /** Connects anew, to another server where there is one: one that has lost its cluster may hold a connection and answer nothing. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

const STREAM_URL = /^(nats|tls):\/\/([^/@\s]+)\/([A-Za-z0-9_-]+)$/;

/** Reads a URL of a stream; undefined if it is none. */
export function parseStreamUrl(text: string): StreamUrl | undefined {
  const [, scheme, servers = '', stream = ''] = STREAM_URL.exec(text) ?? [];
  return scheme === undefined ? undefined : { servers: servers.split(','), stream, tls: scheme === 'tls' };
}

/** A stream's name without signs that subjects give a meaning: `CCC_V1` has subjects `ccc.v1.…`. */
export function prefixOf(stream: string): string {
  return stream.toLowerCase().replaceAll('_', '.');
}

/** The number of the partition to which a server maps a token: FNV-1a, as `{{partition(N,1)}}` has it. */
export function partitionOf(token: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(token)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
}

/** Connects. Errors: `no-nats-client` (78) if the client is not installed, `nats-unreachable` (69), `nats-refused` (77). */
export async function connectTo(
  { servers, tls }: Pick<StreamUrl, 'servers' | 'tls'>,
  { token, creds, caFile }: Credentials,
): Promise<Link> {
  const { transport, jetstream, kv } = await client();
  const authenticator = creds === undefined ? undefined : transport.credsAuthenticator(creds);
  try {
    const connection = await transport.connect({
      servers: [...servers],
      name: 'ccc-upcast',
      maxReconnectAttempts: -1,
      ...(token === undefined ? {} : { token }),
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(tls || caFile !== undefined ? { tls: caFile === undefined ? {} : { caFile } } : {}),
    });
    const buckets = new kv.Kvm(connection);
    const manager = await jetstream.jetstreamManager(connection);
    return {
      connection,
      js: jetstream.jetstream(connection),
      manager,
      bucket: (name, replicas) => buckets.create(name, { history: 1, replicas }),
      // Not by a consumer, which may wait for an answer that never comes.
      async keysOf(bucket) {
        const prefix = `$KV.${bucket}.`;
        const { state } = await manager.streams.info(`KV_${bucket}`, { subjects_filter: `${prefix}>` });
        return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
      },
      async drop(bucket, keys) {
        await manager.streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${keys}` });
      },
      reconnect: () => connection.reconnect(),
      close: () => connection.close(),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const isRefused = /authoriz|authentic|permission/i.test(message);
    throw new UpcastError({
      code: isRefused ? 'nats-refused' : 'nats-unreachable',
      exit: isRefused ? EXIT.permission : EXIT.unreachable,
      message: `NATS: ${message}`,
      place: servers.join(','),
      hint: isRefused ? 'give CCC_UPCAST_NATS_TOKEN or --nats-creds FILE' : 'is it there, with JetStream enabled (nats-server -js)?',
      cause,
    });
  }
}

async function client(): Promise<{
  readonly transport: typeof import('@nats-io/transport-node');
  readonly jetstream: typeof import('@nats-io/jetstream');
  readonly kv: typeof import('@nats-io/kv');
}> {
  try {
    // Optional: only who uses NATS installs its client.
    const [transport, jetstream, kv] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
      import('@nats-io/kv'),
    ]);
    return { transport, jetstream, kv };
  } catch (cause) {
    throw new UpcastError({
      code: 'no-nats-client',
      exit: EXIT.config,
      message: 'the client of NATS is not installed',
      hint: 'npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv',
      cause,
    });
  }
}
