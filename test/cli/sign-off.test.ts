import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBin } from '../support/bin.ts';
import { legacyLines } from '../support/call.ts';
import { ROOT } from '../support/example.ts';

/** The page on which a migration is signed off: it needs nothing else, and what it says is so. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-sign-off-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const SAMPLE = ['examples/legacy.ndjson', '--ids', 'examples/ids.csv'];

function page(args: readonly string[], options = {}): string {
  const { status, stderr } = runBin(
    ['convert', ...args, '-o', at('out.ndjson'), '--report', at('page.html'), '-q', '--force', '--restart'],
    options,
  );
  expect([0, 3], stderr).toContain(status);
  return readFileSync(at('page.html'), 'utf8');
}

const TALK =
  'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallEstablished A, CallEstablished c, CallReleased c, CallReleased A, AgentACW A, AgentReady A';

describe('the page of a run', () => {
  it('stands alone: no script, nothing from elsewhere, links that lead somewhere, under 2 MB', () => {
    const html = page(SAMPLE);
    expect(html.length).toBeLessThan(2_000_000);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/);
    // Addresses of recordings stand in events, as text.
    expect(html).not.toMatch(/(?:src|href|action)\s*=\s*["']?(?!#)[^"'\s>]/);
    const places = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(places.has(id)).toBe(true);
    expect(html.match(/<svg xmlns/g)?.length).toBe(10);
  });

  it('tells the books, the mapping, the settings, and the hashes of the files', () => {
    const html = page(SAMPLE);
    const hash = (name: string): string =>
      createHash('sha256')
        .update(readFileSync(at(name)))
        .digest('hex');
    for (const name of ['out.ndjson', 'out.ndjson.provenance.ndjson']) expect(html).toContain(hash(name));
    expect(html).toContain('The books balance.');
    expect(html).toContain('Each of the 610 events is accounted for');
    expect(html).toMatch(/ccc-2\.0 1\.0\.0, SHA-256 [0-9a-f]{64}/);
    expect(html).toContain('lateness 5s, hold 3s');
    for (const title of ['Resolved and synthesized, by rule', 'Fields dropped', 'Calls and events over time'])
      expect(html).toContain(title);
  });

  it('shows a call of each odd kind, and says why', () => {
    const hour = (n: number): number => Date.UTC(2021, 3, 14, 2 + n);
    const call = (contact: string, sequence: string, n: number): string[] => legacyLines(sequence, { contact, start: hour(n) });
    const repeated = call('300', TALK, 2);
    const lines = [
      ...call('100', TALK, 0),
      ...call('200', 'AgentRinging B', 1),
      ...repeated,
      repeated[2] ?? '',
      ...call('400', TALK.replace('CallReleased A, ', ''), 3),
      ...call('500', TALK.replace('CallReleased A, AgentACW A, ', ''), 4),
      ...call('600', 'Dialing A, Teleported A', 5),
      ...call('700', 'AgentRinging A result=1, AgentRinging A, Dialing A', 6),
      ...call('800', 'AgentRinging A, Dialing A, AgentTalk A, Ringing c @-60000', 7),
    ];
    writeFileSync(at('log.ndjson'), lines.join('\n'));
    const html = page([at('log.ndjson')]);
    const why = new Map([...html.matchAll(/<h3>Call (\d+) <small>([^<]*)<\/small>/g)].map(([, contact, words]) => [contact, words]));
    expect(why.get('200')).toContain('a wait ran out');
    expect(why.get('300')).toContain('came twice');
    expect(why.get('400')).toContain('after-call work');
    expect(why.get('500')).toContain('the agent being elsewhere');
    expect(why.get('600')).toContain('a dead letter');
    expect(why.get('700')).toContain('an operation in it failed');
    expect(why.get('800')).toContain('came late');
    expect(why.get('100')).toContain('an ordinary call');
    expect([...why.keys()].at(-1)).toBe('100');
  });

  it('is the same in lanes, but for how long it took', () => {
    const plain = (html: string): string => html.replace(/converted in [^<;]*/, '').replace(/[^"<>]*, SHA-256/g, 'SHA-256');
    const one = plain(page([...SAMPLE, '--lanes', '1']));
    expect(plain(page([...SAMPLE, '--lanes', '2']))).toBe(one);
  });

  it('of standard input has all but calls, which cannot be followed again', () => {
    const html = page(['-', '--ids', 'examples/ids.csv'], { input: readFileSync(join(ROOT, 'examples/legacy.ndjson'), 'utf8') });
    expect(html).toContain('The books balance.');
    expect(html).not.toContain('Some of its calls');
  });
});
