import { readFile } from 'node:fs/promises';
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
