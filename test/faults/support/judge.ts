import type { Delivery } from './proxy.ts';

/** What is to arrive. */
export interface Expected {
  /** Known before: it follows from the event's content alone. */
  readonly id: string;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
}

/** Compares what arrived with what was to arrive, in its order; one line for each thing that is wrong. */
export function judge(expected: readonly Expected[], deliveries: readonly Delivery[]): readonly string[] {
  const bad: string[] = [];
  const first = new Map<string, { readonly at: number; readonly text: string }>();
  for (const [at, { id, text }] of deliveries.entries()) {
    const before = first.get(id);
    if (before === undefined) first.set(id, { at, text });
    else if (before.text !== text) bad.push(`${id} arrived with two contents: ${before.text} and ${text}`);
  }
  const lost = expected.filter(({ id }) => !first.has(id));
  if (lost.length > 0) bad.push(`${lost.length} of ${expected.length} events never arrived, the first ${lost[0]?.id}`);
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
