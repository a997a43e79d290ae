import { describe, expect, it } from 'vitest';
import { legacyLines, short } from '../support/call.ts';
import { translate } from '../support/stream.ts';
import { WORKED } from './worked.ts';

/** The worked sequences, for both readings of connectId. */
describe.each([false, true])('one connectId for the whole call: %s', (oneLeg) => {
  it.each(WORKED)('$name', async ({ callType, legacy, current }) => {
    const { lines, outcomes } = await translate(legacyLines(legacy, { callType, oneLeg }));
    expect(short(lines)).toEqual(current);
    expect(outcomes.length).toBe(legacy.split(',').length);
  });
});
