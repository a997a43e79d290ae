import { toldName } from '../event/told-name.ts';
import type { ComparedEvent, Comparison, FieldDifference, ShiftCount, Side, TypeDifference } from './comparison.ts';
import type { MatchTarget } from './matcher.ts';

const SAMPLES = 3;
const NAMES_KEPT = 5_000;
/** Contacts whose last pairs are remembered, for their order; and how many pairs of each. */
const CONTACTS_KEPT = 20_000;
const PAIRS_KEPT = 8;
/** Milliseconds between which shifts are counted together. */
const STEPS = [0, 1, 10, 100, 1_000, 10_000, 60_000] as const;

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

/** Counts what a matcher tells. `showsValues`: examples hold values as they are. */
export class ComparisonTally implements MatchTarget {
  private readonly showsValues: boolean;
  private readonly types = new Map<string, Mutable<TypeDifference>>();
  private readonly fields = new Map<string, Mutable<FieldDifference>>();
  private readonly shifts = new Map<string, Mutable<ShiftCount>>();
  /** Times of both events of a contact's last pairs: not the events, which are a hundred times as large. */
  private readonly last = new Map<string, (readonly [number, number])[]>();
  private pairs = 0;
  private different = 0;
  private shifted = 0;
  private swapped = 0;
  readonly refused: Record<Side, number> = { ours: 0, theirs: 0 };

  constructor(showsValues: boolean) {
    this.showsValues = showsValues;
  }

  pair(ours: ComparedEvent, theirs: ComparedEvent, differing: readonly string[]): void {
    this.pairs += 1;
    const row = this.rowOf(ours.type);
    row.ours += 1;
    row.theirs += 1;
    if (differing.length > 0) {
      this.different += 1;
      row.different += 1;
    }
    for (const name of differing) this.noteField(ours, theirs, name);
    const shift = ours.time - theirs.time;
    if (shift !== 0) {
      this.shifted += 1;
      this.noteShift(shift);
    }
    this.noteOrder(ours, theirs);
  }

  alone({ side, type, place }: ComparedEvent): void {
    const row = this.rowOf(type);
    row[side] += 1;
    if (side === 'ours') {
      row.extra += 1;
      if (row.extraAt.length < SAMPLES) row.extraAt = [...row.extraAt, place];
    } else {
      row.missing += 1;
      if (row.missingAt.length < SAMPLES) row.missingAt = [...row.missingAt, place];
    }
  }

  found(): Comparison {
    const { pairs, different, shifted, swapped, refused } = this;
    const types = [...this.types.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
    const sum = (of: (row: TypeDifference) => number): number => types.reduce((all, row) => all + of(row), 0);
    return {
      ours: sum(({ ours }) => ours),
      theirs: sum(({ theirs }) => theirs),
      missing: sum(({ missing }) => missing),
      extra: sum(({ extra }) => extra),
      ...{ pairs, different, shifted, swapped, refused, types },
      fields: [...this.fields.values()].sort((a, b) => b.count - a.count || (`${a.type} ${a.field}` < `${b.type} ${b.field}` ? -1 : 1)),
      shifts: [...this.shifts.values()].sort((a, b) => a.from - b.from),
    };
  }

  private rowOf(type: string): Mutable<TypeDifference> {
    const name = this.types.size < NAMES_KEPT || this.types.has(type) ? type : '(other types)';
    let row = this.types.get(name);
    if (row === undefined) {
      row = { type: toldName(name), ours: 0, theirs: 0, missing: 0, extra: 0, different: 0, missingAt: [], extraAt: [] };
      this.types.set(name, row);
    }
    return row;
  }

  private noteField(ours: ComparedEvent, theirs: ComparedEvent, field: string): void {
    const key = `${ours.type} ${field}`;
    let row = this.fields.get(key);
    if (row === undefined) {
      if (this.fields.size === NAMES_KEPT) return;
      row = { type: toldName(ours.type), field: toldName(field), count: 0, samples: [] };
      this.fields.set(key, row);
    }
    row.count += 1;
    if (row.samples.length === SAMPLES) return;
    const value = (text: string | undefined): string | undefined => (text === undefined || this.showsValues ? text : toldName(text));
    row.samples = [...row.samples, { ours: value(ours.fields.get(field)), theirs: value(theirs.fields.get(field)), place: ours.place }];
  }

  private noteShift(shift: number): void {
    const size = Math.abs(shift);
    const step = STEPS.findLast((each) => each < size) ?? 0;
    const next = STEPS[STEPS.indexOf(step) + 1] ?? Number.POSITIVE_INFINITY;
    const [from, to] = shift > 0 ? [step, next] : [-next, -step];
    const key = String(from);
    const row = this.shifts.get(key) ?? { from, to, count: 0 };
    row.count += 1;
    this.shifts.set(key, row);
  }

  private noteOrder(ours: ComparedEvent, theirs: ComparedEvent): void {
    const { contact } = ours;
    if (contact === undefined) return;
    const before = this.last.get(contact) ?? [];
    for (const [first, second] of before) {
      // Equal times have no order.
      if ((ours.time - first) * (theirs.time - second) < 0) this.swapped += 1;
    }
    this.last.delete(contact);
    this.last.set(contact, [...before.slice(1 - PAIRS_KEPT), [ours.time, theirs.time]]);
    if (this.last.size <= CONTACTS_KEPT) return;
    const [oldest] = this.last.keys();
    if (oldest !== undefined) this.last.delete(oldest);
  }
}
