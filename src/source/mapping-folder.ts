import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { EXIT, UpcastError } from '../errors.ts';
import { compileMapping } from '../mapping/compile.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Layer } from '../mapping/source.ts';
import { didYouMean } from '../nearest.ts';

/** `src/source`, `dist/source` and `dist/program` all lie two folders below the package's root. */
const BUILT_IN = fileURLToPath(new URL('../../mappings/', import.meta.url));
const MAX_LAYERS = 16;

/**
 * Reads a mapping and what it extends: a built-in name (`ccc-2.0`) or a folder. Returns the layers from the lowest base to the top;
 * paths in them are as a person would type them from the current directory.
 */
export async function readMappingFolder(nameOrDir: string): Promise<readonly Layer[]> {
  const layers: Layer[] = [];
  const seen = new Set<string>();
  let next: { name: string; from: string } | undefined = { name: nameOrDir, from: process.cwd() };
  while (next !== undefined) {
    const dir = await findFolder(next.name, next.from);
    if (seen.has(dir) || seen.size >= MAX_LAYERS)
      throw configError(`mapping ${nameOrDir}: "extends" leads back to ${dir}`, 'a mapping must not extend itself');
    seen.add(dir);
    const layer = await readLayer(dir);
    layers.unshift(layer);
    const base = extendsOf(layer.get(shownPath(join(dir, 'mapping.yaml'))));
    next = base === undefined ? undefined : { name: base, from: dir };
  }
  return layers;
}

/** Reads and compiles a mapping; an invalid one ends with exit code 78 and all its issues. */
export async function loadMapping(nameOrDir: string): Promise<Mapping> {
  return compileMapping(await readMappingFolder(nameOrDir), { hash: sha256, name: nameOrDir });
}

/** Names of the mappings that come with the product. */
export async function builtInMappings(): Promise<readonly string[]> {
  const entries = await readdir(BUILT_IN, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function findFolder(name: string, from: string): Promise<string> {
  // A bare word is a built-in name first, so that a folder that happens to lie about cannot change what `ccc-2.0` means.
  const builtIn = await builtInMappings();
  if (builtIn.includes(name)) return join(BUILT_IN, name);
  const dir = resolve(from, name);
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory() === true) return dir;
  if (found !== undefined) throw configError(`mapping ${name} is a file, not a folder`, `give the folder: ${dirname(name)}`);
  throw configError(`no mapping "${name}": neither a built-in one nor a folder`, didYouMean(name, builtIn));
}

function configError(message: string, hint: string): UpcastError {
  return new UpcastError({ code: 'no-mapping', exit: EXIT.config, message, hint });
}

async function readLayer(dir: string): Promise<Layer> {
  const layer = new Map<string, string>();
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) layer.set(shownPath(path), await readFile(path, 'utf8'));
  return layer;
}

/** A path as it is shown: relative to the current directory where that is shorter to read, always with `/`. */
function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  const shown = short.startsWith('..') || isAbsolute(short) ? path : short;
  return shown.split(sep).join('/');
}

/** `extends` of a mapping.yaml, if its text can be read at all: the compiler reports what is wrong with the rest. */
function extendsOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    const base = typeof value === 'object' && value !== null && 'extends' in value ? value.extends : undefined;
    return typeof base === 'string' ? base : undefined;
  } catch {
    return undefined;
  }
}
