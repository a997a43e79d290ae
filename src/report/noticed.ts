import type { RunResult } from '../pipeline/job.ts';
import type { NoticeKind } from '../translate/tally.ts';

/** Something that a run noticed by name, how often, and where first. */
export interface Noticed {
  readonly name: string;
  readonly count: number;
  readonly file: string;
  readonly line: number;
  /** Bytes from the start of the (decompressed) input. */
  readonly offset: number;
}

/** What a run noticed of one kind, the most frequent first. */
export function noticedOf(result: RunResult, kind: NoticeKind): readonly Noticed[] {
  const counts = [...(result.tally.counts.get(kind) ?? [])];
  return counts
    .map(([name, at]) => ({ name, count: at.count, file: result.inputs[at.source] ?? '?', line: at.line, offset: at.offset }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Outputs that a rule resolved or synthesized. */
export interface Decided {
  readonly kind: string;
  readonly rule: string;
  readonly type: string;
  readonly count: number;
  /** Of these, decided when the wait ran out. */
  readonly waited: number;
}

/** The decisions of a run: resolved before synthesized, then by rule and type. */
export function decisionsOf(result: RunResult): readonly Decided[] {
  const key = (each: Decided): string => `${each.kind} ${each.rule} ${each.type}`;
  return [...result.books.decisions.values()]
    .map(({ kind, rule, type, count, waited }) => ({ kind, rule, type, count, waited }))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
