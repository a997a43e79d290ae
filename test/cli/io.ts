import type { Env } from '../../src/cli/config-file.ts';
import type { Io } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { ConvertJob, RunResult } from '../../src/pipeline/job.ts';

/** What a run of the program wrote and how it ended. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** The job that `convert` was about to run. */
  readonly job: ConvertJob | undefined;
}

/** How the process of a test looks. */
export interface World {
  readonly env?: Env;
  readonly stdinIsTTY?: boolean;
  readonly stdoutIsTTY?: boolean;
  readonly result?: RunResult;
  readonly fail?: Error;
}

/** A stream that keeps what is written to it. */
export function keep(isTTY: boolean): { text: string; isTTY: boolean; columns: number; write(text: string): void } {
  return {
    text: '',
    isTTY,
    columns: 100,
    write(text) {
      this.text += text;
    },
  };
}

/** Runs the program in this process, with a runner in place of the pipeline. */
export async function run(args: readonly string[], world: World = {}): Promise<Ran> {
  const stdout = keep(world.stdoutIsTTY ?? false);
  const stderr = keep(false);
  const io: Io = { stdin: { isTTY: world.stdinIsTTY ?? true }, stdout, stderr, env: world.env ?? {} };
  let job: ConvertJob | undefined;
  const exit = await runProgram(args, io, async (asked) => {
    job = asked;
    if (world.fail !== undefined) throw world.fail;
    if (world.result === undefined) throw new Error('this test has no result');
    return world.result;
  });
  return { exit, out: stdout.text, err: stderr.text, job };
}
