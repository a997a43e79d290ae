import { outputId } from '../../../src/event/identity.ts';
import { createShapeTree } from '../../../src/event/shape.ts';
import { isBad, readBuffer } from '../../../src/parse/reader.ts';
import type { Delivery } from './proxy.ts';

/** What is to arrive of a 1.0 event that was acknowledged. */
export interface Expected {
  /** The id of its translation: it follows from the event's content alone. */
  readonly id: string;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
}

/** 1.0 events of which 2.0 has none of the same: they are evidence only. */
const WITHOUT_OWN = new Set(['AgentACW']);

/** What is to arrive of some 1.0 lines; nothing of those that a rule drops or that failed. */
export function expectedOf(lines: readonly string[]): readonly Expected[] {
  const shapes = createShapeTree();
  return lines.flatMap((line): readonly Expected[] => {
    const event = JSON.parse(line) as Readonly<Record<string, string | undefined>>;
    const value = (name: string): string | undefined => event[name] ?? event[`${name[0]?.toUpperCase()}${name.slice(1)}`];
    const result = value('result') ?? '0';
    if (WITHOUT_OWN.has(value('eventType') ?? '') || (result !== '0' && result !== '')) return [];
    const [item] = readBuffer(Buffer.from(line), { source: 0, maxLine: 1 << 20, dupKeys: 'refuse', format: 'concatenated', shapes }).items;
    if (item === undefined || isBad(item)) throw new Error(`a line of the test is no event: ${line}`);
    return [{ id: outputId(item, '0'), contact: value('contactId'), agent: value('agentId') }];
  });
}

/** Compares what arrived with what was to arrive, in the order in which it was acknowledged; one line for each thing that is wrong. */
export function judge(expected: readonly Expected[], deliveries: readonly Delivery[]): readonly string[] {
  const bad: string[] = [];
  const first = new Map<string, { readonly at: number; readonly text: string }>();
  for (const [at, { id, text }] of deliveries.entries()) {
    const before = first.get(id);
    if (before === undefined) first.set(id, { at, text });
    else if (before.text !== text) bad.push(`${id} arrived with two contents: ${before.text} and ${text}`);
  }
  const lost = expected.filter(({ id }) => !first.has(id));
  if (lost.length > 0) bad.push(`${lost.length} of ${expected.length} acknowledged events never arrived, the first ${lost[0]?.id}`);
  for (const key of ['contact', 'agent'] as const) {
    const last = new Map<string, { readonly at: number; readonly id: string }>();
    let breaks = 0;
    for (const each of expected) {
      const name = each[key];
      const at = first.get(each.id)?.at;
      if (name === undefined || at === undefined) continue;
      if ((last.get(name)?.at ?? -1) > at) breaks += 1;
      else last.set(name, { at, id: each.id });
    }
    if (breaks > 0) bad.push(`${breaks} events arrived before an earlier one of their ${key}`);
  }
  return bad;
}
