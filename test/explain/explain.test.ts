import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contactAtLine, contactOfEvent, explainCalls } from '../../src/explain/explain.ts';
import { eventId } from '../../src/translate/outcome.ts';
import type { CallTrace } from '../../src/translate/trace.ts';
import { run } from '../cli/io.ts';
import { streamOf } from '../property/streams.ts';
import { legacyLines } from '../support/call.ts';
import { textOf, translate } from '../support/stream.ts';
import { explainJob } from './job.ts';

/** What is explained is what is converted: the same decisions, found again by following one call. */
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-explain-'));
  path = join(folder, 'log.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const TALK =
  'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallEstablished A, CallEstablished c, CallReleased c, CallReleased A, AgentACW A, AgentReady A';

function put(lines: readonly string[]): string {
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** A late event is written at once, before all that waits; how much waits is not known to one who follows a single call. */
function byPlace(calls: readonly CallTrace[]): unknown {
  return calls.map(({ contact, steps }) => ({ contact, steps: [...steps].sort((a, b) => a.event.offset - b.event.offset) }));
}

describe('an explained call', () => {
  it('has the 2.0 events that a conversion makes, with their ids, and every synthesized one names events of the log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
        const { lines, ids } = streamOf({ seed: String(seed), calls: 30, loss: 0.1, duplicates: 0.05 });
        put(lines);
        const { outcomes } = await translate(lines, { ids });
        const contacts = new Set(outcomes.flatMap(({ outputs }) => outputs.flatMap(({ contact }) => contact ?? [])));
        const found = await explainCalls(await explainJob([path], { ids }), contacts);
        const one = [...contacts][0] ?? '';
        const alone = await explainCalls(await explainJob([path], { ids }), [one]);
        expect(byPlace(alone.calls)).toEqual(byPlace(found.calls.filter(({ contact }) => contact === one)));
        for (const { contact, steps } of found.calls) {
          const told = steps.flatMap(({ outputs }) => outputs.filter(({ text }) => JSON.parse(text).contactId === contact));
          const made = outcomes.flatMap(({ outputs }) => outputs.filter((output) => JSON.parse(textOf(output)).contactId === contact));
          expect(told.map(({ id, kind, text }) => ({ id, kind, text }))).toEqual(
            made.map((output) => ({ id: eventId(output), kind: output.kind, text: textOf(output) })),
          );
          for (const { kind, why, evidence } of steps.flatMap(({ outputs }) => outputs)) {
            if (kind !== 'synthesized') continue;
            expect(why).toBeDefined();
            expect(evidence.length).toBeGreaterThan(0);
            for (const { type, line } of evidence) expect(JSON.parse(lines[line - 1] ?? '{}')).toMatchObject({ EventType: type });
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it('shows what an agent elsewhere told of it', async () => {
    put([...legacyLines('AgentRinging A, Dialing A, AgentTalk A, CallEstablished A'), ...legacyLines('AgentBreak A @60000')]);
    const { calls } = await explainCalls(await explainJob([path]), ['100']);
    const last = calls[0]?.steps.at(-1);
    expect(last).toMatchObject({ elsewhere: true, event: { type: 'AgentBreak' } });
    expect(last?.outputs.map(({ type, why }) => [type, why])).toEqual([
      ['AgentRelease', 'released-before-elsewhere'],
      ['AgentBreak', undefined],
    ]);
  });

  it('tells how long an event was held, and what ended the wait', async () => {
    put(legacyLines('AgentRinging A, Dialing A @1000'));
    const { calls } = await explainCalls(await explainJob([path]), ['100']);
    expect(calls[0]?.steps[0]?.held).toMatchObject({ millis: 600, until: { type: 'Dialing', line: 2 } });
    put(legacyLines('AgentRinging A'));
    const alone = await explainCalls(await explainJob([path]), ['100']);
    expect(alone.calls[0]?.steps[0]).toMatchObject({
      held: { millis: 3000, until: undefined },
      outputs: [{ why: 'rings-by-default', waited: true }],
    });
  });
});

describe('a call is found', () => {
  it('by the line of one of its events, and by the id of what came of it', async () => {
    const lines = [...legacyLines(TALK), ...legacyLines(TALK, { contact: '200', start: Date.UTC(2021, 3, 14, 3) })];
    put(lines);
    const job = await explainJob([path]);
    expect(await contactAtLine(job, { source: 0, line: 12 })).toBe('200');
    const { outputs } = await translate(lines);
    const synthesized = outputs.findLast(({ kind }) => kind === 'synthesized');
    if (synthesized === undefined) throw new Error('nothing was synthesized');
    expect(await contactOfEvent(job, eventId(synthesized))).toBe('200');
    expect(await contactOfEvent(job, eventId(synthesized).slice(0, 12))).toBe('200');
    await expect(contactOfEvent(job, 'feed')).rejects.toMatchObject({ code: 'no-such-event', exit: 66 });
  });

  it('not by a line that is no event, has no call, or is not there: each is said', async () => {
    put(['{broken', ...legacyLines('AgentReady A')]);
    const job = await explainJob([path]);
    await expect(contactAtLine(job, { source: 0, line: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('bad-json'),
      exit: 66,
    });
    await expect(contactAtLine(job, { source: 0, line: 2 })).rejects.toMatchObject({ message: expect.stringContaining('no contactId') });
    await expect(contactAtLine(job, { source: 0, line: 3 })).rejects.toMatchObject({ message: expect.stringContaining('line 3') });
  });
});

describe('the command', () => {
  it('prints the ladder, without phone numbers unless they are asked for', async () => {
    put(legacyLines(TALK));
    const { exit, out } = await run(['explain', path, '--contact', '100']);
    expect(exit).toBe(0);
    expect(out).toContain('◆ AgentDialing A');
    expect(out).toContain('evidence: Dialing, line 2');
    expect(out).not.toMatch(/13900000000|01088880100/);
    expect((await run(['explain', path, '--contact', '100', '--show-values'])).out).toContain('13900000000');
  });

  it('writes a page and data without phone numbers, too', async () => {
    put(legacyLines(TALK));
    const page = join(folder, 'call.html');
    expect((await run(['explain', path, '--line', '2', '--html', page])).out).toBe('');
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<svg');
    expect(html).not.toMatch(/13900000000|01088880100|<script|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
    const { out } = await run(['explain', path, '--contact', '100', '--json']);
    const [call] = (JSON.parse(out) as { calls: { steps: { outputs: { sentence?: string }[] }[] }[] }).calls;
    expect(call?.steps[0]?.outputs[0]?.sentence).toBe('a Dialing of the agent is in the call');
    expect(out).not.toMatch(/13900000000|01088880100/);
  });

  it('tells the state of the call after each event if asked', async () => {
    put(legacyLines(TALK));
    const { out } = await run(['explain', path, '--contact', '100', '--states']);
    expect(out).toMatch(/AgentTalk A .*\n +Outbound; A@old talking; customer's leg leg-100-c\n/);
  });

  it('wants exactly one way to name a call, and says where there is none', async () => {
    put(legacyLines(TALK));
    expect((await run(['explain', path])).exit).toBe(2);
    expect((await run(['explain', path, '--contact', '100', '--line', '1'])).exit).toBe(2);
    expect((await run(['explain', path, '--line', 'x'])).exit).toBe(2);
    expect(await run(['explain', path, '--contact', '999'])).toMatchObject({ exit: 66, err: expect.stringContaining('999') });
    expect(await run(['explain', path, '--contact', '100', '--contact', '999'])).toMatchObject({ exit: 0, err: 'not in this log: 999\n' });
  });
});
