import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from 'yaml';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { EXIT, UpcastError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { expandVariables } from './expand.ts';
import type { OptionName, OptionSpec } from './options.ts';
import { OPTIONS } from './options.ts';

/** Variables of the process. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A setting as a config file has it. */
export interface FileEntry {
  readonly text: string;
  /** `ccc-upcast.yaml:3:11`. */
  readonly place: string;
}

/** A part of a config file that is more than one value; texts as they are written, with variables filled in. */
export interface FileSection {
  readonly value: unknown;
  readonly place: string;
}

/** What a config file sets. */
export interface ConfigFile {
  readonly path: string | undefined;
  readonly entries: ReadonlyMap<OptionName, FileEntry>;
  readonly endpoints: FileSection | undefined;
}

const ENDPOINTS = 'endpoints';

/** Names that a config file may set. */
export const CONFIG_KEYS: readonly string[] = (OPTIONS as readonly OptionSpec[])
  .filter((option) => option.only === undefined || option.only === 'secret')
  .map((option) => option.name);

/** The config file of this run: the one asked for, or the first that exists of the folder's, the user's and the machine's. */
export function findConfigFile(asked: string | undefined, env: Env): string | undefined {
  if (asked !== undefined) return asked;
  const { XDG_CONFIG_HOME: xdg = '', HOME: home = '' } = env;
  const folder = xdg === '' && home !== '' ? join(home, '.config') : xdg;
  const user = folder === '' ? [] : [join(folder, 'ccc-upcast', 'config.yaml')];
  return ['ccc-upcast.yaml', ...user, '/etc/ccc-upcast.yaml'].find((path) => existsSync(path));
}

/** Reads a config file; without one, nothing is set. Errors: UpcastError 78 with the place. */
export function readConfigFile(asked: string | undefined, env: Env): ConfigFile {
  const path = findConfigFile(asked, env);
  if (path === undefined) return { path, entries: new Map(), endpoints: undefined };
  return { path, ...parseConfig(readText(path), path, env) };
}

/** What the text of a config file sets: one flat map of option names, and `endpoints`, a list. */
export function parseConfig(text: string, path: string, env: Env): Omit<ConfigFile, 'path'> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) throw configError(syntax.message, placeAt(syntax.pos[0]), undefined);
  const root = document.contents;
  const entries = new Map<OptionName, FileEntry>();
  let endpoints: FileSection | undefined;
  if (root === null || (isScalar(root) && root.value === null)) return { entries, endpoints };
  if (!isMap(root)) throw configError('expected option: value, one a line', placeAt(0), 'such as "time-zone: Asia/Shanghai"');
  for (const { key, value } of root.items) {
    const keyPlace = placeAt(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
    const name = isScalar(key) ? String(key.value) : '';
    if (name === ENDPOINTS) {
      endpoints = { value: sectionOf(value as Node | null, keyPlace, env), place: keyPlace };
      continue;
    }
    if (!isConfigKey(name)) throw configError(`unknown key "${name}"`, keyPlace, keyHint(name));
    if (!isScalar(value)) throw configError(`${name}: expected one value`, keyPlace, undefined);
    const place = placeAt(value.range?.[0] ?? 0);
    entries.set(name, { text: expand(scalarText(value), place, env), place });
  }
  return { entries, endpoints };
}

/** Lists and maps as plain data; every single value is a text. */
function sectionOf(node: Node | null, place: string, env: Env): unknown {
  if (isSeq(node)) return node.items.map((item) => sectionOf(item as Node | null, place, env));
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', sectionOf(value as Node | null, place, env)]),
    );
  }
  return isScalar(node) ? expand(scalarText(node), place, env) : undefined;
}

/** A plain scalar counts as it is written (`5s`, `007`), a quoted one without its quotes. */
function scalarText(scalar: { readonly value: unknown; readonly source?: string }): string {
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value));
}

function expand(text: string, place: string, env: Env): string {
  const result = expandVariables(text, env);
  if (typeof result === 'string') return result;
  throw configError(
    result.message ?? `the environment has no ${result.variable}`,
    place,
    `set ${result.variable}, or write \${${result.variable}:-default}`,
  );
}

function isConfigKey(name: string): name is OptionName {
  return CONFIG_KEYS.includes(name);
}

function keyHint(name: string): string {
  const kebab = name.replaceAll('_', '-').replace(/([a-z])([A-Z])/g, '$1-$2');
  return didYouMean(kebab.toLowerCase(), [...CONFIG_KEYS, ENDPOINTS]);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw configError(`cannot read the config file (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, path, undefined, cause);
  }
}

function configError(message: string, place: string, hint: string | undefined, cause?: unknown): UpcastError {
  return new UpcastError({ code: 'bad-config', exit: EXIT.config, message, place, hint, cause });
}
