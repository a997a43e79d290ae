import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ndjson, run, type Stream, streamOf, timeOf, withDistinctTimes } from './streams.ts';

/** Disorder within the lateness window does not show in the output (semantics, section 4). */
const WINDOW = 5000;

/** Every event may come up to the window late: when it arrives nothing more than the window younger has been seen. */
function disordered(lines: readonly string[], delays: readonly number[]): string[] {
  return lines
    .map((line, index) => ({ line, arrives: timeOf(line) + (delays[index % delays.length] as number) }))
    .sort((a, b) => a.arrives - b.arrives)
    .map(({ line }) => line);
}

const delays = fc.array(fc.integer({ min: 0, max: WINDOW }), { minLength: 1, maxLength: 97 });

async function holds({ lines, ids }: Stream, numRuns: number): Promise<void> {
  const ordered = withDistinctTimes(lines);
  const expected = await run(ndjson(ordered), { ids });
  await fc.assert(
    fc.asyncProperty(delays, async (some) => {
      const ran = await run(ndjson(disordered(ordered, some)), { ids });
      expect(ran.translator.books.late).toBe(0);
      expect(ran.bytes.toString().split('\n')).toEqual(expected.bytes.toString().split('\n'));
    }),
    { numRuns, seed: 20210314 },
  );
}

it.each(['party', 'call'] as const)('any order within the window gives the same output (one connectId per %s)', async (connectIds) => {
  await holds(streamOf({ calls: 60, open: 12, seed: 'order', connectIds }), 15);
});

it('so it is with losses, and without AgentACW or Dialing', async () => {
  await holds(streamOf({ calls: 60, open: 12, seed: 'losses', loss: 0.05 }), 8);
  await holds(streamOf({ calls: 40, open: 8, seed: 'fewer', without: ['AgentACW', 'Dialing'] }), 4);
});

it.each([1, 2, 3, 4, 5, 6, 7, 8])('so it is with every order of one call (%i)', async (seed) => {
  const { lines, ids } = streamOf({ calls: 1, open: 1, agents: 30, seed: `${seed}` });
  const call = withDistinctTimes(lines.filter((line) => line.includes('"contactId"'))).slice(0, 24);
  const start = timeOf(call[0] as string);
  // Moved together, so that the whole call lies within the window.
  const close = call.map((line, index) => line.replace(line.slice(14, 38), new Date(start + index * 200).toISOString()));
  const expected = await run(ndjson(close), { ids });
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(close, { minLength: close.length }), async (shuffled) => {
      expect((await run(ndjson(shuffled), { ids })).bytes.toString()).toBe(expected.bytes.toString());
    }),
    { numRuns: 25, seed: 20210314 },
  );
});

it('and the output is in event-time order, whatever the order of the input', async () => {
  const { lines, ids } = streamOf({ calls: 60, open: 12, seed: 'order' });
  await fc.assert(
    fc.asyncProperty(delays, async (some) => {
      const { outputs } = await run(ndjson(disordered(lines, some)), { ids });
      for (let at = 1; at < outputs.length; at += 1) expect((outputs[at - 1]?.time ?? 0) <= (outputs[at]?.time ?? 0)).toBe(true);
    }),
    { numRuns: 8, seed: 20210314 },
  );
});
