import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runBin } from '../support/bin.ts';

/** What the same command line does when it is given again. */
let folder: string;
let output: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-upcast-'));
  output = join(folder, 'out.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

function convert(...more: string[]): { readonly status: number | null; readonly stderr: string } {
  return runBin(['convert', 'examples/legacy.ndjson', '-o', output, ...more]);
}

it('a finished job does nothing when it is run again, and ends with 0', () => {
  expect(convert('-q').status).toBe(0);
  const before = [readFileSync(output), statSync(output).mtimeMs];
  const again = convert();
  expect(again.status).toBe(0);
  expect(again.stderr).toContain('finished before');
  expect([readFileSync(output), statSync(output).mtimeMs]).toEqual(before);
});

it('a finished job of other settings is refused (76), named, and its state left as it is', () => {
  expect(convert('-q').status).toBe(0);
  const state = readFileSync(`${output}.state`);
  const other = convert('-q', '--lateness', '9s');
  expect(other.status).toBe(76);
  expect(other.stderr).toContain('lateness differs (5000, now 9000)');
  expect(readFileSync(`${output}.state`).equals(state)).toBe(true);
});

it('with --restart it is refused (73) while the output is there, and converts anew with --force', () => {
  expect(convert('-q').status).toBe(0);
  const [bytes, state] = [readFileSync(output), readFileSync(`${output}.state`)];
  expect(convert('-q', '--restart').status).toBe(73);
  expect(readFileSync(`${output}.state`).equals(state)).toBe(true);
  writeFileSync(output, 'altered');
  expect(convert('-q').status).toBe(65);
  expect(convert('-q', '--restart', '--force').status).toBe(0);
  expect(readFileSync(output).equals(bytes)).toBe(true);
});
