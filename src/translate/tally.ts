import type { RecordView } from '../event/record.ts';
import { toldName } from '../event/told-name.ts';

/** How often something was met, and where first in the inputs: not where first by time, which depends on who counts. */
export interface Count {
  count: number;
  source: number;
  offset: number;
  line: number;
}

/** Counts one more. */
export function countOne(counter: Count, record: RecordView): void {
  counter.count += 1;
  const { source, offset } = record;
  if (source > counter.source || (source === counter.source && offset >= counter.offset)) return;
  counter.source = source;
  counter.offset = offset;
  counter.line = record.line;
}

/** What a run noticed by name: fields dropped or unknown, ids without a table row, values without a counterpart. */
export type NoticeKind = 'droppedField' | 'unknownField' | 'unknownId' | 'unknownValue' | 'unknownType';

const NAMES_KEPT = 10_000;
const THE_REST = '(more)';

/** Counts by kind and name; hostile input cannot make it grow without bound. */
export interface Tally {
  note(kind: NoticeKind, name: string, record: RecordView): void;
  /** The counter of a name, for who counts it often; `record` is its first place if it has none yet. It starts at 0. */
  counter(kind: NoticeKind, name: string, record: RecordView): Count;
  readonly counts: ReadonlyMap<NoticeKind, ReadonlyMap<string, Count>>;
  /** Plain data, for a checkpoint. */
  save(): TallyState;
  restore(state: TallyState): void;
}

/** Saved counts. */
export type TallyState = readonly (readonly [NoticeKind, readonly (readonly [string, Count])[]])[];

/** An empty tally. */
export function createTally(): Tally {
  const counts = new Map<NoticeKind, Map<string, Count>>();
  const counter = (kind: NoticeKind, name: string, record: RecordView): Count => {
    let byName = counts.get(kind);
    if (byName === undefined) {
      byName = new Map();
      counts.set(kind, byName);
    }
    let found = byName.get(name);
    if (found !== undefined) return found;
    // An id is told as it is: it is to be looked up and added to the id table.
    const told = kind === 'unknownId' ? name : toldName(name);
    const key = byName.has(told) || byName.size < NAMES_KEPT ? told : THE_REST;
    found = byName.get(key);
    if (found === undefined) {
      found = { count: 0, source: record.source, offset: record.offset, line: record.line };
      byName.set(key, found);
    }
    return found;
  };
  return {
    counts,
    counter,
    note(kind, name, record) {
      countOne(counter(kind, name, record), record);
    },
    save: () => [...counts].map(([kind, byName]) => [kind, [...byName]]),
    restore(state) {
      counts.clear();
      for (const [kind, entries] of state) counts.set(kind, new Map(entries.map(([name, count]) => [name, { ...count }])));
    },
  };
}
