import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from './io.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-compare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const event = (second: number, more = ''): string =>
  `{"eventTime":"2021-03-01T00:00:${String(second).padStart(2, '0')}.000Z","eventType":"AgentReady","agentId":"a${second}@b"${more}}`;
const ALL = Array.from({ length: 50 }, (_, second) => event(second));

function put(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

it('streams that agree end with 0', async () => {
  const { exit, out, err } = await run(['compare', put('a', ALL), put('b', ALL)]);
  expect([exit, err]).toEqual([0, '']);
  expect(out).toContain('The streams agree.');
  expect(out).toMatch(/^pairs +50$/m);
});

it('streams that differ by more than is allowed end with 3, and it is said by how much', async () => {
  const [ours, theirs] = [put('a', ALL.slice(1)), put('b', [...ALL.slice(0, -1), event(49, ',"breakCode":"7"')])];
  const { exit, out } = await run(['compare', ours, theirs]);
  expect(exit).toBe(3);
  expect(out).toContain('THE STREAMS DIFFER.\n  1 missing, at most 0 allowed\n  1 different, at most 0 allowed');
  expect(out).toMatch(/^AgentReady\.breakCode +1 +\(none\) +"7" +.*line 49, byte \d+$/m);
  expect((await run(['compare', ours, theirs, '--max-missing', '2%', '--max-different', '1'])).exit).toBe(0);
  expect((await run(['compare', ours, theirs, '--max-missing', '1.9%', '--max-different', '1'])).exit).toBe(3);
  expect((await run(['compare', ours, theirs, '--max-missing', '1', '--ignore', 'breakCode'])).exit).toBe(0);
});

it('as JSON for programs', async () => {
  const found = JSON.parse((await run(['compare', put('a', ALL), put('b', ALL.slice(2)), '--json'])).out) as Record<string, unknown>;
  expect(found).toMatchObject({ passed: false, ours: 50, theirs: 48, extra: 2, missing: 0, noise: [] });
});

it('takes a baseline and a table of contacts, and says what is wrong with them (2, 66, 78)', async () => {
  const [a, b] = [
    put('a', ALL),
    put(
      'b',
      ALL.map((line) => line.replace('}', ',"x":1}')),
    ),
  ];
  const { exit, out } = await run(['compare', a, b, '--baseline', `${a},${b}`]);
  expect([exit, out.includes('left out   AgentReady.x: they differ in the baseline, too')]).toEqual([0, true]);
  expect((await run(['compare', a, b, '--baseline', a])).exit).toBe(2);
  expect((await run(['compare', a, b, '--contacts', join(folder, 'none')])).exit).toBe(66);
  expect(await run(['compare', a, b, '--contacts', put('c', ['1,2', 'alone'])])).toMatchObject({
    exit: 78,
    err: expect.stringContaining('c:2'),
  });
  expect((await run(['compare', a, b, '--max-missing', 'few'])).exit).toBe(2);
  expect((await run(['compare', a, join(folder, 'none')])).exit).toBe(66);
  expect((await run(['compare', '-', '-'])).exit).toBe(2);
});
