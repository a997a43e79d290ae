import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../bench/generate/random.ts';
import type { Bench, Case } from './disk/bench.ts';
import { createBench } from './disk/bench.ts';
import { mannerCases } from './disk/manners.ts';
import { createRaces } from './disk/races.ts';
import { refusalCases } from './disk/refusals.ts';
import { spaceCases } from './disk/space.ts';
import { prepareData } from './support/job.ts';
import { whyNoMount } from './support/mount.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { inParallel, runAlone, SEED } from './support/tier.ts';

const CALLS = 60;
/** Races are many, but the first run must last longer than the second waits for its state. */
const RACE_CALLS = 300;
const RACES = { full: 1000, small: 8 } as const;

/** Full disks, files that were altered, states that do not fit, two runs at once: the right exit code, nothing touched, then the right bytes. */
export async function disk(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const seed = options.seed ?? SEED;
  mkdirSync(options.folder, { recursive: true });
  const folder = realpathSync(options.folder);
  const cases = [...spaceCases(options.full), ...refusalCases(), ...mannerCases()];
  const races = options.full ? RACES.full : RACES.small;
  const missing = whyNoMount(['mount', 'umount']);
  const possible = cases.filter(({ needsRoot }) => missing === undefined || !needsRoot);
  const bad: string[] = [];
  const data = await prepareData(join(folder, 'data'), CALLS, seed);
  const benches = await Promise.all([0, 1].map((worker) => prepare(join(folder, `worker-${worker}`), data, options)));
  await inParallel(possible, async (each, worker) => {
    const wrong = await runCase(each, benches[worker] as Bench);
    if (wrong !== undefined) bad.push(`${each.name}, seed ${seed}: ${wrong}`);
  });
  const ends = await runRaces(races, join(folder, 'races'), options, bad);
  return {
    name: 'disk',
    ran: possible.length + races,
    wanted: cases.length + races,
    bad,
    seconds: (performance.now() - started) / 1000,
    notes: [ends, ...(missing === undefined ? [] : [`NOT RUN: ${cases.length - possible.length} of ${cases.length}: ${missing}`])],
  };
}

function prepare(folder: string, data: Awaited<ReturnType<typeof prepareData>>, { program }: TierOptions): Promise<Bench> {
  mkdirSync(folder, { recursive: true });
  return createBench(data, folder, program);
}

function runCase(each: Case, bench: Bench): Promise<string | undefined> {
  return each.run(bench).catch((error: Error) => error.message);
}

/** Returns a note of how they ended. */
async function runRaces(count: number, folder: string, options: TierOptions, bad: string[]): Promise<string> {
  const seed = `${options.seed ?? SEED}/races`;
  const random = createRandom(seed);
  const data = await prepareData(join(folder, 'data'), RACE_CALLS, seed);
  const races = [...(await createRaces(data, folder, options.program))];
  const ends = { refused: 0, after: 0 };
  for (let number = 0; number < count; number++) {
    const [name, race] = races[number % races.length] as (typeof races)[number];
    const end = await race(random);
    if (typeof end === 'string') ends[end] += 1;
    else bad.push(`race ${number} ${name}, seed ${seed}: ${end.bad}`);
  }
  if (ends.refused < count / 4) bad.push(`only ${ends.refused} of ${count} races had two runs at once: the winner is over too soon`);
  return `races: ${ends.refused} times one was refused, ${ends.after} times one came after the other`;
}

await runAlone(disk, import.meta.url);
