import type { Client } from '../deliver/client.ts';
import { createClient } from '../deliver/client.ts';
import { openStdoutSink } from '../sink/file.ts';
import type { ReplayTarget } from './job.ts';

const LINE_FEED = 0x0a;
const WRITTEN = { outcome: 'delivered', status: undefined, wait: undefined, detail: 'written' } as const;
const LOST = { outcome: 'unreachable', status: undefined, wait: undefined, detail: 'not written' } as const;

/** What takes the events of a target; `failed`: it cannot any more. A file gets them by the ledger: what is sent to it has arrived. */
export function clientOf(target: ReplayTarget, failed: (error: unknown) => void): Client {
  switch (target.kind) {
    case 'http':
      return createClient(target.client);
    case 'file':
      return { send: async () => WRITTEN, close: async () => {} };
    case 'stdout':
      return stdoutClient(failed);
  }
}

function stdoutClient(failed: (error: unknown) => void): Client {
  const sink = openStdoutSink();
  return {
    async send(_id, body) {
      const line = new Uint8Array(body.length + 1);
      line.set(body);
      line[body.length] = LINE_FEED;
      try {
        sink.line(line, 0, line.length);
        sink.flush();
        await sink.drain();
        return WRITTEN;
      } catch (error) {
        failed(error);
        return LOST;
      }
    },
    close: () => sink.abandon(),
  };
}
