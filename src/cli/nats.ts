import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UpcastError } from '../errors.ts';
import type { Link, StreamUrl } from '../jetstream/connect.ts';
import { connectTo, parseStreamUrl } from '../jetstream/connect.ts';
import type { Settings } from './config.ts';

/** The stream that a setting names. Errors: usage (2). */
export function streamOf(settings: Settings, name: 'source' | 'sink' | 'to'): StreamUrl {
  const text = settings.get(name);
  const found = text === undefined ? undefined : parseStreamUrl(text);
  if (found !== undefined) return found;
  const got = text === undefined ? 'nothing' : JSON.stringify(text);
  throw settings.error(name, `${name}: expected nats://HOST/STREAM, got ${got}`, 'for example nats://127.0.0.1:4222/CCC_V1');
}

/** Connects to the server of a stream with what the settings say of who asks. Errors: see `connectTo`; no such file (66). */
export async function connectWith(settings: Settings, url: StreamUrl): Promise<Link> {
  const path = settings.get('nats-creds');
  const creds = path === undefined ? undefined : await readFile(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  return connectTo(url, { token: settings.get('nats-token'), creds, caFile: settings.get('nats-ca') });
}

function unreadable(path: string, cause: unknown): UpcastError {
  return new UpcastError({ code: 'no-credentials', exit: EXIT.noInput, message: 'cannot read the credentials', place: path, cause });
}

/** Partitions that a text names: `3`, `0-3`, `0,2,5-7`. Undefined where it cannot be read. */
export function partitionsIn(text: string): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) < Number(from)) return undefined;
    for (let partition = Number(from); partition <= Number(to); partition += 1) found.add(partition);
  }
  return [...found].sort((a, b) => a - b);
}

/** A cluster that has lost a server chooses a new leader within seconds; milliseconds. */
const PATIENCE = 60_000;
const PAUSE = 1_000;

/** Does something at the server; one that does not answer is asked again. Errors: `nats-unreachable` (69) if it stays so. */
export async function asked<T>(url: StreamUrl, link: Link, ask: () => Promise<T>, patience: number = PATIENCE): Promise<T> {
  for (const until = performance.now() + patience; ; ) {
    try {
      return await ask();
    } catch (error) {
      // What was wrong is known, or it is one of ours.
      if (error instanceof UpcastError || error instanceof TypeError) throw error;
      if (performance.now() > until) throw unanswered(url, error);
      await pause(PAUSE);
      await link.reconnect().catch(() => {});
    }
  }
}

function unanswered({ servers, stream }: StreamUrl, cause: unknown): UpcastError {
  return new UpcastError({
    code: 'nats-unreachable',
    exit: EXIT.unreachable,
    message: `NATS: ${cause instanceof Error ? cause.message : String(cause)}`,
    place: `${servers.join(',')}/${stream}`,
    hint: 'has the cluster a leader for this stream (nats server report jetstream)?',
    cause,
  });
}
