import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Tier, TierResult } from './support/tier.ts';
import { describe, FLAGS, inFolder, isBad, print, withLeaks } from './support/tier.ts';

/** Kinds of faults, the quickest to tell first; each is the file and the function of that name. */
const TIERS = ['cuts', 'flips', 'kills', 'disk', 'strace', 'crashes', 'powercuts', 'shim', 'replay', 'room', 'outage', 'planted'];

/** Only when they are asked for: they take minutes, and need a server of NATS. */
const ASKED_FOR = ['nats'];

/** `npm run test:faults -- [--full] [--only kills,flips] [--seed TEXT] [--program DIR] [--folder DIR]`. */
async function main(): Promise<void> {
  const { full, program, folder, seed, only } = parseArgs({ options: { ...FLAGS, only: { type: 'string' } } }).values;
  const names = only?.split(',') ?? TIERS;
  const unknown = names.filter((name) => ![...TIERS, ...ASKED_FOR].includes(name));
  if (unknown.length > 0) throw new Error(`--only: expected ${[...TIERS, ...ASKED_FOR].join(', ')}, got ${unknown.join(', ')}`);
  const results: TierResult[] = [];
  await inFolder(folder, async (work) => {
    for (const name of names) {
      print(`${name} …`);
      const result = withLeaks(await runTier(name, (tier) => tier({ full, program: resolve(program), folder: join(work, name), seed })));
      print(describe(result));
      results.push(result);
    }
  });
  print(`\n${table(results)}`);
  if (results.some(isBad)) process.exitCode = 1;
}

/** A tier that cannot be run is a finding, like one that finds something. */
async function runTier(name: string, run: (tier: Tier) => Promise<TierResult>): Promise<TierResult> {
  const started = performance.now();
  const failed = (why: string): TierResult => ({ name, ran: 0, wanted: 1, bad: [why], seconds: (performance.now() - started) / 1000 });
  const file = join(import.meta.dirname, `${name}.ts`);
  if (!existsSync(file)) return failed(`${file} is not there`);
  try {
    const module = (await import(file)) as Record<string, Tier>;
    return module[name] === undefined ? failed(`${file} exports no function ${name}`) : await run(module[name]);
  } catch (error) {
    return failed((error as Error).stack ?? String(error));
  }
}

function table(results: readonly TierResult[]): string {
  const rows = results.map(({ name, ran, wanted, bad, seconds }) => [name, `${ran}/${wanted}`, String(bad.length), seconds.toFixed(0)]);
  const all = [['tier', 'ran/wanted', 'bad', 'seconds'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

await main();
