import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DATA } from './data.ts';
import { measured } from './measured.ts';

/** A CPU profile as Node writes it (`--cpu-prof`). */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
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
  const files = readdirSync(FOLDER).map((name) => join(FOLDER, name));
  const [largest = ''] = files.sort((a, b) => statSync(b).size - statSync(a).size);
  return sharesOf(JSON.parse(readFileSync(largest, 'utf8')) as Profile);
}

function sharesOf({ nodes, samples, timeDeltas }: Profile): Shares {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const pathOf = (id: number): readonly { readonly functionName: string; readonly url: string }[] => {
    const path = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      path.push(frames.get(at) ?? { functionName: '', url: '' });
    return path;
  };
  const paths = new Map(nodes.map((node) => [node.id, pathOf(node.id)]));
  const parts = new Map<string, number>();
  let state = 0;
  let whole = 0;
  samples.forEach((id, index) => {
    const path = paths.get(id) ?? [];
    if (path[0]?.functionName === '(idle)') return;
    const time = timeDeltas[index] ?? 0;
    whole += time;
    const part = partOf(path);
    parts.set(part, (parts.get(part) ?? 0) + time);
    if (path.some(({ url }) => STATE.test(url))) state += time;
  });
  const shares = [...parts].map(([part, time]) => [part, time / whole] as const);
  return { parts: shares.sort((a, b) => b[1] - a[1]), state: state / whole };
}

function partOf(path: readonly { readonly functionName: string; readonly url: string }[]): string {
  if (path[0]?.functionName === '(garbage collector)') return 'garbage collection';
  const own = path.find(({ url }) => url.includes('/dist/') && !HELPERS.test(url));
  return own === undefined ? 'start of the program, system' : own.url.replace(/^.*\/dist\//, '').replace(/\.js$/, '.ts');
}
