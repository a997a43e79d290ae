import { crc32 } from 'node:zlib';
import type { Selection } from './job.ts';

/** What of an event decides whether it is meant. */
export interface Selectable {
  readonly type: string;
  /** Event time, Unix milliseconds; NaN where there is none. */
  readonly time: number;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
}

/** True for the events that a selection means, but for its limit. An event without a time is in no stretch of time. */
export function createSelector(selection: Selection): (event: Selectable) => boolean {
  const { since, until, sample } = selection;
  const [types, contacts, agents] = [selection.types, selection.contacts, selection.agents].map((each) => each && new Set(each));
  return ({ type, time, contact, agent }) =>
    (since === undefined || time >= since) &&
    (until === undefined || time < until) &&
    (types === undefined || types.has(type)) &&
    (contacts === undefined || (contact !== undefined && contacts.has(contact))) &&
    (agents === undefined || (agent !== undefined && agents.has(agent))) &&
    (sample === undefined || share(contact ?? agent ?? type) < sample);
}

/** Where a name stands between 0 and 1: the same in every run. */
function share(name: string): number {
  // A CRC of names that differ in their last digits only differs in few bits; multiplied, in all that count.
  return (Math.imul(crc32(name), 0x9e3779b1) >>> 0) / 2 ** 32;
}
