import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import type { Lookout } from '../../src/shim/lookout.ts';
import { createLookout, markOf } from '../../src/shim/lookout.ts';
import type { Translator } from '../../src/translate/api.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import { legacyLines } from '../support/call.ts';
import { mappingNamed, recordsOf } from '../support/stream.ts';

/** What the console shows of calls: the latest ones, while somebody looks, and never more than fits. */
let lookout: Lookout;
let translator: Translator;

beforeEach(async () => {
  lookout = createLookout({ ids: createIdTable([]), hold: 2000 });
  translator = createTranslator({ mapping: await mappingNamed('ccc-2.0'), order: 'arrival', watcher: lookout.watcher });
});
afterEach(() => vi.useRealTimers());

async function come(sequence: string, contact: string): Promise<void> {
  for (const record of await recordsOf(legacyLines(sequence, { contact })))
    for (const outcome of translator.push(record)) lookout.take(outcome);
}

const TALK = 'AgentRinging A, Dialing A, AgentTalk A, CallEstablished A, CallReleased A';

describe('a lookout', () => {
  it('knows nothing while nobody looks, and what comes from then on', async () => {
    await come(TALK, '1');
    expect(lookout.calls()).toEqual([]);
    const touched: string[] = [];
    lookout.watch((mark) => touched.push(mark));
    await come(TALK, '2');
    expect(lookout.calls()).toMatchObject([{ contact: '2', events: 5, outputs: 6, type: 'CallReleased' }]);
    expect(new Set(touched)).toEqual(new Set([markOf('2')]));
    const call = lookout.call(markOf('2'));
    expect(call?.steps[0]?.outputs[0]).toMatchObject({ type: 'AgentDialing', why: 'dials-on-own-leg' });
    expect(lookout.call(markOf('1'))).toBeUndefined();
  });

  it('keeps the latest hundred calls, the newest first', async () => {
    lookout.watch(() => {});
    for (let contact = 1; contact <= 105; contact += 1) await come('Dialing A', String(contact));
    expect(lookout.calls()).toHaveLength(100);
    expect(lookout.calls()[0]?.contact).toBe('105');
    expect(lookout.call(markOf('5'))).toBeUndefined();
    expect(lookout.call(markOf('6'))).toBeDefined();
  });

  it('shows a call without an end from some event on', async () => {
    lookout.watch(() => {});
    await come(Array.from({ length: 400 }, () => 'TextStream A').join(', '), '7');
    expect(lookout.call(markOf('7'))?.steps.length ?? 0).toBeLessThanOrEqual(301);
    expect(lookout.calls()[0]).toMatchObject({ contact: '7', events: 400 });
  });

  it('forgets a minute after the last one has gone, and not while another looks', async () => {
    vi.useFakeTimers();
    const [first, second] = [lookout.watch(() => {}), lookout.watch(() => {})];
    await come(TALK, '1');
    first();
    vi.advanceTimersByTime(120_000);
    expect(lookout.calls()).toHaveLength(1);
    second();
    vi.advanceTimersByTime(59_000);
    expect(lookout.calls()).toHaveLength(1);
    vi.advanceTimersByTime(2_000);
    expect(lookout.calls()).toEqual([]);
  });
});
