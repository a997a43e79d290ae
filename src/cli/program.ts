import { Command, CommanderError, Option } from 'commander';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { configShowCommand } from './commands/config-show.ts';
import type { Runner } from './commands/convert.ts';
import { convertCommand } from './commands/convert.ts';
import type { Flags } from './config.ts';
import { formatHelp, splitUsageError } from './help.ts';
import type { CommandName, OptionSpec } from './options.ts';
import { envName, optionsOf } from './options.ts';
import type { ErrorStyle, Io } from './output.ts';
import { colorsFor, isBrokenPipe, reportError } from './output.ts';
import { version } from './version.ts';

/** Runs the program with the arguments after its name; returns the exit code and never exits or throws. */
export async function runProgram(args: readonly string[], io: Io, runner?: Runner): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  const done = (code: ExitCode): void => {
    exit = code;
  };
  const style = errorStyle(args, io);
  try {
    await createProgram(io, style, runner, done).parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    // Commander ends help, too, by an error. Without any command, help is what was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? EXIT.ok : EXIT.usage;
    return isBrokenPipe(error) ? EXIT.ok : reportError(io, error, style);
  }
}

function createProgram(io: Io, style: ErrorStyle, runner: Runner | undefined, done: (code: ExitCode) => void): Command {
  const program = new Command('ccc-upcast')
    .description('Takes Alibaba Cloud Call Center (CCC) event push 1.0 to 2.0.')
    .version(version(), '-V, --version', 'print the version');
  configure(program, io, style);
  const convert = addCommand(program, 'convert', 'legacy logs → 2.0 stream');
  convert.argument('[input...]', 'files, globs, or - for stdin (the default when piped)');
  convert.action(async (inputs: string[]) => done(await convertCommand(inputs, flagsOf(convert, 'convert'), io, runner)));
  const serve = addCommand(program, 'serve', 'the live shim: takes 1.0 events in over HTTP and sends 2.0 on');
  serve.action(async () => {
    // Loaded here: the other commands need no server, and start faster without it.
    const { serveCommand } = await import('./commands/serve.ts');
    done(await serveCommand(flagsOf(serve, 'serve'), io, version()));
  });
  const replay = addCommand(program, 'replay', 'deliver a 2.0 stream again, at the pace at which it happened or another');
  replay.argument('[input...]', 'what convert wrote: files, globs, or - for stdin (the default when piped)');
  replay.action(async (inputs: string[]) => {
    const { replayCommand } = await import('./commands/replay.ts');
    done(await replayCommand(inputs, flagsOf(replay, 'replay'), io, version()));
  });
  const inspect = addCommand(program, 'inspect', 'what is in a legacy log: types, fields, times, ids, and what the mapping makes of them');
  inspect.argument('[input...]', 'files, globs, or - for stdin (the default when piped)');
  inspect.action(async (inputs: string[]) => {
    const { inspectCommand } = await import('./commands/inspect.ts');
    done(await inspectCommand(inputs, flagsOf(inspect, 'inspect'), io));
  });
  const explain = addCommand(program, 'explain', 'one call: 1.0 in, 2.0 out, which rule decided what on which evidence');
  explain.argument('[input...]', 'files, globs, or - for stdin (the default when piped)');
  explain.action(async (inputs: string[]) => {
    const { explainCommand } = await import('./commands/explain.ts');
    done(await explainCommand(inputs, flagsOf(explain, 'explain'), io));
  });
  const compare = addCommand(program, 'compare', 'two streams of 2.0 events of the same calls: what is missing, extra, different');
  compare.argument('<ours>', 'what convert or the shim made: a file, or a glob').argument('<theirs>', 'what the platform sent itself');
  compare.action(async (ours: string, theirs: string) => {
    const { compareCommand } = await import('./commands/compare.ts');
    done(await compareCommand(ours, theirs, flagsOf(compare, 'compare'), io));
  });
  const merge = addCommand(program, 'merge', 'the shares of convert --shard, put together: the bytes of one run');
  merge.argument('<shard...>', 'the output of each share, or its .places file; files, or globs');
  merge.action(async (shards: string[]) => {
    const { mergeCommand } = await import('./commands/merge.ts');
    done(await mergeCommand(shards, flagsOf(merge, 'merge'), io));
  });
  addWork(program, io, done);
  addLetters(program, io, done);
  const check = addCommand(program, 'check', 'lint a mapping and run its examples; or what another mapping changes on a log');
  check.argument('[mapping]', 'a built-in name or a folder; default: the mapping that is configured');
  check.argument('[input...]', 'with --diff: the log');
  check.action(async (name: string | undefined, inputs: string[]) => {
    const { checkCommand } = await import('./commands/check.ts');
    done(await checkCommand(name === undefined ? [] : [name, ...inputs], flagsOf(check, 'check'), io));
  });
  const config = program.command('config').description('what the program is set to');
  const show = addCommand(
    config,
    'config show',
    'each setting, its value and where it came from; takes the flags of convert, serve and replay',
  );
  show.action(async () => done(await configShowCommand(flagsOf(show, 'config show'), io)));
  return program;
}

