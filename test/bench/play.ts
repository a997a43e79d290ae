import { generateCalls } from '../../bench/generate/calls.ts';
import type { Item, TruthEvent } from '../../bench/generate/delivery.ts';
import type { GenerateOptions } from '../../bench/generate/options.ts';

/** Everything of a small day, with few agents so that they meet often. */
export function play(options: Partial<GenerateOptions> = {}): Item[] {
  return [...generateCalls({ calls: 600, open: 40, ...options }).items];
}

/** Our 1.0 lines in order of arrival. */
export function legacyLines(items: readonly Item[]): string[] {
  return items.flatMap((item) => (item.legacy === undefined ? [] : [item.legacy.line]));
}

/** The truth in order of time. */
export function truthOf(items: readonly Item[]): TruthEvent[] {
  return items.flatMap((item) => item.truth);
}

/** A JSON line as an object. */
export function parse(line: string): Record<string, unknown> {
  return { ...(JSON.parse(line) as Record<string, unknown>) };
}

/** Items of each call, by contact id. */
export function callsOf(items: readonly Item[]): Map<string, Item[]> {
  const calls = new Map<string, Item[]>();
  for (const item of items) {
    if (item.contactId === undefined) continue;
    const known = calls.get(item.contactId);
    if (known === undefined) calls.set(item.contactId, [item]);
    else known.push(item);
  }
  return calls;
}

/** Time of a 1.0 line, in milliseconds. */
export function legacyTime(line: string): number {
  const { EventTime } = parse(line);
  return typeof EventTime === 'number' ? EventTime : Date.parse(String(EventTime));
}

/** Time of a 2.0 line. */
export function currentTime(line: string): string {
  const { eventTime } = parse(line);
  return String(eventTime);
}
