import { EXIT, UpcastError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { ConfigFile, Env, FileSection } from './config-file.ts';
import { readConfigFile } from './config-file.ts';
import type { OptionName, OptionSpec, OptionValue } from './options.ts';
import { envName, OPTIONS } from './options.ts';
import type { Value } from './values.ts';
import { isBadValue, parseValue } from './values.ts';

/** Where a value came from. */
export type Source = 'flag' | 'environment' | 'file' | 'default';

/** One setting: its value and where it came from. Undefined: not set, and the default is worked out where it is used. */
export interface Setting {
  readonly option: OptionSpec;
  readonly value: Value | undefined;
  readonly source: Source;
  /** `--lateness`, `CCC_UPCAST_LATENESS`, `ccc-upcast.yaml:3:11`, or the note of the default. */
  readonly origin: string;
}

/** All settings of a run. */
export interface Settings {
  readonly list: readonly Setting[];
  readonly configPath: string | undefined;
  /** The `endpoints` of the config file, as they stand there, and their place. */
  readonly endpoints: FileSection | undefined;
  get<N extends OptionName>(name: N): OptionValue<N> | undefined;
  /** The value of an option that has a default. */
  need<N extends OptionName>(name: N): OptionValue<N>;
  /** True for a switch that is on. */
  on(name: OptionName): boolean;
  /** An error about an option's value; its exit code says whether the command line or the configuration is to be mended. */
  error(name: OptionName, message: string, hint?: string): UpcastError;
}

/** Flags as the command line gave them: long names, texts; `true` for a switch. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Settings by precedence: flag, environment, config file, default. Errors: usage (2) for a flag, configuration (78) for the others. */
export function resolveSettings(flags: Flags, env: Env): Settings {
  checkEnvNames(env);
  const { config } = flags;
  const asked = config ?? env[envName('config')];
  const file = readConfigFile(typeof asked === 'string' ? asked : undefined, env);
  const list = (OPTIONS as readonly OptionSpec[]).map((option) => resolve(option, flags, env, file));
  const byName = new Map(list.map((setting) => [setting.option.name, setting]));
  const get = <N extends OptionName>(name: N): OptionValue<N> | undefined => byName.get(name)?.value as OptionValue<N> | undefined;
  return {
    list,
    configPath: file.path,
    endpoints: file.endpoints,
    get,
    need(name) {
      const value = get(name);
      if (value === undefined) throw new Error(`option ${name} has no default`);
      return value;
    },
    on: (name) => byName.get(name)?.value === true,
    error(name, message, hint) {
      const setting = byName.get(name);
      return badValue(setting?.source ?? 'default', setting?.origin ?? name, message, hint);
    },
  };
}

function resolve(option: OptionSpec, flags: Flags, env: Env, file: ConfigFile): Setting {
  const flag = flags[option.name];
  if (flag !== undefined) return read(option, String(flag), 'flag', `--${option.name}`);
  const variable = envName(option.name);
  const fromEnv = option.only === 'flag' ? undefined : env[variable];
  if (fromEnv !== undefined) return read(option, fromEnv, 'environment', variable);
  const entry = file.entries.get(option.name as OptionName);
  if (entry !== undefined) return read(option, entry.text, 'file', entry.place);
  if (option.default !== undefined) return read(option, option.default, 'default', 'default');
  const value = option.type === 'flag' ? false : undefined;
  return { option, value, source: 'default', origin: option.defaultNote === undefined ? 'default' : `default: ${option.defaultNote}` };
}

function read(option: OptionSpec, text: string, source: Source, origin: string): Setting {
  const value = parseValue(option, text);
  if (isBadValue(value))
    throw badValue(source, origin, option.only === 'secret' ? `${option.name}: not understood` : value.message, value.hint);
  return { option, value, source, origin };
}

function badValue(source: Source, origin: string, message: string, hint: string | undefined): UpcastError {
  const isUsage = source === 'flag' || source === 'default';
  return new UpcastError({
    code: 'bad-option',
    exit: isUsage ? EXIT.usage : EXIT.config,
    message,
    place: isUsage ? undefined : origin,
    hint,
  });
}

/** Variables that Kubernetes sets for a service named ccc-upcast: not ours, and no misspelling either. */
const SERVICE_LINK = /^CCC_UPCAST_(?:SERVICE_(?:HOST|PORT)|PORT(?:_|$))/;

function checkEnvNames(env: Env): void {
  const known = (OPTIONS as readonly OptionSpec[]).filter((option) => option.only !== 'flag').map((option) => envName(option.name));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('CCC_UPCAST_') || known.includes(name) || SERVICE_LINK.test(name)) continue;
    throw new UpcastError({
      code: 'unknown-variable',
      exit: EXIT.config,
      message: `unknown setting ${name}`,
      place: 'environment',
      hint: didYouMean(name, known),
    });
  }
}
