import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';

/** Messages of a consumer as they come: no more are asked for than fit, and a connection that breaks is waited out. */
export interface Inbox {
  /** The next message, or undefined if none came in so many milliseconds. */
  next(patience: number): Promise<JsMsg | undefined>;
  close(): void;
}

/** Messages that wait here at most. */
const ROOM = 1_000;
const PAUSE = 200;
/** After so long without a message the consumer is opened anew: where a leader died, one may be silent for ever. Milliseconds. */
const QUIET = 10_000;

/** An inbox. `open` gets the consumer, again after a failure; `after` is the number of the last message that came. */
export function createInbox(open: (after: number) => Promise<Consumer>, from: number): Inbox {
  let isOpen = true;
  let last = from;
  let messages: ConsumerMessages | undefined;
  let iterator: AsyncIterator<JsMsg> | undefined;
  let coming: Promise<JsMsg | undefined> | undefined;

  const come = async (): Promise<JsMsg | undefined> => {
    while (isOpen) {
      try {
        if (iterator === undefined) {
          messages = await (await open(last)).consume({ max_messages: ROOM });
          iterator = messages[Symbol.asyncIterator]();
          if (!isOpen) messages.stop();
        }
        const next = await within(iterator.next(), QUIET);
        if (next === undefined || next.done === true) throw new Error('the consumer has ended');
        const { value } = next;
        // One that is sent again because its answer was long in coming.
        if (value.seq <= last) value.ack();
        else {
          last = value.seq;
          return value;
        }
      } catch {
        messages?.stop();
        iterator = undefined;
        if (isOpen) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
    return undefined;
  };

  return {
    async next(patience) {
      coming ??= come();
      const found = await within(coming, patience);
      if (found !== undefined) coming = undefined;
      return found;
    },
    close() {
      isOpen = false;
      // Not waited for: it is closed only when somebody has taken what had come.
      messages?.stop();
    },
  };
}

/** What a promise gives in so many milliseconds, or undefined. */
async function within<T>(promise: Promise<T>, patience: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patience, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
