import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { exitOfRun } from '../../../src/cli/exit-codes.ts';
import type { runProgram } from '../../../src/cli/program.ts';
import type { ConvertJob } from '../../../src/pipeline/job.ts';
import type { runConvert } from '../../../src/pipeline/run.ts';
import { watch } from '../../support/canary.ts';

/** How a run within this process ended. */
export interface InsideRan {
  readonly exit: number;
  readonly stderr: string;
}

/** Runs a conversion with these arguments, in this process: starting Node and reading the mapping would be most of what a state costs. */
export type RunInside = (args: readonly string[]) => Promise<InsideRan>;

/** Loads the program that lies in a folder. */
export async function loadProgram(folder: string): Promise<RunInside> {
  const load = async (path: string): Promise<unknown> => import(pathToFileURL(join(folder, 'dist', path)).href);
  const program = (await load('cli/program.js')) as { readonly runProgram: typeof runProgram };
  const pipeline = (await load('pipeline/run.js')) as { readonly runConvert: typeof runConvert };
  const codes = (await load('cli/exit-codes.js')) as { readonly exitOfRun: typeof exitOfRun };
  const jobs = new Map<string, ConvertJob>();
  const jobOf = async (args: readonly string[]): Promise<ConvertJob> => {
    const key = args.join('\0');
    const job = jobs.get(key) ?? (await parseJob(program.runProgram, args));
    jobs.set(key, job);
    return job;
  };
  return async (args) => {
    try {
      return { exit: codes.exitOfRun(await pipeline.runConvert(await jobOf(args))), stderr: '' };
    } catch (error) {
      const exit = error instanceof Error && 'exit' in error && typeof error.exit === 'number' ? error.exit : 1;
      const stderr = String(error);
      watch('the error of a run', stderr);
      return { exit, stderr };
    }
  };
}

/** The job that a command line asks for. Errors: it asks for none. */
async function parseJob(run: typeof runProgram, args: readonly string[]): Promise<ConvertJob> {
  let found: ConvertJob | undefined;
  let stderr = '';
  const write = (text: string): void => {
    stderr += text;
  };
  const io = { stdin: {}, stdout: { write: () => {} }, stderr: { write }, env: {} };
  // The job is all that is wanted of this run.
  await run(args, io, async (job) => {
    found = job;
    throw new Error('not run');
  });
  if (found === undefined) throw new Error(`no job: ${stderr}`);
  return found;
}
