import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Job } from '../support/job.ts';
import { isDone, runJob } from '../support/job.ts';

/** A job that was stopped in the middle, kept beside its folder so that it can be brought back as it was. */
export interface Stopped {
  readonly job: Job;
  /** Where it is kept. */
  readonly kept: string;
  /** Puts the folder back as it was when it was stopped. */
  restore(): void;
}

const TRIES = 20;
const POLL_MS = 1;

/** Kills a run once its first output holds so many bytes. Errors: no run could be caught in time. */
export async function stopAt(
  job: Job,
  bytes: number,
  options: { readonly program: string; readonly signal?: NodeJS.Signals },
): Promise<Stopped> {
  const partial = join(job.folder, `${job.files[0]}.partial`);
  for (let number = 0; number < TRIES; number++) {
    rmSync(job.folder, { recursive: true, force: true });
    mkdirSync(job.folder, { recursive: true });
    let timer: NodeJS.Timeout | undefined;
    const onStart = (pid: number): void => {
      timer = setInterval(() => {
        if ((statSync(partial, { throwIfNoEntry: false })?.size ?? 0) < bytes) return;
        clearInterval(timer);
        process.kill(pid, options.signal ?? 'SIGKILL');
      }, POLL_MS);
    };
    const { exit } = await runJob(job, { program: options.program, onStart });
    clearInterval(timer);
    if (!isDone(exit)) return keep(job);
  }
  throw new Error(`${TRIES} runs were over before they could be stopped at ${bytes} bytes of ${job.files[0]}`);
}

function keep(job: Job): Stopped {
  const kept = `${job.folder}.kept`;
  copyFolder(job.folder, kept);
  return { job, kept, restore: () => copyFolder(kept, job.folder) };
}

function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

/** Folds the -wal of a kept job into its state file, as a clean end would have done. */
export function foldWal(stopped: Stopped): void {
  const path = join(stopped.kept, stopped.job.state);
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  if (existsSync(`${path}-wal`)) throw new Error(`${path}-wal is still there`);
}
