import type { InputSource } from '../source/inputs.ts';
import { readMerged } from './merge.ts';
import type { Portion, Reading, ReadJob } from './read-inputs.ts';
import { readInOrder } from './read-inputs.ts';

/** How inputs are read by who only looks at them. */
export type Look = Omit<ReadJob, 'checkpointEvery' | 'keepOpen' | 'asReceived'>;

/** No checkpoint is made, so no border is needed. */
const NEVER = 2 ** 40;

/** Reads inputs from end to end, once: one after the other, or merged by event time. `notes` is told of the bytes. */
export function readOnce(
  { maxLine, dupKeys, eventAt, rs, allowTruncated, ids, timeZone }: Look,
  inputs: readonly InputSource[],
  { merge = false, notes = SILENT }: { readonly merge?: boolean; readonly notes?: Reading['notes'] } = {},
): AsyncGenerator<Portion> {
  const how = { maxLine, dupKeys, eventAt, rs, allowTruncated, ids, timeZone };
  const reading = { job: { ...how, checkpointEvery: NEVER, keepOpen: false, asReceived: false }, inputs, notes, saved: undefined };
  return merge ? readMerged(reading) : readInOrder(reading);
}

const SILENT: Reading['notes'] = { counted: (chunks) => chunks };
