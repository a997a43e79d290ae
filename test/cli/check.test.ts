import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './io.ts';

const BUILT_IN = fileURLToPath(new URL('../../mappings/ccc-2.0', import.meta.url));
let folder = '';
const before = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-check-'));
  cpSync(BUILT_IN, join(folder, 'mine'), { recursive: true });
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** The user's change of a mapping file. */
function change(path: string, find: string, put: string): void {
  const text = readFileSync(join('mine', path), 'utf8');
  expect(text).toContain(find);
  writeFileSync(join('mine', path), text.replace(find, put));
}

describe('check', () => {
  it('of the default mapping is clean', async () => {
    expect(await run(['check'])).toMatchObject({ exit: 0, err: '', out: expect.stringContaining('ccc-2.0: no issues\n') });
  });

  it('of a copy is clean and runs its examples', async () => {
    expect(await run(['check', './mine'])).toMatchObject({ exit: 0, out: expect.stringMatching(/examples: (\d+) of \1 pass/) });
  });

  it('names file, line, column and the nearest word of every issue', async () => {
    change('events/CallHeld.yaml', 'to: Held', 'to: Hedl');
    change('events/CallReleased.yaml', 'to: Released', 'to: Relesed');
    const { exit, out } = await run(['check', 'mine']);
    expect(exit).toBe(78);
    expect(out).toMatch(/^mine\/events\/CallHeld\.yaml:\d+:\d+: .*did you mean "Held"\?$/m);
    expect(out).toMatch(/^mine\/events\/CallReleased\.yaml:\d+:\d+: .*did you mean "Released"\?$/m);
    expect(out).toContain('mine: 2 issues\n');
  });

  it('shows what an example expected and got', async () => {
    change('examples/CallHeld.yaml', 'eventType: Held', 'eventType: Hold');
    const { exit, out } = await run(['check', 'mine']);
    expect(exit).toBe(78);
    expect(out).toMatch(/^mine\/examples\/CallHeld\.yaml:\d+: /m);
    expect(out).toContain('  expected\n    {');
  });

  it('prints JSON', async () => {
    change('mapping.yaml', 'unknownId: keep', 'unknownId: kep');
    const { exit, out } = await run(['check', 'mine', '--json']);
    expect(exit).toBe(78);
    expect(JSON.parse(out)).toMatchObject({ name: 'mine', clean: false, issues: [{ path: 'mine/mapping.yaml' }] });
  });

  it('of nothing names what there is', async () => {
    expect(await run(['check', 'ccc-2.1'])).toMatchObject({ exit: 78, out: '', err: expect.stringContaining('did you mean "ccc-2.0"?') });
  });

  it('with -q says nothing when all is well', async () => {
    expect(await run(['check', '-q'])).toMatchObject({ exit: 0, out: '', err: '' });
  });
});
