import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer, request } from 'node:http';
import { EXIT, UpcastError } from '../errors.ts';
import type { LetterDesk } from './desk.ts';
import type { LetterFilter } from './letters.ts';

/** What is asked over the control socket. */
type Question =
  | { readonly what: 'list'; readonly filter: LetterFilter; readonly limit: number }
  | { readonly what: 'show'; readonly id: number }
  | { readonly what: 'redrive'; readonly filter: LetterFilter; readonly isRewritten: boolean }
  | { readonly what: 'purge'; readonly filter: LetterFilter };

/** A longer path of a socket is cut by the system. */
const LONGEST_PATH = 100;
const MOST_QUESTION = 64 * 1024;

/** Where the process that holds a state can be asked: a socket beside it that only its owner may use. Undefined where its path is too long. */
export function controlPath(state: string): string | undefined {
  const path = `${state}.sock`;
  return Buffer.byteLength(path) > LONGEST_PATH ? undefined : path;
}

/** Answers questions of the command line, for as long as the server is open. The state is held, so whatever lies at the path is left over. */
export async function listenForControl(path: string, desk: LetterDesk): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_QUESTION) incoming.destroy();
      else chunks.push(chunk);
    });
    incoming.on('end', () => {
      void answer(desk, Buffer.concat(chunks)).then(
        (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value ?? null)),
        () => response.writeHead(500).end('{"error":"internal"}'),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

async function answer(desk: LetterDesk, text: Buffer): Promise<unknown> {
  const question = JSON.parse(text.toString('utf8')) as Question;
  switch (question.what) {
    case 'list':
      return desk.list(question.filter, question.limit);
    case 'show':
      return desk.show(question.id);
    case 'redrive':
      return desk.redrive(question.filter, question.isRewritten);
    case 'purge':
      return desk.purge(question.filter);
  }
}

/** The desk of the process that holds a state; undefined if nobody does. */
export async function callDesk(path: string): Promise<LetterDesk | undefined> {
  const ask = (question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: path, path: '/', method: 'POST', agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
          else reject(new Error('the shim could not answer'));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify(question));
    });
  const desk: LetterDesk = {
    list: (filter, limit) => ask({ what: 'list', filter, limit }) as ReturnType<LetterDesk['list']>,
    show: async (id) => ((await ask({ what: 'show', id })) ?? undefined) as Awaited<ReturnType<LetterDesk['show']>>,
    redrive: (filter, isRewritten) => ask({ what: 'redrive', filter, isRewritten }) as ReturnType<LetterDesk['redrive']>,
    purge: (filter) => ask({ what: 'purge', filter }) as ReturnType<LetterDesk['purge']>,
    close: async () => {},
  };
  try {
    await desk.list({ ids: [] }, 0);
    return desk;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Left behind by a process that was killed.
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw new UpcastError({
      code: 'no-answer',
      exit: EXIT.io,
      message: 'the shim that holds the state does not answer',
      place: path,
      cause: error,
    });
  }
}
