import { spawnSync } from 'node:child_process';
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, Ran } from '../support/job.ts';
import { runJob } from '../support/job.ts';
import type { Disk } from './disk.ts';
import { applyChanges, diskDifferences, numberFiles, readDisk } from './disk.ts';
import type { Log } from './log.ts';
import { isSharedMemory, readLog } from './log.ts';
import type { History } from './models.ts';

/** A run of the program and all that it did to its folder. */
export interface Trace extends History, Log {
  readonly ran: Ran;
  /** The folder as the run left it. */
  readonly left: Disk;
}

/** Compiles the write log; undefined = there is no compiler on this machine. Errors: it does not compile. */
export function compileWriteLog(folder: string): string | undefined {
  const library = join(folder, 'writelog.so');
  const source = join(import.meta.dirname, '../writelog.c');
  const { error, status, stderr } = spawnSync('gcc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`writelog.c does not compile:\n${stderr}`);
  return library;
}

/** How a run is traced. */
export interface TraceOptions {
  readonly program: string;
  readonly library: string;
  /** Send this signal right after that many logged operations. */
  readonly signal?: { readonly after: number; readonly number: number };
  readonly extra?: readonly string[];
}

/** Runs a job on the folder as it is, and logs what it does. Errors: the log does not lead to what the run left. */
export async function traceRun(job: Job, { program, library, signal, extra = [] }: TraceOptions): Promise<Trace> {
  const log = `${job.folder}.log`;
  rmSync(log, { force: true });
  const base = readDisk(job.folder);
  const env = {
    LD_PRELOAD: library,
    WRITELOG_FOLDER: realpathSync(job.folder),
    WRITELOG_FILE: log,
    // Its writes would pass by the log.
    UV_USE_IO_URING: '0',
    ...(signal === undefined ? {} : { WRITELOG_SIGNAL: `${signal.after}:${signal.number}` }),
  };
  const ran = await runJob(job, { program, env, extra });
  const read = readLog(log, numberFiles(base));
  const left = new Map([...readDisk(job.folder)].filter(([name]) => !isSharedMemory(name)));
  // A write that the log missed would make every state after it a fiction.
  const wrong = diskDifferences(applyChanges(base, read.changes), left);
  if (wrong.length > 0) throw new Error(`the write log is not complete: it leads to another ${wrong.join(', ')}`);
  return { ...read, base, left, ran };
}
