import type { JsMsg } from '@nats-io/jetstream';
import type { Link } from './connect.ts';
import { prefixOf } from './connect.ts';
import type { Inbox } from './inbox.ts';
import { createInbox } from './inbox.ts';
import type { Mark } from './marks.ts';
import { packMark, readMark } from './marks.ts';
import { namesOf } from './setup.ts';

/** Makes the marks of a stream; one worker at a time does. */
export interface ConductorOptions {
  readonly stream: string;
  /** What bodies show to all partitions, one by one; null for what is no event. */
  readonly glances: (bodies: readonly Uint8Array[]) => readonly (string | null)[];
  /** When nothing came for so long, what waits is decided; milliseconds. */
  readonly restAfter: number;
  /** False once another worker may make marks. */
  readonly isHeld: () => boolean;
}

/** Messages in a mark at most, and how long a mark waits for more of them; milliseconds. */
const MOST = 500;
const WAIT = 50;

/**
 * Makes marks until it may not any more. Each names its predecessor when it is put into the stream: if there is another one meanwhile, this
 * conductor is not the only one, and begins again behind it. Errors: those of the connection.
 */
export async function conduct(link: Link, options: ConductorOptions, signal: AbortSignal): Promise<void> {
  const { js, manager } = link;
  const { stream, isHeld } = options;
  const { marks, marksSubject } = namesOf(stream);
  const prefix = `${prefixOf(stream)}.part.`;

  const told = (messages: readonly JsMsg[]): Mark['messages'] => {
    const glances = options.glances(messages.map(({ data }) => data));
    return messages.map(({ seq, subject }, index) => {
      const partition = Number(subject.slice(prefix.length, subject.indexOf('.', prefix.length)));
      return [seq, partition, glances[index] ?? null];
    });
  };

  const last = async (): Promise<{ readonly number: number; readonly to: number; readonly isRest: boolean }> => {
    const { state } = await manager.streams.info(marks);
    const message = state.messages === 0 ? null : await manager.streams.getMessage(marks, { seq: state.last_seq });
    if (message === null) return { number: state.last_seq, to: 0, isRest: true };
    const { to, rest } = readMark(message.data);
    return { number: message.seq, to, isRest: rest };
  };

  while (!signal.aborted && isHeld()) {
    const behind = await last();
    let { number, to, isRest } = behind;
    const inbox: Inbox = createInbox(
      (after) => js.consumers.get(stream, { deliver_policy: 'by_start_sequence', opt_start_seq: after + 1 }),
      to,
    );
    try {
      let quietSince = performance.now();
      while (!signal.aborted && isHeld()) {
        const messages: JsMsg[] = [];
        const until = performance.now() + WAIT;
        for (
          let message = await inbox.next(WAIT);
          message !== undefined;
          message = await inbox.next(Math.max(0, until - performance.now()))
        ) {
          messages.push(message);
          if (messages.length === MOST) break;
        }
        const rest: boolean = messages.length === 0 && !isRest && performance.now() - quietSince >= options.restAfter;
        if (messages.length === 0 && !rest) continue;
        quietSince = performance.now();
        to = messages[messages.length - 1]?.seq ?? to;
        const next = await put(link, marksSubject, { to, messages: told(messages), rest }, number, isHeld);
        if (next === undefined) break;
        number = next;
        isRest = rest;
      }
    } finally {
      inbox.close();
    }
  }
}

/** Puts a mark behind another one; undefined if that is not the last any more. */
async function put({ js }: Link, subject: string, mark: Mark, behind: number, isHeld: () => boolean): Promise<number | undefined> {
  const body = packMark(mark);
  for (let pause = 50; isHeld(); pause = Math.min(2 * pause, 2_000)) {
    try {
      const { seq } = await js.publish(subject, body, { expect: { lastSequence: behind }, timeout: 5_000 });
      return seq;
    } catch (error) {
      // It may be the one that was put in by a try of which no answer came: who begins again behind it goes on all the same.
      if (error instanceof Error && /wrong last sequence/i.test(error.message)) return undefined;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return undefined;
}
