/** How an option's text becomes a value. */
export type OptionType = 'text' | 'duration' | 'size' | 'count' | 'flag' | 'choice' | 'list';

/** Commands that take options of the table. */
export type CommandName = 'convert' | 'serve' | 'dead-letters' | 'check' | 'config show';

/** One setting: its flag, its `CCC_UPCAST_…` variable and its key in a config file all come from this row. */
export interface OptionSpec {
  /** Long flag without dashes, and key in a config file. */
  readonly name: string;
  readonly short?: string;
  readonly type: OptionType;
  /** Placeholder in the help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** Text of the default. */
  readonly default?: string;
  /** Where the default comes from when it is no fixed text. */
  readonly defaultNote?: string;
  readonly help: string;
  /** Who takes it: `job` = convert; `shim` = serve; `both`; `letters` = dead-letters; `table` = commands that print a table; `all`. `config show` takes everything. */
  readonly group: 'job' | 'shim' | 'both' | 'letters' | 'table' | 'all';
  /** `flag`: not in the environment or a file. `no-key`: not in a file. `secret`: not a flag, since everybody may read those, and never shown. */
  readonly only?: 'flag' | 'no-key' | 'secret';
}

/** Every setting of the program, in the order of the help. */
export const OPTIONS = [
  { name: 'output', short: 'o', type: 'text', value: 'FILE', defaultNote: '- when piped', help: 'where the 2.0 stream goes; - is stdout', group: 'job' },
  { name: 'mapping', type: 'text', value: 'NAME|DIR', default: 'ccc-2.0', help: 'what becomes of each event: a built-in mapping or a folder', group: 'both' },
  { name: 'ids', type: 'text', value: 'FILE', help: 'id table: CSV kind,legacy,current (kind: instance, agent, skillGroup), or JSON', group: 'both' },
  { name: 'time-zone', type: 'text', value: 'ZONE', default: 'Asia/Shanghai', help: 'zone of times that name none', group: 'both' },
  { name: 'lateness', type: 'duration', value: 'TIME', defaultNote: 'from the mapping', help: 'how far events may be out of order', group: 'job' },
  { name: 'hold', type: 'duration', value: 'TIME', defaultNote: 'from the mapping', help: 'how long an event waits for its evidence, in event time', group: 'both' },
  { name: 'idle', type: 'duration', value: 'TIME', defaultNote: 'from the mapping', help: 'a call without events for so long is over', group: 'both' },
  { name: 'retention', type: 'duration', value: 'TIME', defaultNote: 'from the mapping', help: 'how long a call is remembered for records and repeated events', group: 'both' },
  { name: 'max-jump', type: 'duration', value: 'TIME', default: '1h', help: 'a time further ahead needs other events to confirm it', group: 'job' },
  { name: 'state', type: 'text', value: 'FILE', defaultNote: 'OUTPUT.state', help: 'where calls are remembered while the run lasts', group: 'both' },
  { name: 'dead-letters', type: 'text', value: 'FILE', defaultNote: 'OUTPUT.dead-letters.ndjson', help: 'what could not be translated, byte for byte, with the reason', group: 'job' },
  { name: 'dropped', type: 'text', value: 'FILE', help: 'what was dropped or set aside by decision', group: 'job' },
  { name: 'provenance', type: 'text', value: 'FILE|field|none', defaultNote: 'OUTPUT.provenance.ndjson', help: 'where each 2.0 event came from: a file, an _upcast field, or nowhere', group: 'job' },
  { name: 'report', type: 'text', value: 'FILE', help: 'the books and all that was noticed, as .txt or .json', group: 'job' },
  { name: 'event-at', type: 'text', value: 'POINTER', help: 'where the event sits in a wrapper record, e.g. /message/body', group: 'job' },
  { name: 'max-line', type: 'size', value: 'SIZE', default: '1MiB', help: 'longest record taken', group: 'both' },
  { name: 'dup-keys', type: 'choice', choices: ['refuse', 'last'], value: 'refuse|last', default: 'refuse', help: 'an object that names a key twice: dead letter, or the last one counts', group: 'both' },
  { name: 'allow-truncated', type: 'flag', help: 'an input that breaks off counts as ended', group: 'job' },
  { name: 'rs', type: 'flag', help: 'records may begin with the separator of RFC 7464', group: 'job' },
  { name: 'strict', type: 'flag', help: 'stop at the first bad record (exit 65)', group: 'job' },
  { name: 'limit', type: 'count', value: 'N', help: 'stop after N records', group: 'job' },
  { name: 'merge', type: 'flag', help: 'take the events of all inputs by their times, not one input after the other', group: 'job' },
  { name: 'as-received', type: 'flag', help: 'the input is what serve --capture kept: same order, same waits, same 2.0 events', group: 'job' },
  { name: 'checkpoint-every', type: 'size', value: 'SIZE', default: '64MiB', help: 'input from one checkpoint to the next; a compressed output gets a member for each', group: 'job' },
  { name: 'keep-open', type: 'flag', help: 'end without deciding what still waits: the same command goes on when the input has grown', group: 'job' },
  { name: 'restart', type: 'flag', help: 'begin anew, whatever an earlier run left', group: 'job', only: 'flag' },
  { name: 'force', type: 'flag', help: 'overwrite files that exist', group: 'job' },
  { name: 'listen', type: 'text', value: 'HOST:PORT', default: '127.0.0.1:8210', help: 'where 1.0 events are posted; anything but loopback needs one of the intake- settings', group: 'shim' },
  { name: 'admin', type: 'text', value: 'HOST:PORT', default: '127.0.0.1:8211', help: 'health and metrics', group: 'shim' },
  { name: 'forward', type: 'list', value: 'URL', help: 'where 2.0 events go; more than once for several', group: 'shim' },
  { name: 'dual', type: 'text', value: 'URL', help: 'send each 1.0 event on as it came, too, for a parallel run', group: 'shim' },
  { name: 'allow-net', type: 'list', value: 'CIDR', help: 'private networks to which a name of an endpoint may lead', group: 'shim' },
  { name: 'insecure', type: 'flag', help: 'plain http to other machines is meant', group: 'shim' },
  { name: 'concurrency', type: 'count', value: 'N', default: '32', help: 'requests to an endpoint at once', group: 'shim' },
  { name: 'deadline', type: 'duration', value: 'TIME', default: '30s', help: 'for one attempt to deliver', group: 'shim' },
  { name: 'max-outbox', type: 'count', value: 'N', default: '5000000', help: 'events that may wait for an endpoint; more are refused (503)', group: 'shim' },
  { name: 'min-free', type: 'size', value: 'SIZE', default: '512MiB', help: 'room to leave on the disk; below it events are refused (503)', group: 'shim' },
  { name: 'keep', type: 'duration', value: 'TIME', default: '24h', help: 'how long delivered events are remembered', group: 'shim' },
  { name: 'max-body', type: 'size', value: 'SIZE', default: '256KiB', help: 'largest request taken', group: 'shim' },
  { name: 'max-connections', type: 'count', value: 'N', default: '10000', help: 'senders at once', group: 'shim' },
  { name: 'max-connections-per-address', type: 'count', value: 'N', default: '100', help: 'connections of one sender; of this machine any number', group: 'shim' },
  { name: 'max-rate', type: 'count', value: 'N', help: 'events a second of one sender; over it 429', group: 'shim' },
  { name: 'intake-cert', type: 'text', value: 'FILE', help: 'certificate (PEM): events are taken over TLS', group: 'shim' },
  { name: 'intake-cert-key', type: 'text', value: 'FILE', help: 'its key, which nobody else may read', group: 'shim' },
  { name: 'intake-client-ca', type: 'text', value: 'FILE', help: 'senders need a certificate of this CA (PEM)', group: 'shim' },
  { name: 'intake-client-names', type: 'list', value: 'NAME', help: 'names (common, DNS, URI) of which it must hold one', group: 'shim' },
  { name: 'warm-from', type: 'text', value: 'STATE', help: 'begin with the open calls of a conversion: its state, or one of --keep-open', group: 'shim' },
  { name: 'capture', type: 'text', value: 'DIR', help: 'keep what comes in, for convert --as-received; personal data', group: 'shim' },
  { name: 'intake-networks', type: 'list', value: 'CIDR', help: 'networks from which alone events are taken', group: 'shim' },
  { name: 'intake-tokens', type: 'list', value: 'TOKEN', help: 'bearer tokens of senders', group: 'shim', only: 'secret' },
  { name: 'intake-keys', type: 'list', value: 'KEY', help: 'Standard Webhooks keys (whsec_…) of senders', group: 'shim', only: 'secret' },
  { name: 'intake-path-secrets', type: 'list', value: 'SECRET', help: 'for senders without headers: POST /events/SECRET', group: 'shim', only: 'secret' },
  { name: 'forward-keys', type: 'list', value: 'KEY', help: 'Standard Webhooks keys that sign deliveries', group: 'shim', only: 'secret' },
  { name: 'code', type: 'text', value: 'CODE', help: 'only letters of this reason', group: 'letters', only: 'flag' },
  { name: 'stage', type: 'choice', choices: ['parse', 'translate', 'deliver'], value: 'parse|translate|deliver', help: 'only letters of this stage', group: 'letters', only: 'flag' },
  { name: 'endpoint', type: 'text', value: 'NAME', help: 'only letters of this endpoint', group: 'letters', only: 'flag' },
  { name: 'rewrite', type: 'flag', help: 'redrive: write events that were refused anew, by the mapping of now', group: 'letters', only: 'flag' },
  { name: 'all', type: 'flag', help: 'all of them are meant', group: 'letters', only: 'flag' },
  { name: 'check-config', type: 'flag', help: 'check all settings, then end', group: 'shim', only: 'flag' },
  { name: 'config', type: 'text', value: 'FILE', defaultNote: './ccc-upcast.yaml, XDG, /etc', help: 'config file', group: 'all', only: 'no-key' },
  { name: 'json', type: 'flag', help: 'print JSON', group: 'table', only: 'flag' },
  { name: 'quiet', short: 'q', type: 'flag', help: 'print errors and data only', group: 'all' },
  { name: 'verbose', short: 'v', type: 'flag', help: 'print more: the stack of an error', group: 'all' },
  { name: 'color', type: 'choice', choices: ['auto', 'always', 'never'], value: 'auto|always|never', default: 'auto', help: 'colours', group: 'all' },
] as const; // biome-ignore format: a table

