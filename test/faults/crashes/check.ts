import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../support/job.ts';
import { differences, isDone, runJob } from '../support/job.ts';
import type { Disk } from './disk.ts';
import { readDisk, writeDisk } from './disk.ts';
import type { RunInside } from './inside.ts';

/** What a state is judged by. */
export interface Judge {
  readonly job: Job;
  readonly program: string;
  readonly golden: ReadonlyMap<string, Buffer>;
  readonly run: RunInside;
}

/** Puts a state on the disk, runs the job again and tells what is wrong then; undefined = nothing. `extra`: further arguments of that run. */
export async function checkResume(judge: Judge, disk: Disk, extra: readonly string[] = []): Promise<string | undefined> {
  const { job, program } = judge;
  writeDisk(job.folder, disk);
  const { exit, stderr } = await judge.run(job.args(extra));
  const inside = complaint(judge, exit, stderr);
  if (inside === undefined) return undefined;
  // Whether it is this state or something that an earlier run left in the process: a process of its own decides.
  writeDisk(job.folder, disk);
  const alone = await runJob(job, { program, extra });
  return complaint(judge, alone.exit, alone.stderr) ?? `only after other runs in the same process: ${inside}`;
}

/** What is wrong with a disk after the program said that it is done, before anything runs again. */
export function checkFinished({ golden }: Judge, disk: Disk): string | undefined {
  const lost = [...golden].filter(([name, bytes]) => disk.get(name)?.equals(bytes) !== true).map(([name]) => name);
  return lost.length === 0 ? undefined : `the program said that it was done, and the crash took ${lost.join(', ')}`;
}

function complaint({ job, golden }: Judge, exit: number | null, stderr: string): string | undefined {
  if (!isDone(exit)) return `exit ${exit}: ${stderr.trim().replaceAll('\n', ' | ')}`;
  const wrong = differences(golden, job);
  const left = [...readDisk(job.folder).keys()].filter((name) => !golden.has(name) && name !== job.state);
  return wrong.length + left.length === 0 ? undefined : [...wrong, ...left.map((name) => `${name}: left behind`)].join('; ');
}

/** Keeps a bad state where it can be looked at; returns the folder. */
export function keepState(job: Job, disk: Disk, what: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ccc-crash-state-'));
  writeDisk(join(folder, 'job'), disk);
  writeFileSync(join(folder, 'README'), `${what}\n\nCopy job/ to ${job.folder} and run there:\nccc-upcast ${job.args().join(' ')}\n`);
  return folder;
}
