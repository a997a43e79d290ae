import type { TranslatorState } from '../../translate/snapshot.ts';
import { surveyOf } from '../../translate/survey.ts';
import type { Count, NoticeKind, TallyState } from '../../translate/tally.ts';

/**
 * The state of a translator that had done the work of all lanes, at their end. Where a log names more types or fields than are told one by
 * one, which ones are told may differ.
 */
export function sumOf(states: readonly TranslatorState[]): TranslatorState {
  const [first] = states as readonly [TranslatorState, ...TranslatorState[]];
  const agents = new Map<string, string[]>();
  for (const [agent, calls] of states.flatMap(({ engaged }) => engaged)) agents.set(agent, [...(agents.get(agent) ?? []), ...calls]);
  return {
    // Every lane reads all events: these are the same in all.
    arrival: first.arrival,
    clock: first.clock,
    ringsAreSent: first.ringsAreSent,
    inputIsMixed: first.inputIsMixed,
    begun: sum(states.map(({ begun }) => begun)),
    ended: sum(states.map(({ ended }) => ended)),
    engaged: [...agents],
    input: rowsOf(states.map(({ input }) => input)),
    output: rowsOf(states.map(({ output }) => output)),
    decisions: rowsOf(states.map(({ decisions }) => decisions)),
    late: sum(states.map(({ late }) => late)),
    tally: tallyOf(states.map(({ tally }) => tally)),
    survey: surveyOf(states.flatMap(({ survey }) => survey ?? [])),
    ordered: 0,
    waiting: [],
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Rows of the same name as one, their numbers added. */
function rowsOf<Row extends object>(lanes: readonly (readonly (readonly [string, Row])[])[]): (readonly [string, Row])[] {
  const rows = new Map<string, Row>();
  for (const [name, row] of lanes.flat()) {
    const known = rows.get(name);
    rows.set(name, known === undefined ? { ...row } : added(known, row));
  }
  return [...rows];
}

function added<Row extends object>(a: Row, b: Row): Row {
  const numbers = Object.entries(b).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value + Number(a[name as keyof Row])] as const] : [],
  );
  return { ...a, ...Object.fromEntries(numbers) };
}

/** Counts of the same name as one, with the place that comes first in the inputs. */
function tallyOf(lanes: readonly TallyState[]): TallyState {
  const kinds = new Map<NoticeKind, Map<string, Count>>();
  for (const [kind, entries] of lanes.flat()) {
    const counts = kinds.get(kind) ?? new Map<string, Count>();
    kinds.set(kind, counts);
    for (const [name, count] of entries) {
      const known = counts.get(name);
      if (known === undefined) counts.set(name, { ...count });
      else counts.set(name, { ...(isFirst(known, count) ? known : count), count: known.count + count.count });
    }
  }
  return [...kinds].map(([kind, counts]) => [kind, [...counts].sort(([, a], [, b]) => (isFirst(a, b) ? -1 : 1))]);
}

function isFirst(a: Count, b: Count): boolean {
  return a.source < b.source || (a.source === b.source && a.offset < b.offset);
}
