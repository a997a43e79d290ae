import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { watch } from '../../support/canary.ts';

/** The repository: program under test unless a mutated copy is named. */
export const ROOT = join(import.meta.dirname, '../../..');

/** How to run the program. */
export interface RunOptions {
  /** Folder with bin/, dist/, mappings/, node_modules/ and package.json. */
  readonly program?: string;
  /** Milliseconds after the start at which a signal is sent, unless it is over by then. */
  readonly signalAfterMs?: number;
  /** SIGKILL unless told. */
  readonly signal?: NodeJS.Signals;
  readonly env?: Readonly<Record<string, string>>;
  /** Command before node, such as strace and its flags. */
  readonly wrapper?: readonly string[];
  /** Called with the process id once it runs. */
  readonly onStart?: (pid: number) => void;
}

/** How a run ended. */
export interface Ran {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly ms: number;
  /** Milliseconds from the signal to the end; undefined = it was over before. */
  readonly msAfterSignal: number | undefined;
}

/** Runs are over before optimising pays: it is a third of their time. */
const NO_OPTIMIZER = '--no-opt';
/** A run that takes longer hangs: the inputs take less than a second. */
const LONGEST_MS = 60_000;

/** Runs the program to its end or to the signal. Errors: it cannot be started, it does not end. */
export function runProgram(args: readonly string[], cwd: string, options: RunOptions): Promise<Ran> {
  const { program = ROOT, signalAfterMs, signal = 'SIGKILL', env = {}, wrapper = [] } = options;
  const [command = '', ...rest] = [...wrapper, process.execPath, NO_OPTIMIZER, join(program, 'bin/ccc-upcast.js'), ...args];
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let signalled: number | undefined;
    let hung = false;
    const stderr: Buffer[] = [];
    const child = spawn(command, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    const send = (): void => {
      signalled = performance.now();
      child.kill(signal);
    };
    const give = (): void => {
      hung = true;
      child.kill('SIGKILL');
    };
    const timers = [setTimeout(give, LONGEST_MS), ...(signalAfterMs === undefined ? [] : [setTimeout(send, signalAfterMs)])];
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (exit, ended) => {
      for (const timer of timers) clearTimeout(timer);
      const text = Buffer.concat(stderr).toString();
      watch(`stderr of ${args.join(' ')}`, text);
      const now = performance.now();
      if (hung) reject(new Error(`no end after ${LONGEST_MS} ms: ${args.join(' ')}\n${text}`));
      else resolve({ exit, signal: ended, stderr: text, ms: now - started, msAfterSignal: signalled && now - signalled });
    });
  });
}

/** A program that runs until it is stopped. */
export interface Running {
  kill(signal: NodeJS.Signals): void;
  /** Its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  isOver(): boolean;
  /** What it wrote to stderr so far. */
  log(): string;
}

/** Starts the program, which lasts as long as it does. */
export function startProgram(args: readonly string[], program: string): Running {
  const child = spawn(process.execPath, [join(program, 'bin/ccc-upcast.js'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  let isOver = false;
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (code, signal) => {
      isOver = true;
      watch(`stderr of ${args.join(' ')}`, log);
      resolve(code ?? signal ?? 'SIGKILL');
    }),
  );
  return { kill: (signal) => void child.kill(signal), ended, isOver: () => isOver, log: () => log };
}