/** What a stream is translated with that many workers share. */
function addWork(program: Command, io: Io, done: (code: ExitCode) => void): void {
  const setup = addCommand(program, 'setup', 'beyond one machine: make or check the streams of NATS JetStream');
  setup.action(async () => {
    const { setupCommand } = await import('./commands/setup.ts');
    done(await setupCommand(flagsOf(setup, 'setup'), io));
  });
  const publish = addCommand(program, 'publish', 'put 1.0 events into a stream of NATS JetStream, in their order');
  publish.argument('[input...]', 'files, globs, or - for stdin (the default when piped)');
  publish.action(async (inputs: string[]) => {
    const { publishCommand } = await import('./commands/publish.ts');
    done(await publishCommand(inputs, flagsOf(publish, 'publish'), io));
  });
  const work = addCommand(program, 'work', 'translate a stream of NATS JetStream, together with other workers');
  work.action(async () => {
    const { workCommand } = await import('./commands/work.ts');
    done(await workCommand(flagsOf(work, 'work'), io));
  });
}

const LETTER_COMMANDS = {
  list: 'which there are, without their bodies',
  show: 'one of them, with its body',
  redrive: 'send them again: to the endpoint that refused, or through the mapping of now',
  purge: 'remove them for good',
} as const;

function addLetters(program: Command, io: Io, done: (code: ExitCode) => void): void {
  const letters = program.command('dead-letters').description('what a shim could not translate or deliver');
  for (const [what, description] of Object.entries(LETTER_COMMANDS) as [keyof typeof LETTER_COMMANDS, string][]) {
    const command = letters.command(what).description(description).argument('[id...]', 'numbers of letters');
    for (const option of optionsOf('dead-letters')) command.addOption(toOption(option));
    command.helpOption('-h, --help', 'print this help');
    command.action(async (ids: string[]) => {
      const { lettersCommand } = await import('./commands/dead-letters.ts');
      done(await lettersCommand(what, ids, flagsOf(command, 'dead-letters'), io));
    });
  }
}

/** Subcommands inherit this when they are made after it. */
function configure(program: Command, io: Io, style: ErrorStyle): void {
  const colors = colorsFor(io.stderr, style.color, io.env);
  program
    .exitOverride()
    .configureHelp({ formatHelp })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Only bare `ccc-upcast` and `ccc-upcast config` come here: their help is their result, like that of --help.
      writeErr: (text) => io.stdout.write(text),
      outputError: (text) => {
        const { message, hint } = splitUsageError(text);
        io.stderr.write(`${colors.red('error:')} ${message}\n${colors.cyan('hint:')} ${hint ?? 'see --help'}\n`);
      },
      getOutHelpWidth: () => helpWidth(io),
      getErrHelpWidth: () => helpWidth(io),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function helpWidth(io: Io): number {
  return Math.min(io.stdout.columns ?? 100, 120);
}

function addCommand(parent: Command, name: CommandName, description: string): Command {
  const command = parent.command(name.split(' ').at(-1) ?? name).description(description);
  for (const option of optionsOf(name)) command.addOption(toOption(option));
  return command.helpOption('-h, --help', 'print this help');
}

function toOption(option: OptionSpec): Option {
  const long = option.value === undefined ? `--${option.name}` : `--${option.name} <${option.value}>`;
  const note = option.default ?? option.defaultNote;
  const help = note === undefined ? option.help : `${option.help} (default: ${note})`;
  const made = new Option(option.short === undefined ? long : `-${option.short}, ${long}`, help);
  // Given more than once, a list gets longer.
  return option.type === 'list'
    ? made.argParser((text: string, before?: string) => (before === undefined ? text : `${before} ${text}`))
    : made;
}

/** The flags that were given, under their long names. */
function flagsOf(command: Command, name: CommandName): Flags {
  const given: Record<string, string | boolean | undefined> = command.opts();
  return Object.fromEntries(optionsOf(name).map((option) => [option.name, given[toOption(option).attributeName()]]));
}

/** How to show an error that comes before, or instead of, the settings: from the bare arguments. */
function errorStyle(args: readonly string[], io: Io): ErrorStyle {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  const at = flags.indexOf('--color');
  const color = flags.find((flag) => flag.startsWith('--color='))?.slice('--color='.length) ?? (at < 0 ? undefined : flags[at + 1]);
  const isVerbose = flags.some((flag) => flag === '--verbose' || /^-q?v$/.test(flag)) || io.env[envName('verbose')] === 'true';
  return { color: color ?? io.env[envName('color')], verbose: isVerbose };
}
