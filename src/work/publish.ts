import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UpcastError } from '../errors.ts';
import { textName } from '../event/identity.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { NO_TOKEN, tokenOf } from '../event/token.ts';
import type { Entry, StreamLog } from '../jetstream/log.ts';
import { isBad } from '../parse/options.ts';
import type { Look } from '../pipeline/read-once.ts';
import { readOnce } from '../pipeline/read-once.ts';
import { expandInputs } from '../source/inputs.ts';

/** What is to be published. */
export interface PublishJob extends Look {
  readonly inputs: readonly string[];
  readonly merge: boolean;
  readonly limit: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((published: number) => void) | undefined;
}

/** What came of it. */
export interface Published {
  readonly published: number;
  /** Were in the stream already: an earlier run stopped behind them. */
  readonly before: number;
  /** Places of records that are too long for a message. */
  readonly left: readonly string[];
}

const BATCH = 500;
const LONGEST_PAUSE = 2_000;

/**
 * Publishes 1.0 events in the order of the inputs, each once, however often it is stopped and run again: a run looks how far the last one
 * came. Errors: those of reading; `not-alone` (75) if somebody else adds to the stream, since there would be no order between the two;
 * `input-changed` (76) if the place where the last run stopped is not found.
 */
export async function publish(job: PublishJob, log: StreamLog): Promise<Published> {
  const { number, id: lastId } = await log.last();
  let behind = number;
  const left: string[] = [];
  let published = 0;
  let before = 0;
  let records = 0;
  let name: string | undefined;
  let isSkipping = false;
  let batch: Entry[] = [];

  const send = async (): Promise<void> => {
    for (let from = 0, wait = 50; from < batch.length; ) {
      const added = await log.add(batch.slice(from), behind);
      from += added;
      behind += added;
      published += added;
      if (from === batch.length) break;
      const last = await log.last().catch(() => undefined);
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE);
      if (last === undefined) continue;
      const at = batch.findIndex(({ id }) => id === last.id);
      // Some may be in although nobody said so.
      if (at >= from && last.number === behind + at - from + 1) {
        published += at - from + 1;
        from = at + 1;
        behind = last.number;
      } else if (last.number !== behind) throw notAlone();
    }
    batch = [];
    job.onProgress?.(published);
  };

  const isEnough = (): boolean => job.limit !== undefined && records >= job.limit;
  for await (const { items } of readOnce(job, await expandInputs(job.inputs), { merge: job.merge })) {
    for (const item of items) {
      if (isEnough() || job.signal?.aborted === true) break;
      records += 1;
      const letter = letterOf(item, name);
      if (!isBad(item)) releaseRecord(item);
      if (letter === undefined) {
        left.push(`line ${item.line}, byte ${item.offset}`);
        continue;
      }
      if (name === undefined) {
        ({ name } = letter);
        isSkipping = lastId.startsWith(`${name}.`);
      }
      if (isSkipping) {
        before += 1;
        if (letter.id === lastId) isSkipping = false;
        continue;
      }
      batch.push(letter);
      if (batch.length === BATCH) await send();
    }
    if (job.signal?.aborted === true) {
      await send();
      throw new UpcastError({
        code: 'stopped',
        exit: job.signal.reason === 'SIGINT' ? EXIT.interrupted : EXIT.terminated,
        message: `stopped by ${String(job.signal.reason)} behind ${published} events`,
        hint: 'the same command goes on from there',
      });
    }
    if (isEnough()) break;
  }
  await send();
  // With a limit, the place may be further on.
  if (isSkipping && !isEnough()) throw otherInput(lastId);
  return { published, before, left };
}

/** An event as a message; its id tells its place, so that the same event sent twice stays two. Undefined where it is too long to be sent. */
function letterOf(item: RecordView | BadRecord, known: string | undefined): (Entry & { readonly name: string }) | undefined {
  if (isBad(item) && item.raw.length < item.length) return undefined;
  const body = isBad(item) ? item.raw : new Uint8Array(item.block.bytes.subarray(item.start, item.end));
  // The first record stands for the whole input: it stays when a log grows.
  const name = known ?? `p${textName(Buffer.from(body).toString('latin1')).slice(0, 16)}`;
  return { name, id: `${name}.${item.source}.${item.offset}`, token: isBad(item) ? NO_TOKEN : tokenOf(item), body };
}

function otherInput(id: string): UpcastError {
  return new UpcastError({
    code: 'input-changed',
    exit: EXIT.stateMismatch,
    message: 'the stream ends with an event of this input that the input does not hold any more',
    place: id,
    hint: 'give the inputs and options of the run that published it; events behind it are not in the stream',
  });
}

function notAlone(): UpcastError {
  return new UpcastError({
    code: 'not-alone',
    exit: EXIT.busy,
    message: 'somebody else adds to the stream',
    hint: 'one publisher at a time: between two there is no order',
  });
}
