import { fieldsOf, type Group } from './streams.ts';

/** A line with its time: all that exactness looks at. */
interface Line {
  readonly line: string;
  readonly time: string;
  readonly type: string;
}

/** Events of equal time compare as a set: the lines of each run of equal times, in one order. */
function runs(events: readonly Line[]): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = 1; end <= events.length; end++) {
    if (end < events.length && events[end]?.time === events[start]?.time) continue;
    const run = events.slice(start, end).map((event) => event.line);
    if (run.length > 1) run.sort();
    lines.push(...run);
    start = end;
  }
  return lines;
}

/** Whether both sides of a group hold the same bytes in the same order, up to the order of equal times. */
export function isExact({ truth, ours }: Group): boolean {
  if (truth.length !== ours.length) return false;
  const [expected, got] = [runs(truth), runs(ours)];
  return expected.every((line, index) => line === got[index]);
}

/** What a reader needs to see of a field that differs. */
function fieldDifferences(expected: string, got: string): string[] {
  const [want, have] = [fieldsOf(expected), fieldsOf(got)];
  const names = [...new Set([...Object.keys(want), ...Object.keys(have)])];
  const differing = names
    .filter((name) => JSON.stringify(want[name]) !== JSON.stringify(have[name]))
    .map((name) => `${name}: expected ${JSON.stringify(want[name]) ?? 'nothing'}, got ${JSON.stringify(have[name]) ?? 'nothing'}`);
  if (differing.length > 0) return differing;
  return [`order of fields or form of values: expected ${expected}`, `got ${got}`];
}

/** Takes the first event out of the list that fits. */
function takeOut<T>(list: T[], fits: (event: T) => boolean): T | undefined {
  const index = list.findIndex(fits);
  return index < 0 ? undefined : list.splice(index, 1)[0];
}

/** A readable account of how the two sides of a group differ, line by line; empty if they are equal. */
export function differences(group: Group): string[] {
  if (isExact(group)) return [];
  const rest: Line[] = [...group.ours];
  const missing = group.truth.filter((event) => takeOut(rest, (ours) => ours.line === event.line) === undefined);
  const report: string[] = [];
  for (const event of missing) {
    const fitting = (ours: Line): boolean => ours.type === event.type && ours.time === event.time;
    const other =
      takeOut(rest, fitting) ?? takeOut(rest, (ours) => ours.type === event.type) ?? takeOut(rest, (ours) => ours.time === event.time);
    if (other === undefined) report.push(`missing  ${event.time} ${event.type}: ${event.line}`);
    else
      report.push(`differs  ${event.time} ${event.type}`, ...fieldDifferences(event.line, other.line).map((text) => `           ${text}`));
  }
  for (const extra of rest) report.push(`extra    ${extra.time} ${extra.type}: ${extra.line}`);
  if (report.length > 0) return report;
  return [
    `order    expected ${group.truth.map((event) => event.type).join(', ')}`,
    `         got      ${group.ours.map((event) => event.type).join(', ')}`,
  ];
}
