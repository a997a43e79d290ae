import { expect, it } from 'vitest';
import { hasFailed } from '../../src/event/facts.ts';
import { recordsOf } from '../support/stream.ts';

it.each([
  ['0', false],
  ['"0"', false],
  ['null', false],
  ['""', false],
  ['"1"', true],
  ['1', true],
  ['3', true],
  ['100', true],
  ['304', true],
  ['"00"', true],
  ['false', true],
])('a result of %s means failed: %s', async (result, failed) => {
  const [record] = await recordsOf([`{"EventType":"AgentReady","result":${result}}`]);
  expect(record === undefined ? undefined : hasFailed(record)).toBe(failed);
});

it('an event without a result has not failed', async () => {
  const records = await recordsOf(['{"EventType":"AgentReady"}']);
  expect(records.map((record) => hasFailed(record))).toEqual([false]);
});
