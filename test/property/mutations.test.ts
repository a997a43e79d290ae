import { describe, expect, it } from 'vitest';
import { generateCalls } from '../../bench/generate/calls.ts';
import { MUTATIONS, mutate } from '../support/mutate.ts';
import { runMutated } from '../support/mutate-run.ts';

/** Bad input (issue 2): no crash, no hang, and the books balance. `npx tsx test/support/mutate-run.ts` runs a million lines. */
const LINES = 10_000;

describe.each([
  ['one', {}],
  ['two', { connectIds: 'call', casing: 'pascal' }],
  ['three', { time: 'millis', casing: 'camel' }],
  ['four', { time: 'local', jitter: 60_000 }],
  ['five', { loss: 0.2, duplicates: 0.2 }],
  ['six', { open: 1000 }],
] as const)(`${LINES} mutated lines of stream %s`, (seed, options) => {
  it('end in the books, each once, without a crash and without a hang', async () => {
    const figures = await runMutated(LINES, seed, options);
    expect(figures.imbalances).toEqual([]);
    expect(figures.mutated).toBe(LINES);
    expect(Object.keys(figures.mutations).sort()).toEqual(Object.keys(MUTATIONS).sort());
    expect(figures.read).toBe(figures.lines);
    expect(figures.entered + figures.blanks).toBe(figures.lines);
    expect(figures.broken).toBe(0);
    expect(figures.slowest).toBeLessThan(5000);
    const { translated = 0 } = figures.accounts;
    expect(translated).toBeGreaterThan(LINES / 4);
    expect(Object.keys(figures.badRecords)).toEqual(
      expect.arrayContaining(['bad-json', 'bad-utf8', 'duplicate-key', 'too-deep', 'too-long', 'nul-run', 'not-an-object']),
    );
  });
});

it('equal seeds mutate alike, other seeds otherwise', () => {
  const lines = [...generateCalls({ calls: 50, open: 5 }).items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line]));
  const all = (seed: string): string => [...mutate(lines, 500, seed)].map(({ line }) => line.toString('hex')).join('\n');
  expect(all('a')).toBe(all('a'));
  expect(all('a')).not.toBe(all('b'));
});
