import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { watch } from '../../support/canary.ts';
import { createJob, runJob } from '../support/job.ts';
import type { Bench, Case } from './bench.ts';
import { changes, contents, finish, wrongExit } from './bench.ts';

/** What a run does with what an earlier one left, and with a reader that goes away. */
export function mannerCases(): Case[] {
  const cases: Record<string, Case['run']> = {
    'stopped, then resumed': resumed,
    'what a crash left behind the checkpoint': longer,
    '--restart': restarted,
    'a finished job again': again,
    'a finished job without its state': withoutState,
    'a finished job with --restart --force': anew,
    'a reader that goes away': readerGone,
  };
  return Object.entries(cases).map(([name, run]) => ({ name, needsRoot: false, run }));
}

async function resumed(bench: Bench): Promise<string | undefined> {
  bench.stopped.restore();
  return finish(bench.stopped.job, bench);
}

async function longer(bench: Bench): Promise<string | undefined> {
  const { job, restore } = bench.stopped;
  restore();
  for (const name of job.files) appendFileSync(join(job.folder, `${name}.partial`), '{"half":');
  return finish(job, bench);
}

async function restarted(bench: Bench): Promise<string | undefined> {
  bench.stopped.restore();
  return finish(bench.stopped.job, bench, ['--restart']);
}

async function again(bench: Bench): Promise<string | undefined> {
  const job = await finished(bench);
  const before = contents(job.folder);
  return (await finish(job, bench)) ?? changes(before, job.folder);
}

async function withoutState(bench: Bench): Promise<string | undefined> {
  const job = await finished(bench);
  rmSync(join(job.folder, job.state));
  const before = contents(job.folder);
  return wrongExit(await runJob(job, { program: bench.program }), [73]) ?? changes(before, job.folder);
}

async function anew(bench: Bench): Promise<string | undefined> {
  return finish(await finished(bench), bench, ['--restart', '--force']);
}

async function finished(bench: Bench): Promise<ReturnType<typeof createJob>> {
  const folder = join(bench.folder, 'finished');
  rmSync(folder, { recursive: true, force: true });
  const job = createJob(bench.data, folder);
  const wrong = await finish(job, bench);
  if (wrong !== undefined) throw new Error(wrong);
  return job;
}

/** As `| head -1` does: one block is read, then the pipe is closed. */
async function readerGone(bench: Bench): Promise<string | undefined> {
  const { data, program } = bench;
  const args = [join(program, 'bin/ccc-upcast.js'), 'convert', data.ndjson, '--ids', data.ids, '-o', '-'];
  const child = spawn(process.execPath, args, { cwd: bench.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdout.once('data', () => child.stdout.destroy());
  const [exit, signal] = (await once(child, 'close')) as [number | null, string | null];
  const said = Buffer.concat(stderr).toString();
  watch('stderr of convert -o -', said);
  return exit === 0 ? undefined : `exit ${exit ?? signal}, not 0: ${said}`;
}
