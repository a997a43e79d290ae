import { join, relative } from 'node:path';
import type { Random } from '../../../bench/generate/random.ts';
import type { Job } from '../support/job.ts';
import type { Call, Injection } from './trace.ts';
import { isOfState, pathsOf, READING, WRITING } from './trace.ts';

/** What may happen at a point; `on` = and to every later call of the same kind. */
export type Fault = 'KILL' | 'EIO once' | 'EIO on' | 'ENOSPC once' | 'ENOSPC on';

const ANY: readonly Fault[] = ['KILL', 'EIO once', 'EIO on', 'ENOSPC once', 'ENOSPC on'];
/** A read that is killed was killed at the write before it, and it needs no space. */
const OF_READS: readonly Fault[] = ['EIO once', 'EIO on'];
const OF_DISKS: readonly Fault[] = ['EIO on', 'ENOSPC on'];

const IO_ERROR = 74;
const CANNOT_CREATE = 73;
const STATE_DAMAGED = 76;

/** One moment of a run and what goes wrong then. */
export interface Point {
  readonly name: string;
  readonly fault: Fault;
  /** What kind of place it is: each kind gets its share of the points. */
  readonly group: string;
  /** Exit codes of a run that it stopped. */
  readonly exits: readonly number[];
  /** True if the run may come to its end in spite of it: what failed was of no use any more, or SQLite does not look at it. */
  readonly isForgiven: boolean;
  injection(job: Job): Injection;
}

/** Every point of a run whose calls are known: each call on each file by itself, and the whole disk from each call on. */
export function pointsOf(calls: readonly Call[], job: Job): Point[] {
  const forgiven = forgivenCalls(calls, job);
  return [...pointsOfFiles(calls, forgiven, job), ...pointsOfDisk(calls, forgiven)];
}

function pointsOfFiles(calls: readonly Call[], forgiven: ReadonlySet<Call>, job: Job): Point[] {
  return [...numbered(calls).values()].flatMap((group) => {
    const [first] = group[0] ?? [];
    if (first === undefined) return [];
    const { syscall, file } = first;
    const name = nameOf(file, job);
    const faults = isReading(syscall) ? OF_READS : ANY;
    return group.flatMap((same, index) =>
      faults.map((fault): Point => {
        const hit = fault.endsWith(' on') ? group.slice(index).flat() : same;
        return {
          name: `${fault} at ${syscall} ${index + 1} of ${name === '' ? 'the folder' : name}`,
          fault,
          group: `${syscall} ${name}`,
          exits: exitsOf(syscall, fault, isOfState(job, file)),
          isForgiven: hit.every((call) => forgiven.has(call)),
          injection: (other) => ({ files: [pathIn(name, other)], expressions: [expression(syscall, fault, index + 1)] }),
        };
      }),
    );
  });
}

/** strace counts per thread and syscall, so each syscall gets the number that it had reached in its busiest thread. */
function pointsOfDisk(calls: readonly Call[], forgiven: ReadonlySet<Call>): Point[] {
  const reached = new Map<string, Map<string, number>>();
  return calls.flatMap((call, index) => {
    const next = [...reached].map(([syscall, threads]) => [syscall, 1 + Math.max(...threads.values())] as const);
    const threads = reached.get(call.syscall) ?? new Map<string, number>();
    reached.set(call.syscall, threads.set(call.thread, (threads.get(call.thread) ?? 0) + 1));
    const from = new Map([...ALWAYS, ...next]);
    return OF_DISKS.map((fault): Point => {
      const fails = (syscall: string): boolean => fault === 'EIO on' || NEEDS_SPACE.has(syscall);
      return {
        name: `${fault} at every file from call ${index + 1} of ${calls.length} on`,
        fault,
        group: `disk ${fault}`,
        exits: fault === 'EIO on' ? [IO_ERROR, CANNOT_CREATE] : [IO_ERROR],
        isForgiven: calls.slice(index).every((each) => !fails(each.syscall) || forgiven.has(each)),
        injection: (other) => ({
          files: [...pathsOf(other), ...other.inputs],
          expressions: [...from].filter(([syscall]) => fails(syscall)).map(([syscall, when]) => expression(syscall, fault, when)),
        }),
      };
    });
  });
}

const ALWAYS: readonly (readonly [string, number])[] = [...WRITING, ...READING].map((syscall) => [syscall, 1]);
const NEEDS_SPACE = new Set(['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'fallocate']);

/** Calls by file and syscall; then by their number there, which several threads may share. */
function numbered(calls: readonly Call[]): Map<string, Call[][]> {
  const groups = new Map<string, Call[][]>();
  const counts = new Map<string, number>();
  for (const call of calls) {
    const key = `${call.syscall} ${call.file}`;
    const index = counts.get(`${call.thread} ${key}`) ?? 0;
    counts.set(`${call.thread} ${key}`, index + 1);
    const group = groups.get(key) ?? [];
    group[index] = [...(group[index] ?? []), call];
    groups.set(key, group);
  }
  return groups;
}

/**
 * Calls whose failure need not show. After the last rename the job is done, and what SQLite then tidies up in its file is no part of it. And
 * SQLite, when it has flushed a new journal, flushes its folder without looking at how that went (`unixSync` in its os_unix.c).
 */
function forgivenCalls(calls: readonly Call[], job: Job): Set<Call> {
  const lastRename = calls.findLastIndex(({ syscall }) => syscall.startsWith('rename'));
  const forgiven = new Set<Call>();
  const before = new Map<string, boolean>();
  calls.forEach((call, index) => {
    const isFolder = nameOf(call.file, job) === '';
    const ofState = isOfState(job, call.file);
    if (isFolder ? before.get(call.thread) === true : ofState && lastRename >= 0 && index > lastRename) forgiven.add(call);
    if (!isFolder) before.set(call.thread, ofState && call.syscall.includes('sync'));
  });
  return forgiven;
}

/** So many points, each group's in turn, each group in the order of a seed; a kind of place with few calls is not lost among the others. */
export function choosePoints(points: readonly Point[], count: number, random: Random): Point[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) groups.set(point.group, [...(groups.get(point.group) ?? []), point]);
  const queues = shuffled([...groups.values()], random).map((group) => shuffled(group, random));
  const chosen: Point[] = [];
  while (chosen.length < count && queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      const point = queue.pop();
      if (point !== undefined && chosen.length < count) chosen.push(point);
    }
  }
  return chosen;
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((value) => ({ value, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

/** SQLite tells a read error as a damaged file (`SQLITE_IOERR_CORRUPTFS` in its vdbe.c); of one that is gone at the next read, no more can be said. */
function exitsOf(syscall: string, fault: Fault, isState: boolean): number[] {
  if (syscall === 'openat') return [IO_ERROR, CANNOT_CREATE];
  return isState && isReading(syscall) && fault === 'EIO once' ? [IO_ERROR, STATE_DAMAGED] : [IO_ERROR];
}

function expression(syscall: string, fault: Fault, when: number): string {
  if (fault === 'KILL') return `${syscall}:signal=SIGKILL:when=${when}`;
  const [error, how] = fault.split(' ');
  return `${syscall}:error=${error}:when=${when}${how === 'on' ? '+' : ''}`;
}

function isReading(syscall: string): boolean {
  return (READING as readonly string[]).includes(syscall);
}

/** Relative to the job's folder, since every worker has its own; inputs lie elsewhere and stay as they are. */
function nameOf(file: string, job: Job): string {
  return job.inputs.includes(file) ? file : relative(job.folder, file);
}

function pathIn(name: string, job: Job): string {
  return name.startsWith('/') ? name : join(job.folder, name);
}
