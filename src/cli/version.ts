import { readFileSync } from 'node:fs';

/** The package's version; `src/cli`, `dist/cli` and `dist/program` all lie two folders below its root. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
