import type { MappedField, MappedType } from './coverage.ts';
import type { ShapeName } from './value-shape.ts';

/** A place in the inputs, and how often something was met. */
export interface Met {
  readonly count: number;
  /** `file, line n, byte m` of the first. */
  readonly first: string;
}

/** One field of one event type. */
export interface FieldFound extends Met {
  /** Name with its first letter in lower case: the one under which mappings know it. */
  readonly name: string;
  /** Spellings in the log. */
  readonly spellings: readonly string[];
  /** Of all events of the type, those in which the field says something (not null, not ""). */
  readonly filled: number;
  readonly shapes: readonly (readonly [ShapeName, number])[];
  /** Values and how often each, most frequent first; undefined where they are many, or anything but single words and short numbers. */
  readonly values: readonly (readonly [string, number])[] | undefined;
  readonly mapped: MappedField;
}

/** One event type. */
export interface TypeFound extends Met {
  readonly type: string;
  /** Events of it that are 2.0 already. */
  readonly current: number;
  readonly mapped: MappedType;
  readonly fields: readonly FieldFound[];
}

/** What the times of a log are like. Milliseconds. */
export interface TimesFound {
  readonly from: number;
  readonly to: number;
  /** How times are written, and how often. */
  readonly forms: readonly (readonly [string, number])[];
  /** Events that come after a later one, and by how much: for shares of all events, the `--lateness` that puts so many right. */
  readonly disordered: number;
  readonly lateness: readonly { readonly share: number; readonly millis: number }[];
  /** Longest spans of event time without any event. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Events dated more than an hour after all before and after them. */
  readonly jumps: number;
  /** Set where times without a zone look as if they were in another zone than the one that is set. */
  readonly zoneDoubt: string | undefined;
}

/** Ids that the table lacks, of one kind. */
export interface IdsFound {
  readonly kind: 'instance' | 'agent' | 'skillGroup';
  readonly known: number;
  readonly lacking: readonly (readonly [string, Met])[];
  /** More were met than are kept. */
  readonly more: boolean;
}

/** All that was found in a log; nothing was written. */
export interface Inspection {
  readonly inputs: readonly string[];
  readonly mapping: { readonly name: string; readonly version: string };
  readonly records: number;
  readonly blanks: number;
  readonly bytesRead: number;
  readonly types: readonly TypeFound[];
  /** Records that are no events, by reason. */
  readonly refused: readonly (readonly [string, Met])[];
  readonly times: TimesFound | undefined;
  readonly ids: readonly IdsFound[];
  /** What one `connectId` stands for, judged by calls with several parties. */
  readonly connectIds: { readonly perParty: number; readonly perCall: number; readonly verdict: 'party' | 'call' | 'unknown' };
  /** 1.0 types of which there is none although other events of their calls are there. */
  readonly missing: readonly { readonly type: string; readonly means: string }[];
  /** Events that came before, byte for byte or with their fields in another order, among the last million. */
  readonly repeats: number;
  readonly seconds: number;
}
