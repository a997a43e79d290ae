import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outputId } from '../../src/event/identity.ts';
import { valueEnd, valueStart } from '../../src/event/record.ts';
import type { Output } from '../../src/translate/outcome.ts';
import { mappingNamed } from '../support/stream.ts';
import { ndjson, type Ran, run, streamOf } from './streams.ts';

/** Where outputs come from, and their ids (semantics, section 5). */
const disturbances = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }).map(String),
  calls: fc.constant(30),
  open: fc.constant(10),
  jitter: fc.constantFrom(0, 3000),
  duplicates: fc.constantFrom(0, 0.1),
  loss: fc.constantFrom(0, 0.05),
  connectIds: fc.constantFrom('party' as const, 'call' as const),
  without: fc.subarray(['AgentACW', 'CallReleased', 'Dialing', 'Ringing', 'AgentRinging'], { maxLength: 2 }),
});

const idsOf = ({ outputs }: Ran): string[] => outputs.map(({ source, tail }) => outputId(source, tail));

/** Type of the event that begins at each byte of an input. */
function placesOf(lines: readonly string[]): Map<number, { readonly line: number; readonly type: string }> {
  const places = new Map<number, { line: number; type: string }>();
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const { EventType } = JSON.parse(line) as { EventType: string };
    places.set(offset, { line: index + 1, type: EventType });
    offset += Buffer.byteLength(line) + 1;
  }
  return places;
}

function expectEvidence(output: Output, places: ReturnType<typeof placesOf>): void {
  for (const { source, offset, line, type } of output.evidence) {
    expect(source).toBe(0);
    expect(places.get(offset)).toEqual({ line, type });
  }
  if (output.kind === 'synthesized') expect(output.evidence.length).toBeGreaterThan(0);
  if (output.kind === 'resolved' && !output.waited && output.rule === 'AgentRinging') expect(output.evidence.length).toBeGreaterThan(0);
  if (output.kind === 'copied' || output.kind === 'renamed') expect(output.evidence).toEqual([]);
}

it('every synthesized or resolved output names evidence that is in the input, by input, offset, line and type', async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(disturbances, async (options) => {
      const { lines, ids } = streamOf(options);
      const places = placesOf(lines);
      const { outputs } = await run(ndjson(lines), { ids });
      for (const output of outputs) {
        expectEvidence(output, places);
        expect(places.get(output.source.offset)?.line).toBe(output.source.line);
        seen += output.evidence.length;
      }
    }),
    { numRuns: 15, seed: 20210314 },
  );
  expect(seen).toBeGreaterThan(1000);
});

it('a synthesized event carries the time of the event that is its evidence', async () => {
  const { lines, ids } = streamOf({ calls: 60, open: 12, seed: 'times', loss: 0.05 });
  const { outputs } = await run(ndjson(lines), { ids });
  for (const output of outputs.filter(({ kind }) => kind === 'synthesized')) {
    const { source, evidence, time } = output;
    expect(evidence[0]).toMatchObject({ offset: source.offset, line: source.line });
    const text = source.block.text(valueStart(source, 0), valueEnd(source, 0));
    expect(Date.parse(text.slice(1, -1))).toBe(time);
  }
});

it('ids are unique over a run', async () => {
  await fc.assert(
    fc.asyncProperty(disturbances, async (options) => {
      const { lines, ids } = streamOf(options);
      const all = idsOf(await run(ndjson(lines), { ids }));
      expect(new Set(all).size).toBe(all.length);
      for (const id of all) expect(id).toMatch(/^[0-9a-f]{64}$/);
    }),
    { numRuns: 10, seed: 20210314 },
  );
});

it('ids are the same in another place, in another file, as an array, and under another version of the mapping', async () => {
  const { lines, ids } = streamOf({ calls: 40, open: 10, seed: 'ids', loss: 0.02, jitter: 2000 });
  const expected = idsOf(await run(ndjson(lines), { ids }));
  const mapping = { ...(await mappingNamed('ccc-2.0')), version: '2.0.0' };
  const elsewhere = await run([Buffer.from(`\n\n  ${lines.join('\n\n')}`)], { ids, read: { source: 7 } });
  expect(idsOf(elsewhere)).toEqual(expected);
  expect(idsOf(await run([Buffer.from(`[${lines.join(',\n')}]`)], { ids, translator: { mapping } }))).toEqual(expected);
  expect(idsOf(await run(ndjson(lines), { ids, translator: { mapping: await mappingNamed('ccc-2.0-current') } }))).toEqual(expected);
});

it('ids do not depend on the order of an event’s fields', async () => {
  const { lines, ids } = streamOf({ calls: 20, open: 5, seed: 'fields' });
  const turned = lines.map((line) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).reverse())));
  expect(idsOf(await run(ndjson(turned), { ids }))).toEqual(idsOf(await run(ndjson(lines), { ids })));
});

it('ids are the same live as from the file, where the order is the same', async () => {
  const { lines, ids } = streamOf({ calls: 40, open: 10, seed: 'live' });
  const file = await run(ndjson(lines), { ids });
  const live = await run(ndjson(lines), { ids, translator: { order: 'arrival' } });
  expect(new Set(idsOf(live))).toEqual(new Set(idsOf(file)));
});
