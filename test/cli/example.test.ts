import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SCENES } from '../../bench/generate/scenes/table.ts';
import { LEGACY_EVENTS } from '../../src/event/names.ts';
import { runBin } from '../support/bin.ts';
import { EXAMPLE, generatedExample, projectFile } from '../support/example.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccc-example-'));
afterAll(() => rmSync(folder, { recursive: true }));

const made = generatedExample();

describe('examples/', () => {
  it('holds what the generator makes with the settings that its README names, byte by byte', () => {
    expect(projectFile('examples/legacy.ndjson') === made.legacy).toBe(true);
    expect(projectFile('examples/ids.csv')).toBe(made.ids);
    const { calls, seed, open, agents } = EXAMPLE;
    expect(projectFile('examples/README.md')).toContain(`--calls ${calls} --seed ${seed} --open ${open} --agents ${agents} `);
  });

  it('has every scenario and every event of 1.0', () => {
    expect(SCENES.map(([name]) => name).filter((name) => !made.scenarios.has(name))).toEqual([]);
    expect(LEGACY_EVENTS.filter((name) => !made.legacy.includes(`:"${name}"`))).toEqual([]);
  });
});

describe('the program itself', () => {
  const convert = (args: readonly string[], input?: string) =>
    runBin(['convert', ...args, '--ids', 'examples/ids.csv'], input === undefined ? {} : { input });

  it('makes of the example exactly the 2.0 stream that would have been sent', () => {
    const output = join(folder, 'current.ndjson');
    const run = convert(['examples/legacy.ndjson', '-o', output, '--report', join(folder, 'report.txt')]);
    expect(run.stderr).toContain('books balance');
    expect(run).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(output, 'utf8') === made.truth).toBe(true);
    expect(readFileSync(`${output}.provenance.ndjson`, 'utf8').split('\n')).toHaveLength(made.truth.split('\n').length);
    const files = ['current.ndjson', 'current.ndjson.provenance.ndjson', 'current.ndjson.state', 'report.txt'];
    expect(readdirSync(folder).sort()).toEqual(files);
  });

  it('is shown by the README as it is', () => {
    const blocks = [...projectFile('README.md').matchAll(/^```(.*)\n([\s\S]*?)\n?```$/gm)].map(([, kind, text = '']) =>
      kind === '' ? text : '',
    );
    const output = join(folder, 'current.ndjson');
    const provenance = readFileSync(`${output}.provenance.ndjson`, 'utf8');
    const real = new Set(`${made.legacy}${made.truth}${provenance}`.split('\n'));
    const shown = blocks.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('{'));
    expect(shown).toHaveLength(10);
    expect(shown.filter((line) => !real.has(line))).toEqual([]);
    const again = convert(['examples/legacy.ndjson', '-o', output, '--report', join(folder, 'report.txt'), '--force']);
    const plain = (text: string) => text.replaceAll(`${folder}/`, '').replace(/in [\d.]+ s \([\d,]+\/s\)/, 'in … s');
    expect(plain(again.stderr).trimEnd()).toBe(plain(blocks.find((text) => text.startsWith('in ')) ?? ''));
  });

  it('does the same as a filter', () => {
    const run = convert([], made.legacy);
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout === made.truth).toBe(true);
  });
});
