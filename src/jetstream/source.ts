import type { JsMsg } from '@nats-io/jetstream';
import { EXIT, UpcastError } from '../errors.ts';
import type { Arrival, Cursor, PartitionSource, Stretch } from '../source/partition.ts';
import type { Link } from './connect.ts';
import { prefixOf } from './connect.ts';
import type { Inbox } from './inbox.ts';
import { createInbox } from './inbox.ts';
import { readMark } from './marks.ts';
import { namesOf } from './setup.ts';

/** How a partition of a stream is read. */
export interface PartitionOptions {
  readonly stream: string;
  readonly partition: number;
  /** Messages that may be on their way without being dealt with. */
  readonly batch: number;
}

/** A message that was not dealt with in so long is sent again; nanoseconds. A new owner begins with a consumer of its own. */
const ACK_WAIT = 120_000_000_000;
/** How long a message is waited for that a mark names; it may have been removed from the stream since. Milliseconds. */
const PATIENCE = 5_000;
const TURN = 500;

/** Name of the durable consumer of a partition. */
export function consumerOf(partition: number): string {
  return `ccc-upcast-part-${partition}`;
}

/**
 * One partition of a stream: its messages by a durable consumer with explicit acknowledgement, what the others show by marks. `onGone` is
 * told of messages that a mark names and the stream does not hold any more.
 */
export function createPartitionSource(link: Link, options: PartitionOptions, onGone: (position: number) => void): PartitionSource {
  const { js, manager } = link;
  const { stream, partition, batch } = options;
  const { marks: marksStream } = namesOf(stream);
  const durable = consumerOf(partition);
  const waiting: JsMsg[] = [];
  let own: Inbox | undefined;
  let marks: Inbox | undefined;
  let isOpen = true;

  const openOwn = async (after: number): ReturnType<typeof js.consumers.get> => {
    // Whoever had the partition before may have messages that it will not answer for: they come again at once, from where its state stands.
    await manager.consumers.delete(stream, durable).catch(() => {});
    await manager.consumers.add(stream, {
      durable_name: durable,
      filter_subject: `${prefixOf(stream)}.part.${partition}.>`,
      ack_policy: 'explicit',
      ack_wait: ACK_WAIT,
      max_ack_pending: batch,
      deliver_policy: 'by_start_sequence',
      opt_start_seq: after + 1,
    });
    return js.consumers.get(stream, durable);
  };
  const openMarks = (after: number): ReturnType<typeof js.consumers.get> =>
    js.consumers.get(marksStream, { deliver_policy: 'by_start_sequence', opt_start_seq: after + 1 });

  /** The partition's message of a position, undefined if the stream does not hold it any more. */
  const take = async (position: number): Promise<Uint8Array | undefined> => {
    const until = performance.now() + PATIENCE;
    while (isOpen) {
      ahead ??= await own?.next(TURN);
      if (ahead !== undefined && ahead.seq < position) ahead = undefined;
      else if (ahead?.seq === position) {
        const { data } = ahead;
        waiting.push(ahead);
        ahead = undefined;
        return data;
      } else if (ahead !== undefined || performance.now() > until) {
        const found = await look(position);
        if (found !== 'unknown') return found;
      }
    }
    return undefined;
  };
  /** A message that came before its turn. */
  let ahead: JsMsg | undefined;

  /** Asks the stream itself: a message that did not come is not one that is gone. */
  const look = async (position: number): Promise<Uint8Array | undefined | 'unknown'> => {
    try {
      return (await manager.streams.getMessage(stream, { seq: position }))?.data;
    } catch {
      return 'unknown';
    }
  };

  const stretchOf = async (message: JsMsg, after: number): Promise<Stretch> => {
    const mark = readMark(message.data);
    const arrivals: Arrival[] = [];
    for (const [position, at, shown] of mark.messages) {
      if (position <= after) continue;
      if (at !== partition) {
        arrivals.push({ position, home: false, body: shown ?? undefined });
        continue;
      }
      const found = await take(position);
      if (!isOpen) break;
      if (found === undefined) onGone(position);
      else arrivals.push({ position, home: true, body: found });
    }
    return { arrivals, cursor: { position: mark.to, mark: message.seq }, rest: mark.rest };
  };

  return {
    async *read(from: Cursor) {
      let { position } = from;
      own = createInbox(openOwn, position);
      marks = createInbox(openMarks, from.mark);
      let last = from.mark;
      while (isOpen) {
        const message = await marks.next(TURN);
        if (message === undefined) {
          // Time for who reads to finish what it has begun.
          yield { arrivals: [], cursor: { position, mark: last }, rest: false };
          continue;
        }
        if (message.seq !== last + 1) throw gap(marksStream, last + 1, message.seq);
        last = message.seq;
        const stretch = await stretchOf(message, position);
        if (!isOpen) return;
        ({ position } = stretch.cursor);
        yield stretch;
      }
    },
    async acknowledge(position) {
      while (waiting.length > 0 && (waiting[0]?.seq ?? 0) <= position) waiting.shift()?.ack();
    },
    async close() {
      isOpen = false;
      own?.close();
      marks?.close();
    },
  };
}

function gap(stream: string, wanted: number, found: number): UpcastError {
  return new UpcastError({
    code: 'marks-gone',
    exit: EXIT.io,
    message: `marks ${wanted} to ${found - 1} are not in the stream any more: the partition was left alone for longer than messages are kept`,
    place: stream,
    hint: 'what they told of cannot be translated as it would have been; keep messages for longer (setup --max-age)',
  });
}
