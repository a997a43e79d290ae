import type { Consumer, JsMsg } from '@nats-io/jetstream';

/** Messages of a consumer as they come: no more are asked for than are wanted, and a connection that breaks is waited out. */
export interface Inbox {
  /** The next message, or undefined if none came in so many milliseconds. */
  next(patience: number): Promise<JsMsg | undefined>;
  close(): Promise<void>;
}

/** Messages kept here, and how many are asked for at once. */
const ROOM = 4_000;
const PORTION = 1_000;
/** How long the server keeps a request for messages open; milliseconds. */
const EXPIRES = 5_000;
const PAUSE = 200;

/** An inbox. `open` gets the consumer, again after a failure; `after` is the number of the last message that came. Temporary consumers end by themselves. */
export function createInbox(open: (after: number) => Promise<Consumer>, from: number): Inbox {
  const messages: JsMsg[] = [];
  let isOpen = true;
  let last = from;
  let consumer: Consumer | undefined;
  let wake: (() => void) | undefined;
  let makeRoom: (() => void) | undefined;
  let current: Awaited<ReturnType<Consumer['fetch']>> | undefined;

  const work = async (): Promise<void> => {
    while (isOpen) {
      try {
        consumer ??= await open(last);
        current = await consumer.fetch({ max_messages: PORTION, expires: EXPIRES });
        for await (const message of current) {
          // A message that is sent again because it was long in coming.
          if (message.seq <= last) continue;
          last = message.seq;
          messages.push(message);
          wake?.();
        }
        if (messages.length >= ROOM) {
          await new Promise<void>((resolve) => {
            makeRoom = resolve;
          });
        }
      } catch {
        consumer = undefined;
        if (isOpen) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  };
  const done = work();

  return {
    async next(patience) {
      if (messages.length === 0 && patience > 0 && isOpen) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, patience);
        });
        clearTimeout(timer);
        wake = undefined;
      }
      const message = messages.shift();
      if (messages.length < ROOM) makeRoom?.();
      return message;
    },
    async close() {
      isOpen = false;
      makeRoom?.();
      wake?.();
      await current?.close().catch(() => {});
      await done;
    },
  };
}
