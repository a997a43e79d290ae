import type { Link } from './connect.ts';
import { prefixOf } from './connect.ts';
import { publisherOf } from './publisher.ts';

/** A message to be added. */
export interface Entry {
  readonly id: string;
  readonly token: string;
  readonly body: Uint8Array;
}

/** A stream to which one publisher at a time adds. */
export interface StreamLog {
  /** Number and id of the last message; '' where there is none. */
  last(): Promise<{ readonly number: number; readonly id: string }>;
  /**
   * Adds messages in their order, the first behind message `behind`; each is taken only directly behind the one before it. Returns how many,
   * from the first on, were surely added: all, unless somebody else added one or the server did not answer.
   */
  add(entries: readonly Entry[], behind: number): Promise<number>;
}

/** The stream of 1.0 events, for who adds to it: to `PREFIX.in.<token>`, which the server maps to a partition. */
export async function createStreamLog({ connection, manager }: Link, stream: string): Promise<StreamLog> {
  const { headers, createInbox } = await import('@nats-io/transport-node');
  const publisher = publisherOf(connection, createInbox);
  const prefix = prefixOf(stream);
  return {
    async last() {
      const { state } = await manager.streams.info(stream);
      if (state.messages === 0) return { number: state.last_seq, id: '' };
      const message = await manager.streams.getMessage(stream, { seq: state.last_seq });
      return { number: state.last_seq, id: message?.header?.get('Nats-Msg-Id') ?? '' };
    },
    async add(entries, behind) {
      const sent = entries.map(({ id, token, body }, index) => {
        const fields = headers();
        fields.set('Nats-Msg-Id', id);
        fields.set('Nats-Expected-Last-Sequence', String(behind + index));
        // By number alone, one message of somebody else would stand for the one before it.
        const before = entries[index - 1];
        if (before !== undefined) fields.set('Nats-Expected-Last-Msg-Id', before.id);
        return publisher.publish(`${prefix}.in.${token}`, body, fields);
      });
      const answers = await Promise.allSettled(sent);
      const failed = answers.findIndex(({ status }) => status === 'rejected');
      return failed < 0 ? entries.length : failed;
    },
  };
}
