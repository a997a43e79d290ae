import { createIdTable } from '../event/ids.ts';
import { createEventReader } from '../event/read.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { isBlank, releaseRecord, slotText, slotTextOnce, textOf, valueEnd, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { createZone } from '../event/zone.ts';
import { isBad } from '../parse/options.ts';
import type { Look } from '../pipeline/read-once.ts';
import { readOnce } from '../pipeline/read-once.ts';
import type { InputSource } from '../source/inputs.ts';
import { expandInputs } from '../source/inputs.ts';
import type { ComparedEvent, Comparison, Side } from './comparison.ts';
import { Matcher } from './matcher.ts';
import { ComparisonTally } from './tally.ts';

/** Two streams of 2.0 events of the same calls, to be compared. */
export interface CompareJob extends Omit<Look, 'ids'> {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** Milliseconds by which the times of one event may be apart, and within which order does not matter. */
  readonly window: number;
  /** Names of the fields by which events belong together where contact ids differ; undefined = by contactId. */
  readonly match: readonly string[] | undefined;
  /** Contact ids of theirs by those of ours. */
  readonly contacts: ReadonlyMap<string, string> | undefined;
  /** Fields that are not compared, by name or as `Type.name`. */
  readonly ignore: ReadonlySet<string>;
  /** Examples hold values as they are, numbers too. */
  readonly showsValues: boolean;
}

/** The name under which `convert --provenance field` writes. */
const PROVENANCE = '_upcast';

/** Compares two streams. Memory does not grow with them. Errors: those of reading inputs. */
export async function runCompare(job: CompareJob): Promise<Comparison> {
  const tally = new ComparisonTally(job.showsValues);
  const matcher = new Matcher(job.window, tally);
  const sides = await Promise.all(
    (['ours', 'theirs'] as const).map(async (side) => {
      const inputs = await expandInputs(job[side]);
      return { side, events: eventsOf(job, side, inputs, () => (tally.refused[side] += 1)), head: undefined as ComparedEvent | undefined };
    }),
  );
  const open = new Set(sides);
  for (const each of sides) await advance(each, open, matcher);
  // The side that is behind goes on, so that little waits for its counterpart.
  while (open.size > 0) {
    const [first] = [...open].sort((a, b) => (a.head?.time ?? 0) - (b.head?.time ?? 0));
    if (first?.head === undefined) break;
    matcher.add(first.head);
    await advance(first, open, matcher);
  }
  return tally.found();
}

interface Stream {
  readonly side: Side;
  readonly events: AsyncGenerator<readonly ComparedEvent[]>;
  head: ComparedEvent | undefined;
  batch?: readonly ComparedEvent[];
  at?: number;
}

async function advance(stream: Stream, open: Set<Stream>, matcher: Matcher): Promise<void> {
  stream.at = (stream.at ?? -1) + 1;
  while (stream.batch === undefined || stream.at >= stream.batch.length) {
    const next = await stream.events.next();
    if (next.done === true) {
      open.delete(stream);
      matcher.end(stream.side);
      return;
    }
    stream.batch = next.value;
    stream.at = 0;
  }
  stream.head = stream.batch[stream.at];
}

async function* eventsOf(
  job: CompareJob,
  side: Side,
  inputs: readonly InputSource[],
  refuse: () => void,
): AsyncGenerator<readonly ComparedEvent[]> {
  const ids = createIdTable([]);
  const reader = createEventReader({ ids, zone: createZone(job.timeZone), undecidedIsCurrent: true });
  const take = (item: RecordView | BadRecord): readonly ComparedEvent[] => {
    if (isBad(item)) {
      refuse();
      return [];
    }
    const kind = reader.kind(item);
    const time = reader.time(item);
    if (kind === undefined || typeof time === 'string') {
      refuse();
      releaseRecord(item);
      return [];
    }
    const place = `${inputs[item.source]?.name ?? '?'}, line ${item.line}, byte ${item.offset}`;
    const event = comparedEvent(job, side, item, kind.type, time, place);
    releaseRecord(item);
    return [event];
  };
  for await (const portion of readOnce({ ...job, ids }, inputs)) {
    yield portion.items.flatMap(take);
  }
}

function comparedEvent(job: CompareJob, side: Side, record: RecordView, type: string, time: number, place: string): ComparedEvent {
  const named = slotTextOnce(record, SLOT.contactId);
  const contact = named !== undefined && side === 'ours' ? (job.contacts?.get(named) ?? named) : named;
  const fields = new Map<string, string>();
  const { keys } = record.shape;
  for (let field = 0; field < keys.length; field += 1) {
    const name = keys[field] as string;
    if (name === PROVENANCE || name === 'eventTime' || name === 'eventType') continue;
    if (job.ignore.has(name) || job.ignore.has(`${type}.${name}`)) continue;
    const start = valueStart(record, field);
    const end = valueEnd(record, field);
    // Blank and absent are the same in 2.0.
    if (!isBlank(record.block.bytes, start, end)) fields.set(name, record.block.text(start, end));
  }
  if (contact !== named && contact !== undefined && fields.has('contactId')) fields.set('contactId', JSON.stringify(contact));
  const { match } = job;
  // Without an agent the leg's other party tells two events of one type in a call apart.
  const party = slotText(record, SLOT.agentId) ?? slotText(record, SLOT.destination) ?? '';
  const bond = match === undefined ? (contact ?? '') : match.map((name) => namedText(record, name)).join(' ');
  return { side, type, time, contact, fields, place, key: `${type} ${party} ${bond}` };
}

function namedText(record: RecordView, name: string): string {
  return textOf(record, record.shape.keys.indexOf(name)) ?? '';
}

/** Fields that differ between two streams of one platform: what it does not repeat itself is no difference. As `Type.name`. */
export async function noiseOf(job: CompareJob): Promise<readonly string[]> {
  const { fields } = await runCompare(job);
  return fields.map(({ type, field }) => `${type}.${field}`);
}
