import type { TruthEvent } from '../generate/delivery.ts';

/** What the comparison needs to know of a true event. */
export type TruthItem = Pick<TruthEvent, 'line' | 'time' | 'type' | 'kind' | 'contactId' | 'agentId' | 'survived'>;

/** A 2.0 event on either side, with the little of it that decides what it is compared with. */
export interface Event {
  readonly line: string;
  readonly time: string;
  readonly type: string;
  readonly contactId: string | undefined;
  readonly agentId: string | undefined;
}

/** The events of one call, or of one agent outside calls, on both sides. */
export interface Group {
  readonly key: string;
  readonly truth: TruthItem[];
  readonly ours: Event[];
}

/** Fields of a 2.0 line as text; a line that is no object counts as an event without fields. */
export function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Reads a 2.0 line of ours. */
export function readEvent(line: string): Event {
  const { eventTime, eventType, contactId, agentId } = fieldsOf(line);
  return { line, time: text(eventTime) ?? '', type: text(eventType) ?? '?', contactId: text(contactId), agentId: text(agentId) };
}

/** Group of an event: its call, else its agent. */
function keyOf(event: { readonly contactId: string | undefined; readonly agentId: string | undefined }): string {
  return event.contactId === undefined ? `agent ${event.agentId ?? '?'}` : `call ${event.contactId}`;
}

/** Both streams, sorted. */
export interface Groups {
  readonly groups: ReadonlyMap<string, Group>;
  /** Events of ours that stand behind a later one. */
  readonly outOfOrder: number;
}

/** Sorts both streams into calls and agents, keeping the order inside each. Ours is read first: reading it may make the truth. */
export function groupStreams(truth: Iterable<TruthItem>, ours: Iterable<string>): Groups {
  const events: Event[] = [];
  for (const line of ours) events.push(readEvent(line));
  const groups = new Map<string, Group>();
  const groupOf = (key: string): Group => {
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, truth: [], ours: [] };
      groups.set(key, group);
    }
    return group;
  };
  for (const item of truth) groupOf(keyOf(item)).truth.push(item);
  let [latest, outOfOrder] = ['', 0];
  for (const event of events) {
    if (event.time < latest) outOfOrder += 1;
    else latest = event.time;
    groupOf(keyOf(event)).ours.push(event);
  }
  return { groups, outOfOrder };
}
