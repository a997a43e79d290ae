import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../src/store/sqlite.ts';

const ROUNDS = 6;
const LIBRARY = join(import.meta.dirname, '../../dist/index.js');

/** Opens the state at a given moment; holds it longer than another waits. Tells `had` or the code of the error. */
const OPENER = `
  const [library, path, at] = process.argv.slice(1);
  const { openSqlite } = await import(library);
  // On a machine that does other things as well it may not be ready in time: then it says nothing about two that come at once.
  if (Date.now() > Number(at)) {
    process.stdout.write('late');
    process.exit();
  }
  while (Date.now() < Number(at));
  try {
    openSqlite(path);
    process.stdout.write('had');
    setTimeout(() => process.exit(), 1500);
  } catch (error) {
    process.stdout.write(error.code);
  }
`;

function openAt(path: string, at: number): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', OPENER, LIBRARY, path, String(at)]);
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', () => resolve(told.trim())));
}

describe('a state that two processes open at the same moment', () => {
  it('goes to one of them, never to neither', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccc-lock-'));
    const path = join(folder, 'state');
    openSqlite(path).close();
    for (let round = 0, lead = 600; round < ROUNDS; ) {
      const at = Date.now() + lead;
      const told = (await Promise.all([openAt(path, at), openAt(path, at)])).sort();
      if (told.includes('late')) lead *= 1.5;
      else {
        expect(told).toEqual(['had', 'state-busy']);
        round += 1;
      }
    }
    rmSync(folder, { recursive: true });
  });
});
