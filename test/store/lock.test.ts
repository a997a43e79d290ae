import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../src/store/sqlite.ts';

const ROUNDS = 6;
const LIBRARY = join(import.meta.dirname, '../../dist/index.js');

/** Opens the state at a given moment; holds it until its input ends. Tells `had` or the code of the error. */
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
    // Kept: what nobody holds any more is collected, and its lock is free.
    globalThis.store = openSqlite(path);
    process.stdout.write('had');
    process.stdin.on('end', () => process.exit()).resume();
  } catch (error) {
    process.stdout.write(error.code);
  }
`;

/** What two processes tell that open the state at one moment. */
async function openTwice(path: string, at: number): Promise<readonly string[]> {
  const children = [0, 1].map(() => spawn(process.execPath, ['--input-type=module', '-e', OPENER, LIBRARY, path, String(at)]));
  const closed = children.map((child) => once(child, 'close'));
  const told = await Promise.all(children.map(async (child) => String(((await once(child.stdout, 'data')) as [Buffer])[0])));
  // Not before both have told: a busy machine may stop the other for longer than any fixed time.
  for (const child of children) child.stdin.end();
  await Promise.all(closed);
  return told.sort();
}

describe('a state that two processes open at the same moment', () => {
  it('goes to one of them, never to neither', { timeout: 240_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccc-lock-'));
    const path = join(folder, 'state');
    openSqlite(path).close();
    for (let round = 0, lead = 600; round < ROUNDS; ) {
      const at = Date.now() + lead;
      const told = await openTwice(path, at);
      if (told.includes('late')) lead *= 1.5;
      else {
        expect(told).toEqual(['had', 'state-busy']);
        round += 1;
      }
    }
    rmSync(folder, { recursive: true });
  });
});
