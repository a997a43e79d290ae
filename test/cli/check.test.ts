import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MappingDiff } from '../../src/compare/mappings.ts';
import { exampleCases } from '../../src/mapping/examples.ts';
import { permuteExamples } from '../../src/report/permute.ts';
import { loadMapping, readMappingFolder } from '../../src/source/mapping-folder.ts';
import { run } from './io.ts';

const LOG = fileURLToPath(new URL('../../examples/legacy.ndjson', import.meta.url));
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

  it('tells what the examples do not reach: reasons of rules, steps, fields that no step names', async () => {
    const few = await run(['check', './mine']);
    expect(few.out).toMatch(/^reasons of rules: \d+ of \d+ reached$/m);
    expect(few.out).toContain('more: --coverage lists them');
    rmSync('mine/examples/CallHeld.yaml');
    const all = await run(['check', './mine', '--coverage']);
    expect(all.out).toContain("not reached: CallHeld: the party on hold is the customer: the leg is the customer's");
    expect(all.out).toContain('not reached: CallHeld.connectId → channelId');
    expect(all.out).not.toContain('--coverage lists them');
  });

  it('writes the checks as JUnit, failed ones with what was expected', async () => {
    await run(['check', './mine', '--junit', 'good.xml']);
    expect(readFileSync('good.xml', 'utf8')).toMatch(/^<\?xml.*\n<testsuites tests="(\d+)" failures="0">/);
    change('examples/CallHeld.yaml', 'eventType: Held', 'eventType: Hold');
    expect((await run(['check', './mine', '--junit', 'bad.xml'])).exit).toBe(78);
    const bad = readFileSync('bad.xml', 'utf8');
    expect(bad).toMatch(/failures="1"/);
    expect(bad).toMatch(/<testcase classname="mine\/examples\/CallHeld.yaml"[^>]*>\n +<failure message="mine\/examples/);
    expect((await run(['check', './mine', '--junit', 'bad.xml'])).exit).toBe(73);
  });

  it('runs the examples in other orders within the lateness window: they give the same', async () => {
    expect(await run(['check', '--permute'])).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/in other orders within the lateness window: (\d+) of \1 give the same/),
    });
  });

  it('finds examples that depend on the order of arrival, with the order', async () => {
    const layer = (await readMappingFolder('ccc-2.0')).at(-1);
    const found = permuteExamples(await loadMapping('ccc-2.0'), layer === undefined ? [] : exampleCases(layer), 600_000);
    expect(found.length).toBeGreaterThan(0);
    for (const { order, expected, got } of found) {
      expect([...order].sort((a, b) => a - b)).toEqual(order.map((_, index) => index + 1));
      expect(got).not.toEqual(expected);
    }
  });

  it('--diff tells what another mapping changes on a log, by type and field, with samples', async () => {
    change('events/CallHeld.yaml', 'to: Held', 'to: null');
    change('tables/call-type.yaml', 'Outbound: OUTBOUND', 'Outbound: OUT');
    const { exit, out } = await run(['check', 'ccc-2.0', '--diff', './mine', LOG, '--json']);
    expect(exit).toBe(0);
    const found = JSON.parse(out) as MappingDiff;
    expect(found.types).toEqual([expect.objectContaining({ what: 'CallHeld', from: 'Held', to: 'dropped-by-mapping', count: 3 })]);
    expect(new Set(found.fields.map(({ what }) => what.split('.')[1]))).toEqual(new Set(['callType']));
    expect(found.fields[0]).toMatchObject({ sample: { from: '"OUTBOUND"', to: '"OUT"' } });
    // An event with two changes is one event.
    expect(found.changed).toBeGreaterThan(100);
    expect(found.changed).toBeLessThanOrEqual(3 + found.fields.reduce((sum, { count }) => sum + count, 0));
    const same = await run(['check', 'ccc-2.0', '--diff', 'ccc-2.0', LOG]);
    expect(same.out).toContain('610 events by ccc-2.0 and by ccc-2.0: nothing changes');
    expect((await run(['check', '--diff', './mine'])).exit).toBe(2);
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
