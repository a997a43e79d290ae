import { join } from 'node:path';
import { createRandom } from '../../bench/generate/random.ts';
import type { RunInside } from './crashes/inside.ts';
import { loadProgram } from './crashes/inside.ts';
import type { Damage } from './flips/damages.ts';
import { bitFlips, namedDamages } from './flips/damages.ts';
import type { Stopped } from './flips/stopped.ts';
import { foldWal, stopAt } from './flips/stopped.ts';
import type { Job } from './support/job.ts';
import { createJob, differences, goldenOf, isDone, prepareData, runJob } from './support/job.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** Every damage costs a run: an input as small as has several checkpoints. */
const CALLS = 22;
const CHECKPOINT_EVERY = '16KiB';
/** Share of the output that a job has written when it is stopped. */
const STOP_AT = 0.6;
/** A program that is as broken as that has been shown to be. */
const ENOUGH_BAD = 50;

/** Damages the state of a stopped run: resuming must refuse, or bring exactly the right bytes. */
export async function flips(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const damages = [...namedDamages(), ...bitFlips(options.full ? 2000 : 100)];
  const data = await prepareData(join(options.folder, 'data'), CALLS, options.seed ?? SEED);
  const job = createJob(data, join(options.folder, 'golden'), { checkpointEvery: CHECKPOINT_EVERY });
  const bench: Bench = {
    golden: await goldenOf(job, options),
    program: options.program,
    inside: await loadProgram(options.program),
    seed: `${options.seed ?? SEED}/flips`,
    ends: new Map(),
  };
  const stopped = await stopBoth(job.in(join(options.folder, 'job')), bench);
  const bad: string[] = [];
  let ran = 0;
  for (const damage of damages) {
    if (bad.length >= ENOUGH_BAD) break;
    const finding = await tryDamage(damage, stopped[damage.to], bench).catch((error: Error) => error.message);
    ran += 1;
    if (finding !== undefined) bad.push(`${damage.name}, seed ${bench.seed}: ${finding}`);
  }
  const ends = [...bench.ends].map(([end, count]) => `${count} x ${end}`).join(', ');
  return { name: 'flips', ran, wanted: damages.length, bad, seconds: (performance.now() - started) / 1000, notes: [ends] };
}

interface Bench {
  readonly golden: ReadonlyMap<string, Buffer>;
  readonly program: string;
  readonly inside: RunInside;
  readonly seed: string;
  /** How often runs ended how. */
  readonly ends: Map<string, number>;
}

/** A stopped job in the two forms that damages ask for. */
interface Both {
  readonly folded: Stopped;
  readonly killed: Stopped;
}

async function stopBoth(job: Job, bench: Bench): Promise<Both> {
  const size = (bench.golden.get(job.files[0] as string) as Buffer).length;
  const stop = (name: string): Promise<Stopped> => stopAt(job.in(join(job.folder, name)), size * STOP_AT, bench);
  const both = { folded: await stop('folded'), killed: await stop('killed') };
  foldWal(both.folded);
  return both;
}

/** How a run ended, within this process or in one of its own. */
interface Ended {
  readonly exit: number | null;
  readonly stderr: string;
}

type Run = (job: Job, extra: readonly string[]) => Promise<Ended>;

/** Returns what is wrong. Runs are within this process, since starting one would be most of them; what is found is confirmed by one of its own. */
async function tryDamage(damage: Damage, stopped: Stopped, bench: Bench): Promise<string | undefined> {
  const inside = await complaint(damage, stopped, bench, (job, extra) => bench.inside(job.args(extra)));
  if (inside === undefined) return undefined;
  const alone = await complaint(damage, stopped, bench, (job, extra) => runJob(job, { program: bench.program, extra }));
  return alone ?? `only after other runs in the same process: ${inside}`;
}

async function complaint(damage: Damage, stopped: Stopped, bench: Bench, run: Run): Promise<string | undefined> {
  const { job } = stopped;
  stopped.restore();
  damage.apply?.((name) => join(job.folder, name), createRandom(`${bench.seed}/${damage.name}`));
  const { exit, stderr } = await run(job, damage.extra ?? []);
  const end = isDone(exit) ? 'done' : exit;
  bench.ends.set(String(end), (bench.ends.get(String(end)) ?? 0) + 1);
  if (!damage.ends.some((right) => right === end)) return `exit ${exit}: ${stderr}`;
  if (end === 'done') return wrongBytes(job, bench);
  if (!damage.restart) return undefined;
  const anew = await run(job, ['--restart']);
  if (isDone(anew.exit)) return wrongBytes(job, bench);
  return isLeftAlone(anew) ? undefined : `--restart: exit ${anew.exit}: ${anew.stderr}`;
}

/** What no longer looks like a state may be anything: it is not even removed with --restart. */
function isLeftAlone({ exit, stderr }: Ended): boolean {
  return exit === 76 && stderr.includes('not a state of ccc-upcast');
}

function wrongBytes(job: Job, bench: Bench): string | undefined {
  const wrong = differences(bench.golden, job);
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

await runAlone(flips, import.meta.url);
