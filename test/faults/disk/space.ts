import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopAt } from '../flips/stopped.ts';
import { createJob, isDone, runJob } from '../support/job.ts';
import type { Mounted } from '../support/mount.ts';
import { mountTmpfs } from '../support/mount.ts';
import type { Bench, Case } from './bench.ts';
import { finish, judge, wrongExit } from './bench.ts';

const KIB = 1024;
const IO_ERROR = [74];
const REFUSED = [73, 77];
const ENOUGH = 'size=64m';

/** Too little room of every kind: the run stops with 74 as often as it is tried, and goes on once there is more. */
export function spaceCases(full: boolean): Case[] {
  const starts = full ? Array.from({ length: 20 }, (_, index) => 4 + 60 * index) : [4, 64, 256, 512, 768];
  const limits = full ? Array.from({ length: 20 }, (_, index) => 4 + 16 * index) : [4, 32, 64, 128, 256];
  return [
    ...starts.map((kib): Case => ({ name: `tmpfs of ${kib} KiB`, needsRoot: true, run: (bench) => onTmpfs(bench, `${kib}k`, growOnce) })),
    { name: 'tmpfs that grows step by step', needsRoot: true, run: (bench) => onTmpfs(bench, '64k', growStepwise) },
    ...limits.map((kib): Case => ({ name: `files of at most ${kib} KiB`, needsRoot: false, run: (bench) => limitFiles(bench, kib * KIB) })),
    { name: 'read-only folder', needsRoot: true, run: (bench) => onTmpfs(bench, '64m', readOnly) },
    { name: 'folder that becomes read-only', needsRoot: true, run: (bench) => onTmpfs(bench, '64m', readOnlyMidway) },
  ];
}

async function onTmpfs(
  bench: Bench,
  size: string,
  run: (bench: Bench, disk: Mounted) => Promise<string | undefined>,
): Promise<string | undefined> {
  const disk = mountTmpfs(join(bench.folder, 'tmpfs'), size);
  try {
    return await run(bench, disk);
  } finally {
    disk.remove();
  }
}

async function growOnce(bench: Bench, disk: Mounted): Promise<string | undefined> {
  const job = createJob(bench.data, disk.folder);
  for (let attempt = 1; attempt <= 2; attempt++) {
    const ran = await runJob(job, { program: bench.program });
    if (isDone(ran.exit)) return judge(ran, job, bench);
    const wrong = wrongExit(ran, IO_ERROR);
    if (wrong !== undefined) return `attempt ${attempt}: ${wrong}`;
  }
  disk.remount(ENOUGH);
  return finish(job, bench);
}

/** Each resume finds a little more room than the one before. */
async function growStepwise(bench: Bench, disk: Mounted): Promise<string | undefined> {
  const job = createJob(bench.data, disk.folder);
  for (let kib = 64; kib < 64 * KIB; kib += 64) {
    disk.remount(`size=${kib}k`);
    const ran = await runJob(job, { program: bench.program });
    if (isDone(ran.exit)) return judge(ran, job, bench);
    const wrong = wrongExit(ran, IO_ERROR);
    if (wrong !== undefined) return `with ${kib} KiB: ${wrong}`;
  }
  return 'it never came to its end';
}

async function limitFiles(bench: Bench, bytes: number): Promise<string | undefined> {
  const folder = join(bench.folder, 'limited');
  rmSync(folder, { recursive: true, force: true });
  const job = createJob(bench.data, folder);
  const ran = await runJob(job, { program: bench.program, wrapper: ['prlimit', `--fsize=${bytes}`] });
  if (isDone(ran.exit)) return judge(ran, job, bench);
  return wrongExit(ran, IO_ERROR) ?? finish(job, bench);
}

async function readOnly(bench: Bench, disk: Mounted): Promise<string | undefined> {
  const job = createJob(bench.data, disk.folder);
  disk.remount('ro');
  const wrong = wrongExit(await runJob(job, { program: bench.program }), REFUSED);
  if (wrong !== undefined) return wrong;
  const made = readdirSync(disk.folder);
  if (made.length > 0) return `made in spite of the refusal: ${made.join(', ')}`;
  disk.remount('rw');
  return finish(job, bench);
}

async function readOnlyMidway(bench: Bench, disk: Mounted): Promise<string | undefined> {
  const job = createJob(bench.data, join(disk.folder, 'job'));
  const size = bench.golden.get(job.files[0] ?? '')?.length ?? 0;
  await stopAt(job, size / 2, bench);
  disk.remount('ro');
  const wrong = wrongExit(await runJob(job, { program: bench.program }), [...REFUSED, ...IO_ERROR]);
  disk.remount('rw');
  return wrong ?? finish(job, bench);
}
