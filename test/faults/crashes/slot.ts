import { join } from 'node:path';
import { createRandom } from '../../../bench/generate/random.ts';
import { takeLeaks, tellLeak } from '../../support/canary.ts';
import type { Data, JobOptions } from '../support/job.ts';
import { createJob, goldenOf } from '../support/job.ts';
import { exploreChain } from './chain.ts';
import { keepState } from './check.ts';
import { loadProgram } from './inside.ts';
import type { Model } from './models.ts';

/** What one of the explorer's processes is to do; each has a folder of its own. */
export interface SlotOptions {
  readonly program: string;
  readonly library: string;
  readonly data: Data;
  readonly folder: string;
  readonly seed: string;
  /** Distinct states to check. */
  readonly states: number;
  /** States to check of one traced run. */
  readonly perTrace: number;
  readonly models: readonly Model[];
  /** Kinds of jobs to explore. */
  readonly variants: readonly JobOptions[];
  /** Stop after so many bad states. */
  readonly enoughBad: number;
  /** Bad states to keep for a look. */
  readonly keep: number;
}

/** What a slot tells as it goes. */
export type SlotMessage =
  /** The state that is checked now; if the process dies, it was this one. */
  { readonly kind: 'state'; readonly what: string } | { readonly kind: 'bad'; readonly what: string } | { readonly kind: 'trace' };

/** Explores crash states of many kinds of jobs until enough distinct ones were checked. */
export async function explore(options: SlotOptions, tell: (message: SlotMessage) => void): Promise<void> {
  const { program, library, perTrace, models } = options;
  const run = await loadProgram(program);
  const seen = new Set<string>();
  const goldens = new Map<string, ReadonlyMap<string, Buffer>>();
  let found = 0;
  const left = (): number => (found < options.enoughBad ? options.states - seen.size : 0);
  for (let round = 1; left() > 0; round++) {
    const random = createRandom(`${options.seed}/${round}`);
    const variant = random.pick(options.variants);
    const name = JSON.stringify(variant);
    const job = createJob(options.data, join(options.folder, 'job'), variant);
    const golden = goldens.get(name) ?? (await goldenOf(job, { program }));
    goldens.set(name, golden);
    await exploreChain({
      judge: { job, program, golden, run },
      ...{ library, perTrace, models, random, seen, left },
      trace: () => tell({ kind: 'trace' }),
      state: ({ what }) => tell({ kind: 'state', what: `${name} ${round}${what}` }),
      bad({ disk, what }, wrong) {
        const text = `${name} ${round}${what}: ${wrong}`;
        tell({ kind: 'bad', what: found++ < options.keep ? `${text} (kept: ${keepState(job, disk, text)})` : text });
      },
    });
    for (const leak of takeLeaks()) tell({ kind: 'bad', what: tellLeak(leak) });
  }
}
