import type { Link } from './connect.ts';
import { prefixOf } from './connect.ts';

const PATIENCE = 10_000;

/** A message to be added. */
interface Entry {
  readonly id: string;
  readonly token: string;
  readonly body: Uint8Array;
}

/** The stream of 1.0 events, for who adds to it: to `PREFIX.in.<token>`, which the server maps to a partition. */
export function createStreamLog({ js, manager }: Link, stream: string) {
  const prefix = prefixOf(stream);
  return {
    async last(): Promise<{ readonly number: number; readonly id: string }> {
      const { state } = await manager.streams.info(stream);
      if (state.messages === 0) return { number: state.last_seq, id: '' };
      const message = await manager.streams.getMessage(stream, { seq: state.last_seq });
      return { number: state.last_seq, id: message?.header?.get('Nats-Msg-Id') ?? '' };
    },
    /** Returns how many of them, from the first on, were surely added. */
    async add(entries: readonly Entry[], behind: number): Promise<number> {
      const sent = entries.map(({ id, token, body }, index) =>
        js.publish(`${prefix}.in.${token}`, body, { msgID: id, expect: { lastSequence: behind + index }, timeout: PATIENCE }),
      );
      const answers = await Promise.allSettled(sent);
      const failed = answers.findIndex(({ status }) => status === 'rejected');
      return failed < 0 ? entries.length : failed;
    },
  };
}
