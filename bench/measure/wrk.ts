import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { start } from './children.ts';

const SCRIPT = fileURLToPath(new URL('./events.lua', import.meta.url));
export const CONNECTIONS = 64;

/** What is posted: events of `log` behind the first `skip`, so many with a request. */
export interface Load {
  readonly log: string;
  readonly batch: number;
  readonly skip: number;
  readonly seconds: number;
}

/** How it was taken; times in milliseconds. */
export interface Taken {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** As fast as 64 connections go, each with one request under way. Throws if a request failed: the figures of such a run tell nothing. */
export async function runWrk(url: string, { log, batch, skip, seconds }: Load): Promise<Taken> {
  // One thread: several would each read the log from its beginning.
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '30s', '--latency', '-s', SCRIPT];
  const child = start('wrk', [...options, url, '--', log, String(batch), String(skip)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8');
  });
  await once(child, 'close');
  const text = /^RESULT (.*)$/m.exec(told)?.[1];
  if (text === undefined) throw new Error(`wrk told nothing that is understood\n${told}`);
  const { failed, ranOut, ...taken } = JSON.parse(text) as Taken & { readonly failed: number; readonly ranOut: boolean };
  if (failed > 0) throw new Error(`${failed} of ${taken.requests} requests failed\n${told}`);
  if (ranOut) throw new Error('the log is too short: ask for more --calls or fewer --seconds');
  return taken;
}
