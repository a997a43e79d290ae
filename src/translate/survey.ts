import type { RecordView } from '../event/record.ts';
import { slotText } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { Slot } from './entry.ts';

/** Why a call is worth a look. */
export const ODDITIES = [
  'best-reading',
  'release-from-acw',
  'release-from-elsewhere',
  'dead-letter',
  'set-aside',
  'late',
  'repeated',
  'consultation',
  'transfer',
  'ordinary',
] as const;

/** See {@link ODDITIES}. */
export type Oddity = (typeof ODDITIES)[number];

/** A call with an oddity, and where the event that shows it stands. */
export interface Specimen {
  readonly contact: string;
  readonly source: number;
  readonly offset: number;
}

/** What happened in one stretch of time. */
export interface Bucket {
  calls: number;
  events: number;
  synthesized: number;
}

/** Saved survey. */
export interface SurveyState {
  /** Length of a bucket, minutes. */
  readonly width: number;
  /** By number: the bucket of time `t` is `floor(t / width)`. */
  readonly buckets: readonly (readonly [number, Bucket])[];
  readonly specimens: readonly (readonly [Oddity, readonly Specimen[]])[];
}

/** Looks on while events end: how much there is when, and a few calls of each kind, for the report. */
export interface Survey {
  /** The first event of a call has come. */
  opened(time: number): void;
  take(slot: Slot): void;
  save(): SurveyState;
  restore(state: SurveyState): void;
}

const MINUTE = 60_000;
const MOST_BUCKETS = 400;
/** Calls kept of each kind. */
const KEPT = 10;

/** A survey that has seen nothing yet. What it finds does not depend on who counts what first: parts can be put together. */
export function createSurvey(): Survey {
  let width = 1;
  let buckets = new Map<number, Bucket>();
  let lastAt = Number.NaN;
  let last: Bucket | undefined;
  const specimens = new Map<Oddity, Specimen[]>();

  const widen = (): void => {
    while (buckets.size > MOST_BUCKETS) {
      width *= 2;
      const wider = new Map<number, Bucket>();
      for (const [at, bucket] of buckets) addTo(wider, Math.floor(at / 2), bucket);
      buckets = wider;
      lastAt = Number.NaN;
    }
  };

  const bucketAt = (time: number): Bucket => {
    const at = Math.floor(time / (MINUTE * width));
    if (at === lastAt && last !== undefined) return last;
    let bucket = buckets.get(at);
    if (bucket === undefined) {
      bucket = { calls: 0, events: 0, synthesized: 0 };
      buckets.set(at, bucket);
      if (buckets.size > MOST_BUCKETS) {
        widen();
        return bucketAt(time);
      }
    }
    lastAt = at;
    last = bucket;
    return bucket;
  };

  const note = (oddity: Oddity, contact: string | undefined, { source, offset }: RecordView): void => {
    if (contact === undefined || contact === '') return;
    const list = specimens.get(oddity);
    if (list === undefined) specimens.set(oddity, [{ contact, source, offset }]);
    else keep(list, { contact, source, offset });
  };

  return {
    opened(time) {
      bucketAt(time).calls += 1;
    },
    take(slot) {
      const { record, outputs, contact } = slot;
      if (!Number.isNaN(slot.time)) {
        const bucket = bucketAt(slot.time);
        if (slot.home) bucket.events += 1;
        for (const output of outputs) {
          if (output.waited) note('best-reading', output.contact, record);
          if (output.kind !== 'synthesized') continue;
          bucket.synthesized += 1;
          if (output.rule === 'AgentACW') note('release-from-acw', output.contact, record);
          else if (output.contact !== contact) note('release-from-elsewhere', output.contact, record);
        }
      }
      if (!slot.home) return;
      if (slot.account === 'translated') {
        if (slot.action === 'BlindTransfer' || slot.action === 'AttendedTransfer') note('transfer', contact, record);
        else if (slot.action === 'Established') note('ordinary', contact, record);
        else if (outputs.length === 1 && outputs[0]?.label.type === 'InitiateConsultant') note('consultation', contact, record);
      } else if (slot.account === 'setAside') note('set-aside', slotText(record, SLOT.contactId), record);
      else if (slot.account === 'deadLetters') note('dead-letter', slotText(record, SLOT.contactId), record);
      else if (slot.account === 'duplicates') note('repeated', slotText(record, SLOT.contactId), record);
      if (slot.late) note('late', contact, record);
    },
    save: () => ({
      width,
      buckets: [...buckets].sort(([a], [b]) => a - b).map(([at, bucket]) => [at, { ...bucket }]),
      specimens: ODDITIES.flatMap((oddity) => {
        const list = specimens.get(oddity);
        return list === undefined ? [] : [[oddity, [...list]] as const];
      }),
    }),
    restore(state) {
      ({ width } = state);
      buckets = new Map(state.buckets.map(([at, bucket]) => [at, { ...bucket }]));
      lastAt = Number.NaN;
      widen();
      for (const [oddity, list] of state.specimens) specimens.set(oddity, [...list]);
    },
  };
}

/** Of the same kind as one of all parts. */
export function surveyOf(states: readonly SurveyState[]): SurveyState {
  const width = Math.max(...states.map((state) => state.width));
  const buckets = new Map<number, Bucket>();
  const specimens = new Map<Oddity, Specimen[]>();
  for (const state of states) {
    for (const [at, bucket] of state.buckets) addTo(buckets, Math.floor((at * state.width) / width), bucket);
    for (const [oddity, list] of state.specimens) {
      const all = specimens.get(oddity) ?? [];
      for (const specimen of list) keep(all, specimen);
      specimens.set(oddity, all);
    }
  }
  const whole = createSurvey();
  whole.restore({ width, buckets: [...buckets], specimens: [...specimens] });
  return whole.save();
}

function addTo(buckets: Map<number, Bucket>, at: number, more: Bucket): void {
  const { calls, events, synthesized } = buckets.get(at) ?? { calls: 0, events: 0, synthesized: 0 };
  buckets.set(at, { calls: calls + more.calls, events: events + more.events, synthesized: synthesized + more.synthesized });
}

/** Keeps the calls that come first in the inputs, each once. One event may speak of several calls. */
function keep(list: Specimen[], found: Specimen): void {
  const last = list[KEPT - 1];
  if (last !== undefined && !isBefore(found, last)) return;
  const own = list.findIndex((each) => each.contact === found.contact);
  const known = list[own];
  if (known !== undefined) {
    if (!isBefore(found, known)) return;
    list.splice(own, 1);
  }
  const at = list.findIndex((each) => isBefore(found, each));
  list.splice(at < 0 ? list.length : at, 0, found);
  if (list.length > KEPT) list.pop();
}

function isBefore(a: Specimen, b: Specimen): boolean {
  if (a.source !== b.source) return a.source < b.source;
  return a.offset < b.offset || (a.offset === b.offset && a.contact < b.contact);
}
