import pc from 'picocolors';
import type { ExitCode } from '../errors.ts';
import { EXIT, UpcastError } from '../errors.ts';
import type { Env } from './config-file.ts';

/** One of the process's streams, as far as commands use it. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command sees of its process; tests give their own. */
export interface Io {
  readonly stdin: { readonly isTTY?: boolean | undefined };
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Env;
  /** The words of the command line. */
  readonly argv?: readonly string[];
  /**
   * A signal that SIGTERM and SIGINT abort, with the name as its reason; from the first call on they no longer end the process
   * at once, but after `patience` milliseconds.
   */
  readonly stopSignal?: (patience?: number) => AbortSignal;
  /** Calls back at each SIGHUP, which then no longer ends the process. */
  readonly onReload?: (listener: () => void) => void;
  /** Calls back at each SIGUSR2. */
  readonly onPause?: (listener: () => void) => void;
  /** Calls back at each key, where a person sits at the terminal; what it returns gives the terminal back. */
  readonly onKey?: (listener: (key: string) => void) => () => void;
  /** Asks the person at the terminal, and returns what was typed. */
  readonly ask?: (question: string) => Promise<string>;
}

/** Colours, or the same functions without any. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Colours for a stream: `--color`, then NO_COLOR and FORCE_COLOR, then whether a person looks at it. */
export function colorsFor(stream: Stream, choice: string | undefined, env: Env): Colors {
  return pc.createColors(isColored(stream, choice, env));
}

function isColored(stream: Stream, choice: string | undefined, env: Env): boolean {
  if (choice === 'always' || choice === 'never') return choice === 'always';
  const { NO_COLOR: no = '', FORCE_COLOR: force, TERM: term } = env;
  if (no !== '') return false;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && term !== 'dumb';
}

/** How errors are shown. */
export interface ErrorStyle {
  readonly color: string | undefined;
  /** With the stack of an unexpected one. */
  readonly verbose: boolean;
}

/** Writes an error as `error: what (where)` and `hint: …`, and tells the exit code. */
export function reportError(io: Io, error: unknown, style: ErrorStyle): ExitCode {
  const colors = colorsFor(io.stderr, style.color, io.env);
  const known = error instanceof UpcastError ? error : undefined;
  const system = known === undefined ? systemError(error) : undefined;
  const { message, hint, exit } = known ?? system ?? unexpected(error);
  // A list of issues names its places line by line, and a message that names the place needs it no second time.
  const place = known?.place === undefined || message.includes('\n') || message.includes(known.place) ? '' : ` (${known.place})`;
  io.stderr.write(`${colors.red('error:')} ${message}${place}\n`);
  if (hint !== undefined) io.stderr.write(`${colors.cyan('hint:')} ${hint}\n`);
  if (style.verbose) io.stderr.write(`${stackOf(error)}\n`);
  return exit;
}

/** The command line that goes on with what was stopped. */
export function tellHowToGoOn(io: Io, color: string | undefined): void {
  if (io.argv === undefined) return;
  const words = io.argv.filter((word) => word !== '--restart').map(quoteWord);
  io.stderr.write(`${colorsFor(io.stderr, color, io.env).cyan('go on with:')} ccc-upcast ${words.join(' ')}\n`);
}

/** A word as a POSIX shell takes it. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Writes a warning. */
export function warn(io: Io, message: string, color: string | undefined): void {
  io.stderr.write(`${colorsFor(io.stderr, color, io.env).yellow('warning:')} ${message}\n`);
}

interface Shown {
  readonly message: string;
  readonly hint: string | undefined;
  readonly exit: ExitCode;
}

const SYSTEM: Readonly<Record<string, readonly [ExitCode, string]>> = {
  ENOSPC: [EXIT.io, 'the disk is full'],
  EDQUOT: [EXIT.io, 'the quota of the disk is used up'],
  EIO: [EXIT.io, 'the device failed'],
  EROFS: [EXIT.cannotCreate, 'the file system is read-only'],
  EACCES: [EXIT.permission, 'permission denied'],
  EPERM: [EXIT.permission, 'permission denied'],
};

/** The net under all commands: a system error that nobody has put into words nearer to its place. */
function systemError(error: unknown): Shown | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path } = error as NodeJS.ErrnoException;
  const found = SYSTEM[code];
  if (found === undefined) return undefined;
  return { exit: found[0], message: `${found[1]} (${path ?? code})`, hint: undefined };
}

function unexpected(error: unknown): Shown {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.split('\n');
  return {
    exit: EXIT.internal,
    message: `unexpected: ${line}`,
    hint: 'this is a bug in ccc-upcast; please report it with the output of --verbose',
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** True for the error of a reader that went away: `… | head` is no failure. */
export function isBrokenPipe(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as NodeJS.ErrnoException).code === 'EPIPE' || isBrokenPipe(error.cause);
}
