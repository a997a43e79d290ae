import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Job } from '../support/job.ts';

/** Calls that change what is on the disk, or wait until it is there. */
export const WRITING = [
  ...['openat', 'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'fsync', 'fdatasync', 'sync_file_range'],
  ...['ftruncate', 'truncate', 'fallocate', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat'],
] as const;

/** Calls that only read. */
export const READING = ['read', 'pread64', 'readv', 'preadv'] as const;

/** One system call of a run on a file of its job. */
export interface Call {
  readonly thread: string;
  readonly syscall: string;
  /** Path of the file; for a rename the old one. */
  readonly file: string;
  /** True if strace let it fail. */
  injected: boolean;
}

/** What a run is to be told in place of the truth, in strace's words: `pwrite64:error=EIO:when=3`. */
export interface Injection {
  /** Only calls on these files count and are met. */
  readonly files: readonly string[];
  readonly expressions: readonly string[];
}

/** Why there is no tracing here; undefined = there is. */
export function whyNoStrace(): string | undefined {
  const { status, error, stderr } = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `strace does not work here (apt-get install strace): ${error?.message ?? stderr.trim()}`;
}

/**
 * Makes runs alike. Counters of strace are per thread: with one thread in libuv's pool, the calls of a file are counted in one place. And a
 * file that is named after the process has the same name each time.
 */
export const ENV = {
  UV_THREADPOOL_SIZE: '1',
  NODE_OPTIONS: "--import=data:text/javascript,Object.defineProperty(process,'pid',{value:4242})",
} as const;

/** The command to put before node. */
export function tracing(trace: string, injection?: Injection): string[] {
  const kills = injection?.expressions.some((expression) => expression.includes('signal=')) ?? false;
  return [
    ...['strace', '-f', '-qq', '-y', '-s', '0', '-o', trace],
    // Stops at calls of interest alone, which is quicker; but a signal given at such a stop is lost.
    ...(kills ? [] : ['--seccomp-bpf']),
    ...['-e', `trace=${[...WRITING, ...READING].join(',')}`],
    ...(injection?.files ?? []).flatMap((file) => ['-P', file]),
    ...(injection?.expressions ?? []).flatMap((expression) => ['-e', `inject=${expression}`]),
  ];
}

/** The calls of a trace on the job's folder and inputs, in the order in which they began. */
export function readTrace(trace: string, job: Job): Call[] {
  const folder = realpathSync(job.folder);
  const inputs = new Set(job.inputs.map((input) => realpathSync(input)));
  const calls: Call[] = [];
  const unfinished = new Map<string, Call>();
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const injected = rest.endsWith('(INJECTED)');
    if (rest.startsWith('<... ')) {
      const begun = unfinished.get(thread);
      if (begun !== undefined && injected) begun.injected = true;
      continue;
    }
    const [, syscall, args = ''] = /^(\w+)\((.*)$/.exec(rest) ?? [];
    const file = pathOf(args);
    if (syscall === undefined || file === undefined) continue;
    if (file !== folder && !file.startsWith(`${folder}/`) && !inputs.has(file)) continue;
    const call = { thread, syscall, file, injected };
    calls.push(call);
    if (rest.endsWith('<unfinished ...>')) unfinished.set(thread, call);
  }
  return calls;
}

/** The file of a call: a path in quotes, or that of the file descriptor (`20</folder/out.ndjson.partial>`). */
function pathOf(args: string): string | undefined {
  const quoted = /^(?:AT_FDCWD<[^>]*>, )?"([^"]*)"/.exec(args)?.[1];
  return quoted ?? /^\d+<([^>]*)>/.exec(args)?.[1];
}

/** All paths of a job at which a call may be met. */
export function pathsOf(job: Job): string[] {
  const at = (name: string): string => join(realpathSync(job.folder), name);
  const states = ['', '-wal', '-journal', '-shm'].map((end) => at(`${job.state}${end}`));
  return [realpathSync(job.folder), ...states, ...job.files.flatMap((name) => [at(name), at(`${name}.partial`)])];
}

/** True for the state file and what SQLite keeps beside it. */
export function isOfState(job: Job, file: string): boolean {
  return basename(file).startsWith(job.state);
}
