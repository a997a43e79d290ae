import { outputId } from '../../../src/event/identity.ts';
import { createShapeTree } from '../../../src/event/shape.ts';
import { isBad, readBuffer } from '../../../src/parse/reader.ts';
import type { Expected } from '../support/judge.ts';

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
