import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import type { RecordView } from '../../src/event/record.ts';
import type { FillRule, Mapping } from '../../src/mapping/model.ts';
import type { Output } from '../../src/translate/outcome.ts';
import type { NotRewritten, Rewritten } from '../../src/translate/rewrite.ts';
import { createRewriter } from '../../src/translate/rewrite.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import { mappingNamed, recordsOf, textOf, translate } from '../support/stream.ts';

const LOG = readFileSync(join(import.meta.dirname, '../../examples/legacy.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
const [OLD, CURRENT] = [await mappingNamed('ccc-2.0'), await mappingNamed('ccc-2.0-current')];

/** What was written anew, or why it was not. */
function textIn(made: Rewritten | NotRewritten): string {
  return 'why' in made ? made.why : Buffer.from(made.body).toString('utf8');
}

/** Each output as a mapping writes it anew: from what it came, and what was written of it. */
async function rewritten(
  outputs: readonly Output[],
  mapping: Mapping,
  lines: readonly string[] = outputs.map(textOf),
): Promise<readonly string[]> {
  const rewrite = createRewriter(mapping, createIdTable([]), 'Asia/Shanghai');
  const bodies = await recordsOf(lines);
  return outputs.map(({ type, kind, contact, source }, index) =>
    textIn(rewrite({ type, kind, contact, body: bodies[index] as RecordView, source })),
  );
}

/** A mapping in which a field of a 2.0 event takes its value from the call in another way. */
function withFills(mapping: Mapping, name: string, ...fills: readonly (readonly [string, FillRule])[]): Mapping {
  const target = mapping.targets.get(name);
  if (target === undefined) throw new Error(`the mapping has no ${name}`);
  return { ...mapping, targets: new Map([...mapping.targets, [name, { ...target, fills: new Map([...target.fills, ...fills]) }]]) };
}

/** The log by a mapping. */
async function written(mapping: Mapping): Promise<{ readonly outputs: readonly Output[]; readonly texts: readonly string[] }> {
  const translator = createTranslator({ mapping, ids: createIdTable([]) });
  const outcomes = (await recordsOf(LOG)).flatMap((record) => translator.push(record));
  const outputs = [...outcomes, ...translator.finish()].flatMap((outcome) => outcome.outputs);
  return { outputs, texts: outputs.map(textOf) };
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
    expect(await rewritten(outputs, dropping)).toEqual(['the mapping drops AgentReady']);
    expect(await rewritten(outputs, unknowing)).toEqual(['the mapping has no event AgentReady']);
  });

  it('has the id of its contact in the form of the mapping once, also where only the call knew it', async () => {
    const mapping: Mapping = { ...OLD, contactId: { op: 'template', before: 'job-', after: '' } };
    const { outputs } = await translate(LOG);
    const contactOf = (line: string): unknown => (JSON.parse(line) as { readonly contactId?: string }).contactId;
    const named = outputs.map(({ contact }) => (contact === undefined ? undefined : `job-${contact}`));
    const once = await rewritten(outputs, mapping);
    expect(once.map(contactOf)).toEqual(named);
    expect((await rewritten(outputs, mapping, once)).map(contactOf)).toEqual(named);
  });

  it('keeps what a table made of a value of the call, also where the table knows the result as well', async () => {
    const values = new Map([
      ['Outbound', 'Inbound'],
      ['Inbound', 'Outbound'],
    ]);
    const mapping = withFills(OLD, 'AgentRelease', [
      'callType',
      { name: 'callType', when: 'missing', op: { op: 'table', name: 't', values } },
    ]);
    const lines = await written(mapping);
    expect(lines.texts.join('')).toMatch(/"callType":"(?:In|Out)bound"/);
    expect(await rewritten(lines.outputs, mapping)).toEqual(lines.texts);
  });

  it('keeps a value of the call that stands under another name', async () => {
    const mapping = withFills(OLD, 'AgentRelease', ['scenario', { name: 'contactFlowId', when: 'missing', op: { op: 'copy' } }]);
    const lines = await written(mapping);
    expect(lines.texts.join('')).toContain('"scenario":"');
    expect(await rewritten(lines.outputs, mapping)).toEqual(lines.texts);
  });

  it('has the name that the mapping gives it now, unless a rule gave it another', async () => {
    const { outputs } = await translate(LOG);
    const talk = OLD.events.get('AgentTalk');
    if (talk === undefined) throw new Error('the mapping has no AgentTalk');
    const mapping = { ...OLD, events: new Map([...OLD.events, ['AgentTalk', { ...talk, to: 'AgentReady' }]]) };
    const types = (await rewritten(outputs, mapping)).map((line) => (JSON.parse(line) as { readonly eventType: string }).eventType);
    expect(types).toEqual(outputs.map(({ type }) => (type === 'AgentTalk' ? 'AgentReady' : type)));
    expect(types).toContain('StartConsultant');
  });

  it('that 1.0 never sent needs no record', async () => {
    const { outputs } = await translate(LOG);
    const made = outputs.filter(({ kind }) => kind === 'synthesized');
    const rewrite = createRewriter(OLD, createIdTable([]), 'Asia/Shanghai');
    const bodies = await recordsOf(made.map(textOf));
    const texts = made.map(({ type, kind, contact }, index) =>
      textIn(rewrite({ type, kind, contact, body: bodies[index] as RecordView, source: undefined })),
    );
    expect(texts).toEqual(made.map(textOf));
  });
});
