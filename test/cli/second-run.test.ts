import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('a second run without --force ends with 73 and leaves the state of the first as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccc-upcast-'));
  try {
    const output = join(folder, 'out.ndjson');
    const run = () => spawnSync(process.execPath, ['bin/ccc-upcast.js', 'convert', 'examples/legacy.ndjson', '-o', output, '-q']).status;
    expect(run()).toBe(0);
    const state = readFileSync(`${output}.state`);
    expect(run()).toBe(73);
    expect(readFileSync(`${output}.state`).equals(state)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
