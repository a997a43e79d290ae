import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';

/** What the server says of a message that it has taken. */
export interface Taken {
  readonly seq: number;
  readonly duplicate: boolean;
}

/**
 * Publishes to streams and waits for their answers. The client's own way makes two errors with their stacks for each message, to have them
 * at hand: a third of a worker's time. Here one subscription takes all answers.
 */
export interface Publisher {
  /** Errors: what the stream says, or that it did not answer in time. */
  publish(subject: string, body: Uint8Array, headers: MsgHdrs): Promise<Taken>;
}

interface Waiting {
  readonly take: (taken: Taken) => void;
  readonly fail: (error: Error) => void;
  readonly until: number;
}

interface Answer extends Partial<Taken> {
  readonly error?: { readonly description?: string; readonly code?: number };
}

/** How long an answer is waited for, and how often it is looked who has waited too long; milliseconds. */
const PATIENCE = 5_000;
const TURN = 500;
const NO_RESPONDERS = 503;

const publishers = new WeakMap<NatsConnection, Publisher>();

/** The publisher of a connection. `inbox` makes a name for answers that nobody else has. */
export function publisherOf(connection: NatsConnection, inbox: () => string): Publisher {
  const known = publishers.get(connection);
  if (known !== undefined) return known;
  const publisher = createPublisher(connection, inbox());
  publishers.set(connection, publisher);
  return publisher;
}

function createPublisher(connection: NatsConnection, inbox: string): Publisher {
  const waiting = new Map<string, Waiting>();
  let number = 0;
  connection.subscribe(`${inbox}.*`, {
    callback(error, message) {
      const found = waiting.get(message.subject);
      if (found === undefined) return;
      waiting.delete(message.subject);
      if (error !== null) found.fail(error);
      else if (message.headers?.code === NO_RESPONDERS) found.fail(new Error('no stream takes it'));
      else settle(found, message.json<Answer>());
    },
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [key, { until, fail }] of waiting) {
      // They stand in the order in which they were sent.
      if (until > now) break;
      waiting.delete(key);
      fail(new Error('the stream did not answer'));
    }
  }, TURN);
  timer.unref();
  void connection.closed().then(() => clearInterval(timer));
  return {
    publish: (subject, payload, headers) =>
      new Promise((take, fail) => {
        number += 1;
        const reply = `${inbox}.${number}`;
        waiting.set(reply, { take, fail, until: performance.now() + PATIENCE });
        try {
          connection.publish(subject, payload, { reply, headers });
        } catch (error) {
          waiting.delete(reply);
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      }),
  };
}

function settle({ take, fail }: Waiting, { error, seq, duplicate = false }: Answer): void {
  if (error === undefined && seq !== undefined) take({ seq, duplicate });
  else fail(new Error(error?.description ?? 'the answer is none of a stream'));
}
