import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateCalls } from '../../bench/generate/calls.ts';

/** The folder of the project. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** What `examples/` was made with, as `examples/README.md` says. */
export const EXAMPLE = { calls: 40, seed: '9169', open: 6, agents: 12 } as const;

/** The streams and the id table that the generator makes with these settings, as its files hold them. */
export function generatedExample(): {
  readonly legacy: string;
  readonly truth: string;
  readonly ids: string;
  readonly scenarios: Set<string>;
} {
  const { ids, items } = generateCalls(EXAMPLE);
  const scenarios = new Set<string>();
  let [legacy, truth] = ['', ''];
  for (const item of items) {
    scenarios.add(item.scenario);
    if (item.legacy !== undefined) legacy += `${item.legacy.line}\n`;
    for (const event of item.truth) truth += `${event.line}\n`;
  }
  const table = ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n');
  return { legacy, truth, ids: table, scenarios };
}

/** A file of the project as text. */
export function projectFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
