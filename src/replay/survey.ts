import type { InputSource } from '../source/inputs.ts';
import { expandInputs } from '../source/inputs.ts';
import type { ReplayJob } from './job.ts';
import { targetName } from './job.ts';
import { createPace } from './pace.ts';
import type { ReadCounts } from './result.ts';
import { NOTHING_READ } from './result.ts';
import { readStream } from './stream.ts';

/** What a replay would send, and how long it would take. Times in milliseconds. */
export interface Survey {
  readonly inputs: readonly string[];
  readonly target: string;
  readonly read: Readonly<ReadCounts>;
  /** Events by their type. */
  readonly types: ReadonlyMap<string, number>;
  /** Different contacts; undefined: more than could be told apart. */
  readonly contacts: number | undefined;
  /** Event times of the first and the last event, as they would be sent. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  /** The longest silence, and the event time at which it begins. */
  readonly longestGap: { readonly ms: number; readonly at: number } | undefined;
  /** Events with an earlier time than one before them. */
  readonly outOfOrder: number;
  /** At this speed and rate, if the target takes all at once. 0 at full speed without a rate: then the target decides. */
  readonly duration: number;
  /** The stream is sent again and again: all this is said of one round. */
  readonly isEndless: boolean;
}

/** Contacts that are told apart. */
const MOST_CONTACTS = 5_000_000;

/** Reads the whole stream and sends nothing. Errors: those of the inputs. */
export async function surveyReplay(job: ReplayJob): Promise<Survey> {
  const inputs: readonly InputSource[] = await expandInputs(job.inputs);
  const read = { ...NOTHING_READ };
  const types = new Map<string, number>();
  const contacts = new Set<string>();
  const pace = createPace({ ...job.tempo, startAt: undefined });
  const { rate, speed } = job.tempo;
  const interval = rate === undefined ? 0 : 1000 / rate;
  let [latest, outOfOrder, sentAt] = [Number.NEGATIVE_INFINITY, 0, 0];
  let span: { from: number; to: number } | undefined;
  let longestGap: Survey['longestGap'];
  const shift = (first: number): number => (job.restamp ? Math.round((job.tempo.startAt ?? Date.now()) - first) : 0);
  const watch = {
    noEvent: () => {
      read.noEvents += 1;
    },
    bytes: (count: number) => {
      read.bytes += count;
    },
    read: (events: number, skipped: number) => {
      read.events += events;
      read.skipped += skipped;
    },
    meant: (events: number) => {
      read.meant += events;
    },
    made: (ids: number) => {
      read.made = ids;
    },
  };
  const isEndless = !Number.isFinite(job.rounds);
  for await (const events of readStream(isEndless ? { ...job, rounds: 1 } : job, inputs, shift, watch)) {
    for (const { type, contact, time } of events) {
      types.set(type, (types.get(type) ?? 0) + 1);
      if (contact !== undefined && contacts.size <= MOST_CONTACTS) contacts.add(contact);
      if (time < latest) outOfOrder += 1;
      else if (time - latest > (longestGap?.ms ?? 0) && latest > Number.NEGATIVE_INFINITY) longestGap = { ms: time - latest, at: latest };
      latest = Math.max(latest, time);
      span = { from: Math.min(span?.from ?? time, time), to: latest };
      sentAt = Math.max(pace.offsetOf(time) / speed, sentAt + interval);
    }
  }
  return {
    inputs: inputs.map(({ name }) => name),
    target: targetName(job),
    read,
    types,
    contacts: contacts.size > MOST_CONTACTS ? undefined : contacts.size,
    span,
    longestGap,
    outOfOrder,
    duration: sentAt,
    isEndless,
  };
}
