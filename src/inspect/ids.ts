import type { IdTable, IdTableKind } from '../event/ids.ts';
import { ID_TABLE_KINDS } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { slotText, valueEnd, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { SpanCache } from '../event/span-cache.ts';
import type { IdsFound, Met } from './inspection.ts';

/** Ids of one kind that are kept: a draft of a table for more would be filled in by no one. */
const MOST_IDS = 200_000;
const SLOTS: readonly (readonly [number, IdTableKind])[] = [
  [SLOT.instanceId, 'instance'],
  [SLOT.agentId, 'agent'],
  [SLOT.agentIds, 'agent'],
  [SLOT.skillGroupId, 'skillGroup'],
  [SLOT.skillGroupIds, 'skillGroup'],
  [SLOT.transferor, 'agent'],
];

interface Counter {
  count: number;
  readonly first: string;
}

interface Kind {
  readonly known: Set<string>;
  readonly lacking: Map<string, Counter>;
  more: boolean;
}

/** Which ids of a log the id table has, and which it lacks. */
export class IdSurvey {
  private readonly table: IdTable;
  private readonly kinds: Readonly<Record<IdTableKind, Kind>>;
  /** Counters of a value's ids, by its bytes: the same few come again and again. Ids that the table has count nothing. */
  private readonly caches = SLOTS.map(() => new SpanCache<readonly Counter[]>(4096));

  constructor(table: IdTable) {
    this.table = table;
    const kind = (): Kind => ({ known: new Set(), lacking: new Map(), more: false });
    this.kinds = { instance: kind(), agent: kind(), skillGroup: kind() };
  }

  take(record: RecordView, placeOf: (record: RecordView) => string): void {
    for (let index = 0; index < SLOTS.length; index += 1) {
      const [slot, kind] = SLOTS[index] as (typeof SLOTS)[number];
      const field = record.shape.slots[slot] as number;
      if (field < 0) continue;
      const { view } = record.block;
      const start = valueStart(record, field);
      const end = valueEnd(record, field);
      const cache = this.caches[index] as SpanCache<readonly Counter[]>;
      let counters = cache.get(view, start, end);
      if (counters === undefined) {
        counters = this.countersOf(kind, slotText(record, slot), () => placeOf(record));
        cache.put(view, start, end, counters);
      }
      for (const counter of counters) counter.count += 1;
    }
  }

  found(): readonly IdsFound[] {
    return ID_TABLE_KINDS.map((kind) => {
      const { known, lacking, more } = this.kinds[kind];
      const sorted = [...lacking].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
      return { kind, known: known.size, lacking: sorted.map(([id, met]): readonly [string, Met] => [id, met]), more };
    });
  }

  private countersOf(kind: IdTableKind, text: string | undefined, place: () => string): readonly Counter[] {
    const found = this.kinds[kind];
    return (text ?? '').split(',').flatMap((part) => {
      const id = part.trim();
      if (id === '' || this.table.isCurrent(kind, id)) return [];
      if (this.table.find(kind, id) !== undefined) {
        if (found.known.size < MOST_IDS) found.known.add(id);
        return [];
      }
      const counter = found.lacking.get(id);
      if (counter !== undefined) return [counter];
      if (found.lacking.size === MOST_IDS) {
        found.more = true;
        return [];
      }
      const made: Counter = { count: 0, first: place() };
      found.lacking.set(id, made);
      return [made];
    });
  }
}

/** A table to be filled in: the ids that are lacking, most frequent first, with nothing in the last column. */
export function draftOf(ids: readonly IdsFound[]): string {
  const rows = ids.flatMap(({ kind, lacking }) => lacking.map(([id]) => `${kind},${quoted(id)},`));
  return `${['kind,legacy,current', ...rows].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
