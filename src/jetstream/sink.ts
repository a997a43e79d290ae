import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import { EXIT, UpcastError } from '../errors.ts';
import type { BatchMessage, BatchSink } from '../sink/batch.ts';
import { lost } from '../sink/batch.ts';
import type { Link } from './connect.ts';
import { prefixOf } from './connect.ts';
import { createInbox as openInbox } from './inbox.ts';
import { publisherOf } from './publisher.ts';

/** Milliseconds. */
const LONGEST_PAUSE = 2_000;
const SILENCE = 30_000;

/** A partition's part of a stream of 2.0 events: `PREFIX.out.<partition>.<token>`, its dead letters `PREFIX.dead.<partition>`. */
export async function createStreamSink({ js, connection }: Link, stream: string, partition: number): Promise<BatchSink> {
  const { headers, createInbox } = await import('@nats-io/transport-node');
  const publisher = publisherOf(connection, createInbox);
  const prefix = prefixOf(stream);
  /** Ids that are in the stream, put in by an earlier owner of the partition behind the place from which this one goes on. */
  let known = new Map<string, number>();

  const send = async (message: BatchMessage, mayGoOn: () => boolean): Promise<number> => {
    const before = known.get(message.id);
    if (before !== undefined) return before;
    const subject = message.kind === 'event' ? `${prefix}.out.${partition}.${message.token}` : `${prefix}.dead.${partition}`;
    const fields: MsgHdrs = headers();
    fields.set('Nats-Msg-Id', message.id);
    for (const [name, value] of Object.entries(message.headers)) fields.set(name, value);
    for (let pause = 50; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      if (!mayGoOn()) throw lost();
      try {
        const { seq } = await publisher.publish(subject, message.body, fields);
        return seq;
      } catch (error) {
        if (isFinal(error)) throw refused(stream, error);
        // A leader is being chosen, or the connection is being made again.
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  };

  return {
    async put(messages, mayGoOn) {
      let last = 0;
      for (const wave of wavesOf(messages)) {
        const numbers = await Promise.all(wave.map((message) => send(message, mayGoOn)));
        for (const number of numbers) last = Math.max(last, number);
      }
      if (known.size > 0) for (const { id } of messages) known.delete(id);
      return last;
    },
    async recall(after) {
      known = new Map();
      for (const subject of [`${prefix}.out.${partition}.>`, `${prefix}.dead.${partition}`]) {
        await eachBehind(js, stream, subject, after, (message) => {
          const id = message.headers?.get('Nats-Msg-Id');
          if (id !== undefined && id !== '') known.set(id, message.seq);
        });
      }
    },
    async close() {},
  };
}

/** Reads what a stream holds under a subject behind a number. Errors: the stream does not answer. */
export async function eachBehind(
  js: JetStreamClient,
  stream: string,
  subject: string,
  after: number,
  take: (message: JsMsg) => void,
  { bodies = false }: { readonly bodies?: boolean } = {},
): Promise<void> {
  const open = (behind: number): ReturnType<typeof js.consumers.get> =>
    js.consumers.get(stream, {
      filter_subjects: subject,
      deliver_policy: 'by_start_sequence',
      opt_start_seq: behind + 1,
      headers_only: !bodies,
    });
  const consumer = await open(after);
  const { num_pending: pending } = await consumer.info();
  await consumer.delete().catch(() => {});
  if (pending === 0) return;
  const inbox = openInbox(open, after);
  try {
    for (let left = pending; left > 0; ) {
      const message = await inbox.next(SILENCE);
      if (message === undefined) throw new Error(`the stream ${stream} does not give what it holds`);
      take(message);
      left = message.info.pending;
    }
  } finally {
    inbox.close();
  }
}

/** Messages in groups that may be sent at once: none shares a key with another one of its group, and those of a key keep their order. */
export function wavesOf(messages: readonly BatchMessage[]): readonly (readonly BatchMessage[])[] {
  const next = new Map<string, number>();
  const waves: BatchMessage[][] = [];
  for (const message of messages) {
    const wave = Math.max(0, ...message.keys.map((key) => next.get(key) ?? 0));
    for (const key of message.keys) next.set(key, wave + 1);
    const group = waves[wave];
    if (group === undefined) waves[wave] = [message];
    else group.push(message);
  }
  return waves;
}

/** What trying again does not help against. */
function isFinal(error: unknown): boolean {
  return error instanceof Error && /message size|max.?payload|permission|maximum (bytes|messages) exceeded/i.test(error.message);
}

function refused(stream: string, cause: unknown): UpcastError {
  return new UpcastError({
    code: 'stream-refused',
    exit: EXIT.unreachable,
    message: `the stream takes no message: ${cause instanceof Error ? cause.message : String(cause)}`,
    place: stream,
    hint: 'look at its limits: nats stream info',
    cause,
  });
}
