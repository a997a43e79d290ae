import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCalls } from '../../bench/generate/calls.ts';
import { crashes } from './crashes.ts';
import { kills } from './kills.ts';
import type { PlantedBug } from './planted/bugs.ts';
import { BUGS } from './planted/bugs.ts';
import { plant } from './planted/plant.ts';
import { SHIM_BUGS } from './planted/shim-bugs.ts';
import { shim } from './shim.ts';
import type { Data } from './support/job.ts';
import { createJob, goldenOf, prepareData } from './support/job.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

const CALLS = 20;
/** States to look at where nothing is planted, and for one bug at most: it is to be found long before. */
const CALM_STATES = { small: 120, full: 600 };
const MOST_STATES = 400;
const PER_TRACE = 40;
/** A story in which a bug of the shim is to show; what has not arrived soon never will. */
const SHIM_STORY = { events: 3_000, stops: 8, patience: 6_000 };

/**
 * Plants known bugs into copies of the program, one at a time: the tiers must find each. The program as it is comes first, and nothing may be
 * found in it, or what is found in the others says nothing. With `full`, the kills at random moments are tried on them as well.
 */
export async function planted(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const { full, program, folder } = options;
  const data = await proneData(folder, options.seed ?? SEED);
  const result = { name: 'planted', ran: 0, wanted: 0, bad: [] as string[], notes: [] as string[] };
  const judge = async (name: string, isBug: boolean, run: () => Promise<TierResult>): Promise<void> => {
    result.wanted += 1;
    try {
      const { bad, ran, name: tier } = await run();
      result.ran += 1;
      if (isBug && bad.length === 0) result.bad.push(`${tier} did not find: ${name} (${ran} tried)`);
      else if (isBug) result.notes.push(`${tier} found: ${name} (after ${ran}): ${bad[0]?.slice(0, 300)}`);
      else for (const each of bad) result.bad.push(`found by ${tier} with nothing planted: ${each}`);
    } catch (error) {
      result.bad.push(`${name}: ${(error as Error).message}`);
    }
  };
  const explore = (shownBy: PlantedBug['shownBy'], place: string, copy: string, states: number): Promise<TierResult> =>
    crashes({
      ...{ ...options, ...shownBy, data, program: copy, folder: join(folder, place) },
      ...{ states, perTrace: PER_TRACE, enoughBad: 1, keep: 0 },
    });
  await judge('nothing', false, () => explore(everything(), 'nothing', program, full ? CALM_STATES.full : CALM_STATES.small));
  for (const [index, bug] of BUGS.entries()) {
    const copy = join(folder, `program-${index + 1}`);
    await judge(bug.name, true, async () => {
      plant(program, bug.edits, copy);
      // A copy that does not even run would be found by anything.
      await goldenOf(createJob(data, join(folder, 'calm'), bug.shownBy.variants?.[0]), { program: copy });
      return explore(bug.shownBy, String(index + 1), copy, MOST_STATES);
    });
    if (full && bug.byKills)
      await judge(bug.name, true, () => kills({ ...options, full: false, program: copy, folder: join(folder, `kills-${index + 1}`) }));
  }
  for (const [index, bug] of SHIM_BUGS.entries()) {
    const copy = join(folder, `shim-program-${index + 1}`);
    const shown = { by: [bug.by], ...SHIM_STORY, program: copy, folder: join(folder, `shim-${index + 1}`) };
    await judge(bug.name, true, async () => {
      plant(program, bug.edits, copy);
      return shim({ ...options, ...shown });
    });
  }
  return { ...result, seconds: (performance.now() - started) / 1000 };
}

/** All that any bug is shown by. */
function everything(): PlantedBug['shownBy'] {
  return {
    models: [...new Set(BUGS.flatMap(({ shownBy }) => shownBy.models ?? []))],
    variants: [...new Set(BUGS.flatMap(({ shownBy }) => shownBy.variants ?? []))],
  };
}

/** Data on which what is lost shows: events come late, and many again, some long after. */
async function proneData(folder: string, seed: string): Promise<Data> {
  const data = await prepareData(join(folder, 'data'), CALLS, seed);
  const { ids, items } = generateCalls({ calls: CALLS, seed, open: 20, jitter: 5000, duplicates: 0.25 });
  const events = [...items].flatMap(({ legacy }) => (legacy === undefined ? [] : [legacy.line]));
  const junk = ['42', '{"EventType":"Nonsense","EventTime":"2021-03-01T01:00:00.000Z"}'];
  writeFileSync(data.ndjson, [...events.flatMap((line, index) => (index % 30 === 0 ? [line, ...junk] : [line])), ''].join('\n'));
  writeFileSync(data.ids, ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n'));
  return data;
}

await runAlone(planted, import.meta.url);
