import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Folders by floor; a file directly in src is named with its ending. */
const FLOORS: readonly (readonly string[])[] = [
  ['event', 'errors.ts', 'nearest.ts'],
  ['mapping', 'context'],
  ['rules'],
  ['translate'],
  ['source', 'parse', 'sink', 'deliver', 'store', 'observe', 'jetstream'],
  ['pipeline', 'shim', 'replay', 'inspect', 'compare', 'explain', 'report', 'work'],
  ['cli'],
];
/** src/index.ts may import everything below the command line. */
const INDEX_FLOOR = 6;

/** Neighbours on one floor that may be used. `types`: only by `import type`, which leaves nothing in the program. */
const NEIGHBOURS: Readonly<Record<string, 'all' | 'types'>> = {
  'shim → pipeline': 'all',
  'replay → pipeline': 'all',
  'inspect → pipeline': 'all',
  'compare → pipeline': 'all',
  'explain → pipeline': 'all',
  // The console draws calls as reports do.
  'shim → report': 'all',
  'sink → deliver': 'all',
  // A stream server is one more source and sink.
  'jetstream → source': 'types',
  'jetstream → sink': 'all',
  'work → pipeline': 'all',
  // A report renders what a run found: it knows the result's type, never the run.
  'report → pipeline': 'types',
  'report → replay': 'types',
  'report → inspect': 'types',
  'report → compare': 'types',
  'report → explain': 'types',
  // One word list for all of floor 0: errors and nearest are parts of the same ground.
  'event → errors.ts': 'all',
  'event → nearest.ts': 'all',
};

const NODE_ALLOWED: Readonly<Record<string, readonly string[]>> = { 'event/identity.ts': ['node:crypto'] };
const PURE_FLOORS = 4;
const MAX_LINES = 300;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  // The script of a page runs in a browser, and shares nothing with the program.
  .filter((path) => !path.startsWith('console/') && !path.startsWith('console\\'))
  .map((path) => path.replaceAll('\\', '/'))
  .sort();
const texts = new Map(files.map((path) => [path, readFileSync(join(SRC, path), 'utf8')]));
const imports = files.flatMap(importsOf);
const local = imports.filter((each) => !each.to.includes(':') && each.to.endsWith('.ts'));

function importsOf(from: string): readonly Import[] {
  const text = withoutComments(texts.get(from) ?? '');
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?\sfrom\s+'([^']+)'/gm),
    ...text.matchAll(/^(import)\s+'([^']+)'/gm),
    ...text.matchAll(/\b(?:import|require)(\()\s*'([^']+)'/g),
  ];
  return found.map(([, mark, target = '']) => ({ from, to: resolved(from, target), isType: mark?.trim() === 'type' }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function resolved(from: string, target: string): string {
  if (!target.startsWith('.')) return target;
  return relative(SRC, resolve(SRC, dirname(from), target)).replaceAll('\\', '/');
}

function folderOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function floorOf(path: string): number {
  return path === 'index.ts' ? INDEX_FLOOR : FLOORS.findIndex((floor) => floor.includes(folderOf(path)));
}

function isAllowed({ from, to, isType }: Import): boolean {
  const [above, below] = [folderOf(from), folderOf(to)];
  if (above === below) return true;
  if (floorOf(to) < floorOf(from)) return true;
  const neighbour = floorOf(to) === floorOf(from) ? NEIGHBOURS[`${above} → ${below}`] : undefined;
  return neighbour === 'all' || (neighbour === 'types' && isType);
}

function circles(edges: readonly Import[]): readonly string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const each of next.get(file) ?? []) visit(each, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}

const show = (each: Import): string => `${each.from} imports ${each.to}`;

describe('the floor plan', () => {
  it('is read at all: the imports of this many files are known', () => {
    expect(files.length).toBeGreaterThan(80);
    expect(local.length).toBeGreaterThan(200);
    expect(imports.map(show)).toContain('cli/commands/convert.ts imports pipeline/run.ts');
  });

  it('has a place for every file', () => {
    expect(files.filter((path) => floorOf(path) < 0)).toEqual([]);
  });

  it('names every local import with its .ts ending, and every one exists', () => {
    const odd = imports.filter((each) => !each.to.includes(':') && (each.to.startsWith('.') || each.to.includes('/')));
    expect(odd.filter((each) => !texts.has(each.to) && !isPackage(each.to)).map(show)).toEqual([]);
  });

  it('lets a folder import only lower floors', () => {
    expect(local.filter((each) => !isAllowed(each)).map(show)).toEqual([]);
  });

  it('has no circles between files', () => {
    expect(circles(local)).toEqual([]);
  });

  it('keeps floors 0 to 3 free of node:*', () => {
    const impure = imports.filter(
      (each) => floorOf(each.from) < PURE_FLOORS && each.to.startsWith('node:') && NODE_ALLOWED[each.from]?.includes(each.to) !== true,
    );
    expect(impure.map(show)).toEqual([]);
  });

  it('keeps floors 0 to 3 free of clocks, chance and the process', () => {
    const pattern = /\b(?:Date\.now|performance\.now|Math\.random|setTimeout|setInterval|process\.)/;
    const impure = files.filter((path) => floorOf(path) < PURE_FLOORS && pattern.test(withoutComments(texts.get(path) ?? '')));
    expect(impure).toEqual([]);
  });

  it('lets only cli/main.ts end the process', () => {
    const ending = files.filter((path) => /\bprocess\.(?:exit\(|exitCode|abort|kill)/.test(withoutComments(texts.get(path) ?? '')));
    expect(ending).toEqual(['cli/main.ts']);
  });

  it('has no default exports', () => {
    expect(files.filter((path) => /^export default/m.test(texts.get(path) ?? ''))).toEqual([]);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const long = files.map((path) => ({ path, lines: (texts.get(path) ?? '').split('\n').length - 1 }));
    expect(long.filter((each) => each.lines > MAX_LINES)).toEqual([]);
  });
});

describe('the test of the floor plan', () => {
  const edge = (from: string, to: string, isType = false): Import => ({ from, to, isType });

  it('finds a way up, a way across and a circle', () => {
    expect(isAllowed(edge('event/ids.ts', 'mapping/model.ts'))).toBe(false);
    expect(isAllowed(edge('mapping/model.ts', 'context/call.ts'))).toBe(false);
    expect(isAllowed(edge('report/text.ts', 'pipeline/run.ts'))).toBe(false);
    expect(isAllowed(edge('report/text.ts', 'pipeline/job.ts', true))).toBe(true);
    expect(isAllowed(edge('pipeline/run.ts', 'shim/server.ts'))).toBe(false);
    expect(isAllowed(edge('shim/server.ts', 'pipeline/run.ts'))).toBe(true);
    expect(isAllowed(edge('index.ts', 'cli/program.ts'))).toBe(false);
    expect(circles([edge('a.ts', 'b.ts'), edge('b.ts', 'c.ts'), edge('c.ts', 'a.ts')])).toEqual(['a.ts → b.ts → c.ts → a.ts']);
  });
});

function isPackage(name: string): boolean {
  return /^(?:@[\w-]+\/)?[\w-]+(?:\/|$)/.test(name) && !name.endsWith('.ts');
}
