import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { runJob } from '../support/job.ts';
import type { Bench, Case } from './bench.ts';
import { changes, contents, finish, wrongExit } from './bench.ts';

/** What is done to a job that was stopped midway, and what the next run of it must say. */
interface Refusal {
  readonly name: string;
  /** Returns how it is taken back. */
  readonly apply?: (at: (name: string) => string, bench: Bench) => () => void;
  readonly extra?: (at: (name: string) => string) => readonly string[];
  readonly exits: readonly number[];
  /** What brings the right bytes afterwards: to take it back and run again, or to begin anew. */
  readonly after: 'resume' | 'restart';
}

const OUTPUTS = ['out.ndjson', 'provenance.ndjson', 'dead-letters.ndjson', 'dropped.ndjson'];
/** Offsets in SQLite's header: https://www.sqlite.org/fileformat.html#the_database_header */
const [USER_VERSION, APPLICATION_ID] = [60, 68];

/** Everything that does not fit is refused, and nothing is touched by that. */
export function refusalCases(): Case[] {
  const all = [...OUTPUTS.flatMap(damagedOutputs), ...changedInputs(), ...otherJobs(), ...otherStates()];
  return all.map((refusal) => ({ name: refusal.name, needsRoot: false, run: (bench) => tryRefusal(refusal, bench) }));
}

async function tryRefusal(refusal: Refusal, bench: Bench): Promise<string | undefined> {
  const { job } = bench.stopped;
  const at = (name: string): string => join(job.folder, name);
  bench.stopped.restore();
  const undo = refusal.apply?.(at, bench);
  try {
    const before = contents(job.folder);
    const ran = await runJob(job, { program: bench.program, extra: refusal.extra?.(at) ?? [] });
    const wrong = wrongExit(ran, refusal.exits) ?? changes(before, job.folder);
    if (wrong !== undefined) return wrong;
  } finally {
    undo?.();
  }
  const wrong = await finish(job, bench, refusal.after === 'restart' ? ['--restart'] : []);
  return wrong === undefined ? undefined : `afterwards, ${refusal.after}: ${wrong}`;
}

function damagedOutputs(name: string): Refusal[] {
  const partial = `${name}.partial`;
  const damaged = (how: string, apply: (path: string) => void): Refusal => ({
    name: `${partial} ${how}`,
    apply: (at) => altering(at(partial), apply),
    exits: [65],
    after: 'restart',
  });
  return [
    damaged('cut to one byte', (path) => truncateSync(path, 1)),
    damaged('short of one byte', (path) => truncateSync(path, statSync(path).size - 1)),
    damaged('altered at its begin', (path) => alter(path, 10)),
    damaged('altered midway', (path) => alter(path, statSync(path).size >> 1)),
    damaged('altered at its end', (path) => alter(path, statSync(path).size - 1)),
    damaged('removed', (path) => rmSync(path)),
  ];
}

function changedInputs(): Refusal[] {
  const changed = (
    name: string,
    exits: readonly number[],
    apply: (path: string) => void,
    pathOf = (bench: Bench): string => bench.data.ndjson,
  ): Refusal => ({ name, apply: (_, bench) => altering(pathOf(bench), apply), exits, after: 'resume' });
  return [
    changed('a byte of the input altered in what is converted', [76], (path) => alter(path, 100)),
    changed('a line of the input gone from what is converted', [76], dropLine),
    changed('the input shorter than what is converted', [76], (path) => truncateSync(path, 1000)),
    changed('no input any more', [66], (path) => rmSync(path)),
    changed(
      'another id table',
      [76],
      (path) => appendFileSync(path, 'agent,new,newer\n'),
      (bench) => bench.data.ids,
    ),
  ];
}

function otherJobs(): Refusal[] {
  return [
    { name: 'another lateness', extra: () => ['--lateness', '9s'], exits: [76], after: 'resume' },
    { name: 'another distance of checkpoints', extra: () => ['--checkpoint-every', '128KiB'], exits: [76], after: 'resume' },
    { name: 'another output', extra: (at) => ['-o', at('other.ndjson')], exits: [76], after: 'resume' },
    { name: 'a stranger at the name of the output', apply: (at) => putStranger(at('out.ndjson')), exits: [73], after: 'resume' },
  ];
}

function otherStates(): Refusal[] {
  const altered = (name: string, apply: (path: string) => void, extra: readonly string[] = []): Refusal => ({
    name,
    apply: (at) => altering(at('state'), apply),
    extra: () => extra,
    exits: [76],
    after: 'resume',
  });
  const put = (path: string, offset: number, value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    overwrite(path, offset, bytes);
  };
  return [
    altered('a state of a newer program', (path) => put(path, USER_VERSION, 99)),
    altered('a database of another program', (path) => put(path, APPLICATION_ID, 1234)),
    altered('a database of another program, --restart', (path) => put(path, APPLICATION_ID, 1234), ['--restart']),
    altered('a text for a state', (path) => writeFileSync(path, 'a diary\n'.repeat(100))),
    altered('a text for a state, --restart', (path) => writeFileSync(path, 'a diary\n'.repeat(100)), ['--restart']),
  ];
}

/** Alters a file; returns how it becomes what it was. */
function altering(path: string, apply: (path: string) => void): () => void {
  const kept = readFileSync(path);
  apply(path);
  return () => writeFileSync(path, kept);
}

function putStranger(path: string): () => void {
  writeFileSync(path, 'mine');
  return () => rmSync(path);
}

function dropLine(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(bytes.indexOf('\n') + 1));
}

function alter(path: string, offset: number): void {
  const byte = Buffer.alloc(1);
  const fd = openSync(path, 'r');
  readSync(fd, byte, 0, 1, offset);
  closeSync(fd);
  overwrite(path, offset, Buffer.of(byte.readUInt8(0) ^ 1));
}

function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}
