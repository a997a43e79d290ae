import { readdirSync } from 'node:fs';
import type { Job, Ran } from '../support/job.ts';
import { differences, isDone } from '../support/job.ts';
import type { Point } from './points.ts';
import type { Call } from './trace.ts';
import { isOfState } from './trace.ts';

/** What a job must become. */
export interface Expected {
  readonly exit: number;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** What is wrong with the end of a run that had a fault; undefined = nothing. */
export function judgeFaulted(point: Point, ran: Ran, calls: readonly Call[], job: Job, expected: Expected): string | undefined {
  const wasKilled = ran.signal === 'SIGKILL' || ran.exit === 137;
  if (wasKilled) return point.fault === 'KILL' ? undefined : `killed, by nobody: ${ran.stderr}`;
  const retried = retriedFlush(calls, job);
  if (retried !== undefined) return `flushed again after a failed flush: ${retried}`;
  if (isDone(ran.exit)) {
    const wrong = judgeDone(ran, job, expected);
    if (wrong !== undefined) return `done with wrong bytes: ${wrong}`;
    return calls.some((call) => call.injected) && !point.isForgiven ? `exit ${ran.exit} as if nothing had failed` : undefined;
  }
  if (!calls.some((call) => call.injected)) return `exit ${ran.exit} although nothing was made to fail: ${ran.stderr}`;
  return point.exits.includes(ran.exit ?? -1) ? undefined : `exit ${ran.exit ?? ran.signal}: ${ran.stderr}`;
}

/** What is wrong with a run that was left alone. */
export function judgeDone(ran: Ran, job: Job, expected: Expected): string | undefined {
  if (ran.exit !== expected.exit) return `exit ${ran.exit ?? ran.signal}, not ${expected.exit}: ${ran.stderr}`;
  const wrong = differences(expected.files, job);
  const strays = readdirSync(job.folder).filter((name) => !job.files.includes(name) && !name.startsWith(job.state));
  if (strays.length > 0) wrong.push(`left behind: ${strays.join(', ')}`);
  return wrong.length > 0 ? wrong.join('; ') : undefined;
}

/**
 * After a failed flush the kernel holds the pages for clean, and the next flush lies (https://wiki.postgresql.org/wiki/Fsync_Errors). SQLite
 * may flush its files again: what it then relies on was flushed before.
 */
function retriedFlush(calls: readonly Call[], job: Job): string | undefined {
  const isFlush = (call: Call): boolean => call.syscall.includes('sync') && call.file !== job.folder && !isOfState(job, call.file);
  const failed = calls.findIndex((call) => call.injected && isFlush(call));
  const file = calls[failed]?.file;
  return failed >= 0 && calls.slice(failed + 1).some((call) => isFlush(call) && call.file === file) ? file : undefined;
}
