import { join } from 'node:path';
import { DATA } from './data.ts';
import type { Frame, Shares } from './profile.ts';
import { sharesBy, stacksIn } from './profile.ts';

/** Where profiles of a shim are written. */
export const PROFILES: string = join(DATA, 'serve-profile');

/** Node and program that write a profile when they end; from its own files, so that each function shows where it belongs. */
export const PROFILED: readonly string[] = ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, 'dist/cli/main.js'];

/** Where the time of a shim goes. */
export interface ServeShares {
  /** What was done, for the file of the program or the package that asked for it last. */
  readonly files: Shares['parts'];
  /** Functions, by the time in themselves and not in what they call. */
  readonly functions: Shares['parts'];
}

/** Shares of the profile that was written. */
export function serveShares(): ServeShares {
  const stacks = stacksIn(PROFILES);
  return { files: sharesBy(stacks, ownerOf), functions: sharesBy(stacks, ([own]) => (own === undefined ? '' : nameOf(own))) };
}

/** What Node does (streams, parsers, sockets) counts for what asked for it, if anything of ours did. */
function ownerOf(path: readonly Frame[]): string {
  if (path[0]?.functionName === '(garbage collector)') return 'garbage collection';
  const own = path.find(({ url }) => url.includes('/dist/') || url.includes('/node_modules/'));
  if (own !== undefined) return placeOf(own.url);
  const node = path.find(({ url }) => url.startsWith('node:'));
  return node === undefined ? 'system' : placeOf(node.url);
}

function nameOf({ functionName, url }: Frame): string {
  if (url === '') return functionName;
  return `${functionName === '' ? '(anonymous)' : functionName} · ${placeOf(url)}`;
}

function placeOf(url: string): string {
  const found = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/.*?([^/]+)$/.exec(url);
  if (found !== null) return `${found[1]} (${found[2]})`;
  return url.replace(/^.*\/dist\//, '').replace(/\.js$/, '.ts');
}
