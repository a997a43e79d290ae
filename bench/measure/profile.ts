import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DATA } from './data.ts';
import { measured } from './measured.ts';

/** A function, and the file it is in. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** Where the program was at a sample, innermost first, and how long. */
export interface Stack {
  readonly path: readonly Frame[];
  readonly time: number;
}

/** A CPU profile as Node writes it (`--cpu-prof`). */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where the time of the thread that translates goes. */
export interface Shares {
  /** Shares of the whole, largest first; what a helper does counts for who called it. */
  readonly parts: readonly (readonly [string, number])[];
  /** The store, checkpoints, and the packing of calls for them. */
  readonly state: number;
}

const FOLDER = join(DATA, 'profile');
/** Copying, hashing and decoding of bytes: it says more who wants it. */
const HELPERS = /\/dist\/(event\/(span|span-table|span-cache|record|text-table|ids)|translate\/(arena|value-cache|fifo))\.js$/;
const STATE = /\/dist\/(store\/|pipeline\/checkpoint|context\/(packer|call-bytes))/;

/** Profiles a conversion; the program runs from its own files, not as one bundle, so that each function shows where it belongs. */
export async function profile(args: readonly string[]): Promise<Shares> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const usage = await measured(['--cpu-prof', `--cpu-prof-dir=${FOLDER}`, 'dist/cli/main.js', ...args]);
  if (usage.exit !== 0) throw new Error(`the profiled run ended with ${usage.exit}\n${usage.told}`);
  return sharesOf(stacksIn(FOLDER));
}

/** The stacks of the longest profile of a folder, without those where nothing was done. */
export function stacksIn(folder: string): readonly Stack[] {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const [largest = ''] = files.sort((a, b) => statSync(b).size - statSync(a).size);
  return stacksOf(JSON.parse(readFileSync(largest, 'utf8')) as Profile).filter(({ path }) => path[0]?.functionName !== '(idle)');
}

function stacksOf({ nodes, samples, timeDeltas }: Profile): readonly Stack[] {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const pathOf = (id: number): readonly Frame[] => {
    const path: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      path.push(frames.get(at) ?? { functionName: '', url: '' });
    return path;
  };
  const paths = new Map(nodes.map((node) => [node.id, pathOf(node.id)]));
  return samples.map((id, index) => ({ path: paths.get(id) ?? [], time: timeDeltas[index] ?? 0 }));
}

function sharesOf(stacks: readonly Stack[]): Shares {
  const isState = ({ path }: Stack): boolean => path.some(({ url }) => STATE.test(url));
  return { parts: sharesBy(stacks, partOf), state: timeOf(stacks.filter(isState)) / timeOf(stacks) };
}

/** Shares of the whole by a name that each stack is given, largest first. */
export function sharesBy(stacks: readonly Stack[], nameOf: (path: readonly Frame[]) => string): Shares['parts'] {
  const parts = new Map<string, number>();
  for (const { path, time } of stacks) parts.set(nameOf(path), (parts.get(nameOf(path)) ?? 0) + time);
  const whole = timeOf(stacks);
  return [...parts].map(([part, time]) => [part, time / whole] as const).sort((a, b) => b[1] - a[1]);
}

function timeOf(stacks: readonly Stack[]): number {
  return stacks.reduce((sum, { time }) => sum + time, 0);
}

function partOf(path: readonly Frame[]): string {
  if (path[0]?.functionName === '(garbage collector)') return 'garbage collection';
  const own = path.find(({ url }) => url.includes('/dist/') && !HELPERS.test(url));
  return own === undefined ? 'start of the program, system' : own.url.replace(/^.*\/dist\//, '').replace(/\.js$/, '.ts');
}
