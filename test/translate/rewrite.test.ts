import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import type { RecordView } from '../../src/event/record.ts';
import type { Mapping } from '../../src/mapping/model.ts';
import type { Output } from '../../src/translate/outcome.ts';
import { createRewriter } from '../../src/translate/rewrite.ts';
import { mappingNamed, recordsOf, textOf, translate } from '../support/stream.ts';

const LOG = readFileSync(join(import.meta.dirname, '../../examples/legacy.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
const [OLD, CURRENT] = [await mappingNamed('ccc-2.0'), await mappingNamed('ccc-2.0-current')];

/** Each output as a mapping writes it anew: from what it came, and what was written of it. */
async function rewritten(outputs: readonly Output[], mapping: Mapping): Promise<readonly string[]> {
  const rewrite = createRewriter(mapping, createIdTable([]), 'Asia/Shanghai');
  const bodies = await recordsOf(outputs.map(textOf));
  return outputs.map(({ type, kind, source }, index) => {
    const made = rewrite({ type, kind, body: bodies[index] as RecordView, source });
    return made === undefined ? 'nothing' : Buffer.from(made.body).toString('utf8');
  });
}

describe('an event that is written anew', () => {
  it.each([
    ['ccc-2.0', OLD],
    ['ccc-2.0-current', CURRENT],
  ])('is as it was, byte for byte, as long as the mapping is: %s', async (_, mapping) => {
    const { outputs, lines } = await translate(LOG, { mapping: mapping.name });
    expect(new Set(outputs.map(({ kind }) => kind))).toEqual(new Set(['renamed', 'resolved', 'synthesized']));
    expect(await rewritten(outputs, mapping)).toEqual(lines);
  });

  it('is as the other mapping would have written it at once, with what only the record knows', async () => {
    const [old, current] = [await translate(LOG, { mapping: OLD.name }), await translate(LOG, { mapping: CURRENT.name })];
    // What the context knew and the old event had no place for is not known any more: the groups of AgentRingingTimeout.
    const isWhole = (_: unknown, index: number): boolean => current.outputs[index]?.type !== 'AgentRingingTimeout';
    expect((await rewritten(old.outputs, CURRENT)).filter(isWhole)).toEqual(current.lines.filter(isWhole));
    expect(current.lines).not.toEqual(old.lines);
  });

  it('is none where the mapping drops it now, or does not know it', async () => {
    const { outputs } = await translate([LOG.find((line) => line.includes('AgentReady')) ?? ''], { mapping: OLD.name });
    const event = OLD.events.get('AgentReady');
    if (event === undefined) throw new Error('the mapping has no AgentReady');
    const dropping = { ...OLD, events: new Map([...OLD.events, ['AgentReady', { ...event, to: null }]]) };
    const unknowing = { ...OLD, events: new Map([...OLD.events].filter(([name]) => name !== 'AgentReady')) };
    expect(await rewritten(outputs, dropping)).toEqual(['nothing']);
    expect(await rewritten(outputs, unknowing)).toEqual(['nothing']);
  });
});
