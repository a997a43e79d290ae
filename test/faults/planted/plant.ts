import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from './bugs.ts';

const COPIED = ['bin', 'dist', 'mappings', 'package.json'];

/** Makes a copy of a program with these edits. Errors: a text does not stand in its file exactly once. */
export function plant(program: string, edits: readonly Edit[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of COPIED) cpSync(join(program, name), join(folder, name), { recursive: true });
  symlinkSync(join(program, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, text, by } of edits) {
    const path = join(folder, 'dist', file);
    const parts = readFileSync(path, 'utf8').split(text);
    if (parts.length !== 2) throw new Error(`dist/${file}: expected once, found ${parts.length - 1} times: ${JSON.stringify(text)}`);
    writeFileSync(path, parts.join(by));
  }
  execFileSync('npm', ['run', '-s', 'bundle'], { cwd: folder, stdio: 'pipe' });
}
