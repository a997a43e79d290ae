import { readMerged } from '../pipeline/merge.ts';
import type { Reading } from '../pipeline/read-inputs.ts';
import { readInOrder } from '../pipeline/read-inputs.ts';
import type { SideContext } from '../sink/side-lines.ts';
import type { InputSource } from '../source/inputs.ts';
import type { NoStreamEvent, ReplayEvent, StreamEvent } from './event.ts';
import { isNoEvent } from './event.ts';
import { createIdentities, derivedId } from './identity.ts';
import type { ReplayJob } from './job.ts';
import { badProvenance, readProvenance } from './provenance.ts';
import { createCurrentReader } from './read-current.ts';
import { createLegacyReader } from './read-legacy.ts';
import { createBodyRestamp } from './restamp-body.ts';
import { createSelector } from './select.ts';

/** What a stream tells beside its events. */
export interface StreamWatch {
  /** Something that is no event, in the first round only: it stands in the input once. */
  noEvent(item: NoStreamEvent): void;
  /** Stored bytes were read. */
  bytes(count: number): void;
  /** So many events were read, of which so many are not meant. */
  read(events: number, skipped: number): void;
  /** So many events are to be sent. */
  meant(events: number): void;
  /** So many ids follow from the content of their events. */
  made(ids: number): void;
}

/** The events that a replay sends, in order, some at a time: the same in every run of the same job. */
export async function* readStream(
  job: ReplayJob,
  inputs: readonly InputSource[],
  shift: (first: number) => number,
  watch: StreamWatch,
): AsyncGenerator<readonly ReplayEvent[]> {
  const limit = job.selection.limit ?? Number.POSITIVE_INFINITY;
  let seq = 0;
  let last = Number.NaN;
  /** How far the times of a round are moved. */
  let moved = 0;
  let restamp = createBodyRestamp(0);
  const move = (by: number): void => {
    moved = by;
    restamp = createBodyRestamp(job.restamp ? by : 0);
  };
  for (let round = 1; round <= job.rounds; round += 1) {
    let [first, end, count] = [Number.NaN, Number.NaN, 0];
    for await (const events of readRound(job, inputs, round === 1 ? watch : SILENT)) {
      const batch: ReplayEvent[] = [];
      for (const { id, event } of events) {
        if (count >= limit) break;
        count += 1;
        if (Number.isNaN(first) && !Number.isNaN(event.time)) {
          first = event.time;
          if (round === 1) move(shift(first));
        }
        if (!Number.isNaN(event.time)) last = event.time + moved;
        end = Number.isNaN(last) ? end : Math.max(Number.isNaN(end) ? last : end, last);
        const { type, contact, agent, body } = event;
        const key = keyOf(id, job.restamp ? moved : 0, round);
        batch.push({ seq, key, type, contact, agent, time: Number.isNaN(last) ? 0 : last, body: restamp(body), attempts: 0, due: 0 });
        seq += 1;
      }
      watch.meant(batch.length);
      if (batch.length > 0) yield batch;
      if (count >= limit) break;
    }
    if (count === 0) return;
    // The next round begins a second after the last event.
    if (!Number.isNaN(first)) move(end + ROUND_GAP - first);
  }
}

const ROUND_GAP = 1_000;
const SILENT: StreamWatch = { noEvent() {}, bytes() {}, read() {}, meant() {}, made() {} };

/** What is another event than the one that was converted has another id. */
function keyOf(id: string, moved: number, round: number): string {
  const what = [...(moved === 0 ? [] : [`moved ${moved}`]), ...(round === 1 ? [] : [`round ${round}`])];
  return what.length === 0 ? id : derivedId(id, what.join(' '));
}

interface Identified {
  readonly event: StreamEvent;
  readonly id: string;
}

/** The inputs once, from their beginning: the events that are meant. */
async function* readRound(job: ReplayJob, inputs: readonly InputSource[], watch: StreamWatch): AsyncGenerator<readonly Identified[]> {
  const identities = createIdentities();
  const isMeant = createSelector(job.selection);
  const provenance = job.provenance === undefined ? undefined : readProvenance(job.provenance);
  const idOf = async (event: StreamEvent): Promise<string> => {
    if (provenance === undefined) return identities.of(event);
    const { value } = await provenance.next();
    if (typeof value === 'string') return value;
    throw badProvenance(job.provenance ?? '', 'it has fewer lines than the stream has events');
  };
  for await (const items of readItems(job, inputs, watch)) {
    const meant: Identified[] = [];
    let events = 0;
    for (const item of items) {
      if (isNoEvent(item)) {
        watch.noEvent(item);
        continue;
      }
      events += 1;
      // Also of those that are not meant: an id does not depend on what else is sent.
      const id = provenance === undefined ? identities.of(item) : await idOf(item);
      if (isMeant(item)) meant.push({ event: item, id });
    }
    watch.read(events, events - meant.length);
    watch.made(identities.made);
    yield meant;
  }
  const { done } = (await provenance?.next()) ?? { done: true };
  if (done !== true) throw badProvenance(job.provenance ?? '', 'it has more lines than the stream has events');
}

/** What stands in the inputs, several of them merged by event time. */
async function* readItems(
  job: ReplayJob,
  inputs: readonly InputSource[],
  watch: StreamWatch,
): AsyncGenerator<readonly (StreamEvent | NoStreamEvent)[]> {
  const context: SideContext = { inputs: inputs.map(({ name }) => name), mapping: `${job.mapping.name}@${job.mapping.version}` };
  const reading = readingOf(job, inputs, watch);
  const portions = inputs.length > 1 ? readMerged(reading) : readInOrder(reading);
  if (job.from === '2.0') {
    const read = createCurrentReader(job, context);
    for await (const { items } of portions) for (const few of slices(items)) yield few.map(read);
    return;
  }
  const legacy = createLegacyReader(job, context);
  for await (const { items } of portions) for (const few of slices(items)) yield few.flatMap((item) => legacy.push(item));
  yield legacy.finish();
}

/** Looking at a whole portion at once would take so long that what is due meanwhile is sent too late. */
const FEW = 16;

function* slices<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += FEW) yield items.slice(at, at + FEW);
}

function readingOf(job: ReplayJob, inputs: readonly InputSource[], watch: StreamWatch): Reading {
  const whole = { checkpointEvery: Number.MAX_SAFE_INTEGER, keepOpen: false, asReceived: false };
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      watch.bytes(chunk.length);
      yield chunk;
    }
  }
  return { job: { ...job, ...whole }, inputs, notes: { counted }, saved: undefined };
}
