import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseIdTable } from '../../src/event/id-file.ts';
import { createIdTable } from '../../src/event/ids.ts';
import type { Output } from '../../src/translate/outcome.ts';
import { eventId } from '../../src/translate/outcome.ts';
import { mappingNamed, textOf, translate } from '../support/stream.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const LOG = readFileSync(join(EXAMPLES, 'legacy.ndjson'), 'utf8').trimEnd().split('\n');
const IDS = createIdTable(parseIdTable(readFileSync(join(EXAMPLES, 'ids.csv'), 'utf8'), 'ids.csv'));

/** An output by the first further mapping. */
function formOf(output: Output): string {
  const [form] = output.forms;
  return form === undefined ? textOf(output) : Buffer.from(form.body).toString('utf8');
}

it.each([
  ['ccc-2.0', 'ccc-2.0-current'],
  ['ccc-2.0-current', 'ccc-2.0'],
])('by %s, an output in the words of %s is what a translator of that mapping writes, under the same id', async (mapping, further) => {
  const { outputs } = await translate(LOG, { mapping, ids: IDS, profiles: [{ name: 'p', mapping: await mappingNamed(further) }] });
  const own = await translate(LOG, { mapping: further, ids: IDS });
  expect(outputs.map(formOf)).toEqual(own.lines);
  expect(outputs.map(({ type, forms: [form] }) => form?.type ?? type)).toEqual(own.outputs.map(({ type }) => type));
  expect(outputs.map(eventId)).toEqual(own.outputs.map(eventId));
});

it('an output of which a further mapping says the same has no form of its own', async () => {
  const ready = '{"EventTime":"2021-03-01T00:00:00Z","EventType":"AgentReady","agentId":"1@old"}';
  const already = '{"eventTime":"2021-03-01T00:00:01.000Z","eventType":"AgentDialing","agentId":"a@new","channelId":"1"}';
  const { outputs } = await translate([ready, already], { profiles: [{ name: 'p', mapping: await mappingNamed('ccc-2.0-current') }] });
  expect(outputs.map(({ forms }) => forms)).toEqual([[], []]);
});

it('what is noticed and entered in the books does not depend on further mappings', async () => {
  const further = ['ccc-2.0-current', 'ccc-2.0'];
  const profiles = await Promise.all(further.map(async (name) => ({ name, mapping: await mappingNamed(name) })));
  const [alone, along] = [await translate(LOG, { ids: IDS }), await translate(LOG, { ids: IDS, profiles })];
  expect(along.lines).toEqual(alone.lines);
  expect(along.translator.tally.save()).toEqual(alone.translator.tally.save());
  expect([...along.translator.books.input, ...along.translator.books.output]).toEqual([
    ...alone.translator.books.input,
    ...alone.translator.books.output,
  ]);
});
