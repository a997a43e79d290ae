import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFile, removeLeftovers } from '../../src/store/create-file.ts';

/** Several processes may make the file of a state at once: one wins, and the others find its file. */
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-create-'));
  path = join(folder, 'state');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('who is cleared up after by a quicker process finds its file, and reports no trouble', () => {
  createFile(path, () => {
    writeFileSync(path, 'the winner');
    removeLeftovers(path);
    throw new Error('disk I/O error');
  });
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['the winner', ['state']]);
});

it('trouble while it is filled is told, and nothing is left behind', () => {
  expect(() =>
    createFile(path, () => {
      throw new Error('disk I/O error');
    }),
  ).toThrow('disk I/O error');
  expect([existsSync(path), readdirSync(folder)]).toEqual([false, []]);
});
