import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { glob, isDynamicPattern } from 'tinyglobby';
import { EXIT, UpcastError } from '../errors.ts';
import { inputError } from './input-error.ts';
import { readFile, readStream } from './read-file.ts';

/** Where bytes come from: as they are stored, compressed or not. */
export interface InputSource {
  /** As the user named it; `-` for standard input. */
  readonly name: string;
  /** Bytes stored; undefined where that is not known beforehand (pipes, devices). */
  readonly size: number | undefined;
  /** Its bytes from `startOffset` on, 0 unless told. A chunk stays as it is until the next but one is asked for: who keeps it longer copies it. */
  open(startOffset?: number): AsyncIterable<Uint8Array>;
}

/**
 * The inputs that arguments name, in their order: files, glob patterns (matches by code units, so the same everywhere), or `-` for
 * standard input. A file that is named twice is read twice. Says at once what cannot be read, before anything is done.
 */
export async function expandInputs(
  args: readonly string[],
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<readonly InputSource[]> {
  if (args.filter((arg) => arg === '-').length > 1) {
    throw new UpcastError({ code: 'stdin-twice', message: 'expected - (standard input) once, got it twice', exit: EXIT.usage });
  }
  const inputs: InputSource[] = [];
  for (const arg of args) {
    if (arg === '-') inputs.push({ name: '-', size: undefined, open: (start) => readStream(stdin, start) });
    else for (const path of await expand(arg)) inputs.push(await fileInput(path));
  }
  return inputs;
}

/** A pattern's files; a file that exists is itself, whatever signs its name has. */
async function expand(arg: string): Promise<readonly string[]> {
  if (!isDynamicPattern(arg) || (await exists(arg))) return [arg];
  const matches = await glob(arg, { onlyFiles: true, dot: false, absolute: arg.startsWith('/'), expandDirectories: false });
  if (matches.length > 0) return matches.sort();
  throw new UpcastError({
    code: 'no-input',
    message: `no file matches ${arg}`,
    exit: EXIT.noInput,
    hint: 'a pattern takes *, ?, [ab] and {a,b}, and ** for any folders',
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function fileInput(path: string): Promise<InputSource> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw directoryError(path);
    await access(path, constants.R_OK);
    return { name: path, size: found.isFile() ? found.size : undefined, open: (start) => readFile(path, start) };
  } catch (error) {
    throw inputError(path, error);
  }
}

function directoryError(path: string): UpcastError {
  return new UpcastError({
    code: 'input-is-directory',
    message: `expected a file, got the directory ${path}`,
    exit: EXIT.noInput,
    hint: `name its files, for example '${path.replace(/\/+$/, '')}/*.ndjson'`,
  });
}
