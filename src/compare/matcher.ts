import type { ComparedEvent, Side } from './comparison.ts';

/** What is told of matches. */
export interface MatchTarget {
  /** `differing`: names of fields that are not the same. */
  pair(ours: ComparedEvent, theirs: ComparedEvent, differing: readonly string[]): void;
  alone(event: ComparedEvent): void;
}

interface Waiting {
  readonly event: ComparedEvent;
  isDone: boolean;
}

type Group = Record<Side, Waiting[]>;

const OTHER: Readonly<Record<Side, Side>> = { ours: 'theirs', theirs: 'ours' };

/**
 * Finds the counterpart of each event in the other stream: same key, within the window of time, the one with the fewest differing fields,
 * of these the nearest. An event waits until nothing that could be its counterpart can come any more, so the order within the window
 * does not matter. Memory is bounded by the events of a few windows.
 */
export class Matcher {
  private readonly window: number;
  private readonly target: MatchTarget;
  private readonly groups = new Map<string, Group>();
  private readonly queues: Record<Side, Waiting[]> = { ours: [], theirs: [] };
  private readonly clocks: Record<Side, number> = { ours: Number.NEGATIVE_INFINITY, theirs: Number.NEGATIVE_INFINITY };

  constructor(window: number, target: MatchTarget) {
    this.window = window;
    this.target = target;
  }

  add(event: ComparedEvent): void {
    const { side, key, time } = event;
    if (time > this.clocks[side]) this.clocks[side] = time;
    const group = this.groups.get(key) ?? { ours: [], theirs: [] };
    const twin = group[OTHER[side]].find((other) => other.event.time === time && differing(event, other.event).length === 0);
    if (twin === undefined) {
      const waiting = { event, isDone: false };
      group[side].push(waiting);
      this.groups.set(key, group);
      this.queues[side].push(waiting);
    } else this.match({ event, isDone: false }, twin, []);
    this.settle(Math.min(this.clocks.ours, this.clocks.theirs) - 2 * this.window);
  }

  /** Nothing more comes on one side. */
  end(side: Side): void {
    this.clocks[side] = Number.POSITIVE_INFINITY;
    this.settle(Math.min(this.clocks.ours, this.clocks.theirs) - 2 * this.window);
  }

  /** Decides all that is older than `until`. */
  private settle(until: number): void {
    for (const side of ['ours', 'theirs'] as const) {
      const queue = this.queues[side];
      let taken = 0;
      for (const waiting of queue) {
        if (!waiting.isDone && waiting.event.time >= until) break;
        taken += 1;
        if (!waiting.isDone) this.decide(waiting);
      }
      if (taken > 0) queue.splice(0, taken);
    }
  }

  private decide(waiting: Waiting): void {
    const { event } = waiting;
    let best: { readonly other: Waiting; readonly fields: readonly string[]; readonly apart: number } | undefined;
    for (const other of this.groups.get(event.key)?.[OTHER[event.side]] ?? []) {
      const apart = Math.abs(other.event.time - event.time);
      if (apart > this.window) continue;
      const fields = differing(event, other.event);
      const isBetter =
        best === undefined || fields.length < best.fields.length || (fields.length === best.fields.length && apart < best.apart);
      if (isBetter) best = { other, fields, apart };
    }
    if (best !== undefined) {
      this.match(waiting, best.other, best.fields);
      return;
    }
    this.leave(waiting);
    this.target.alone(event);
  }

  private match(a: Waiting, b: Waiting, fields: readonly string[]): void {
    this.leave(a);
    this.leave(b);
    const [ours, theirs] = a.event.side === 'ours' ? [a.event, b.event] : [b.event, a.event];
    this.target.pair(ours, theirs, fields);
  }

  private leave(waiting: Waiting): void {
    waiting.isDone = true;
    const { key, side } = waiting.event;
    const group = this.groups.get(key);
    if (group === undefined) return;
    group[side] = group[side].filter((each) => each !== waiting);
    if (group.ours.length === 0 && group.theirs.length === 0) this.groups.delete(key);
  }
}

/** Names of the fields that two events do not have in common. */
export function differing(a: ComparedEvent, b: ComparedEvent): readonly string[] {
  const names: string[] = [];
  for (const [name, value] of a.fields) if (b.fields.get(name) !== value) names.push(name);
  for (const name of b.fields.keys()) if (!a.fields.has(name)) names.push(name);
  return names;
}
