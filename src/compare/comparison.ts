/** A side of a comparison. */
export type Side = 'ours' | 'theirs';

/** One event of a stream, as far as it is compared. */
export interface ComparedEvent {
  readonly side: Side;
  readonly type: string;
  /** Unix milliseconds. */
  readonly time: number;
  /** What its counterpart has in common with it: contact or matched fields, type, party. */
  readonly key: string;
  readonly contact: string | undefined;
  /** Values as they are written in JSON, by name; without time, type and what is not compared. */
  readonly fields: ReadonlyMap<string, string>;
  /** `file, line n, byte m`. */
  readonly place: string;
}

/** An example of a difference. Values are undefined where there is none. */
export interface Sample {
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
  readonly place: string;
}

/** Differences of one field of one event type. */
export interface FieldDifference {
  readonly type: string;
  readonly field: string;
  readonly count: number;
  readonly samples: readonly Sample[];
}

/** What was found of one event type. */
export interface TypeDifference {
  readonly type: string;
  readonly ours: number;
  readonly theirs: number;
  readonly missing: number;
  readonly extra: number;
  /** Pairs that differ in a field. */
  readonly different: number;
  readonly missingAt: readonly string[];
  readonly extraAt: readonly string[];
}

/** How many pairs are apart by so many milliseconds: ours later than theirs is positive. */
export interface ShiftCount {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What was found. `missing` = only theirs, `extra` = only ours. */
export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
  readonly pairs: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Pairs whose times are not the same. */
  readonly shifted: number;
  /** Pairs of pairs of one contact that stand in another order by their times. */
  readonly swapped: number;
  /** Records that are no events with a type and a time, by side. */
  readonly refused: { readonly ours: number; readonly theirs: number };
  readonly types: readonly TypeDifference[];
  readonly fields: readonly FieldDifference[];
  readonly shifts: readonly ShiftCount[];
}
