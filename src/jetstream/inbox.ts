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
        const { value, done } = await iterator.next();
        if (done === true) throw new Error('the consumer has ended');
        // One that is sent again because its answer was long in coming.
        if (value.seq <= last) value.ack();
        else {
          last = value.seq;
          return value;
        }
      } catch {
        iterator = undefined;
        if (isOpen) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
    return undefined;
  };

  return {
    async next(patience) {
      coming ??= come();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(resolve, patience, 'late');
      });
      const found = await Promise.race([coming, late]);
      clearTimeout(timer);
      if (found === 'late') return undefined;
      coming = undefined;
      return found;
    },
    close() {
      isOpen = false;
      // Not waited for: it is closed only when somebody has taken what had come.
      messages?.stop();
    },
  };
}