/** Name of an option. */
export type OptionName = (typeof OPTIONS)[number]['name'];

/** An option that holds one type of value. */
type NameOf<T extends OptionType> = Extract<(typeof OPTIONS)[number], { readonly type: T }>['name'];

/** The value of an option; durations in milliseconds, sizes in bytes. */
export type OptionValue<N extends OptionName> =
  N extends NameOf<'list'>
    ? readonly string[]
    : N extends NameOf<'flag'>
      ? boolean
      : N extends NameOf<'duration' | 'size' | 'count'>
        ? number
        : string;

/** The row of an option. */
export function optionOf(name: OptionName): OptionSpec {
  const found = (OPTIONS as readonly OptionSpec[]).find((option) => option.name === name);
  if (found === undefined) throw new Error(`no option ${name}`);
  return found;
}

/** Options of a command, in the order of the table. */
export function optionsOf(command: CommandName): readonly OptionSpec[] {
  const groups = {
    convert: ['job', 'both', 'all'],
    serve: ['shim', 'both', 'all'],
    'dead-letters': ['letters', 'table', 'all'],
    check: ['table', 'all'],
    'config show': ['job', 'shim', 'both', 'letters', 'table', 'all'],
  }[command];
  // It needs the state, and for redriving what a shim translates with.
  const named: readonly string[] = command === 'dead-letters' ? ['state', 'mapping', 'ids', 'time-zone', 'max-line', 'dup-keys'] : [];
  return (OPTIONS as readonly OptionSpec[]).filter(
    (option) => (groups.includes(option.group) || named.includes(option.name)) && option.only !== 'secret',
  );
}

/** `dead-letters` → `CCC_UPCAST_DEAD_LETTERS`. */
export function envName(name: string): string {
  return `CCC_UPCAST_${name.toUpperCase().replaceAll('-', '_')}`;
}
