/** How an option's text becomes a value. */
export type OptionType = 'text' | 'duration' | 'size' | 'count' | 'flag' | 'choice' | 'list';

/** Commands that take options of the table. */
export type CommandName =
  | 'convert'
  | 'serve'
  | 'replay'
  | 'inspect'
  | 'explain'
  | 'compare'
  | 'merge'
  | 'work'
  | 'publish'
  | 'setup'
  | 'dead-letters'
  | 'check'
  | 'config show';

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
  /** Who takes it: `job` = convert; `shim` = serve; `both`; `replay`; `letters` = dead-letters; `inspect`; `explain`; `compare`; `check`; `table` = commands that print a table; `all`. `config show` takes everything. */
  readonly group: 'job' | 'shim' | 'both' | 'replay' | 'inspect' | 'explain' | 'compare' | 'check' | 'letters' | 'work' | 'table' | 'all';
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
  { name: 'provenance', type: 'text', value: 'FILE|field|none', defaultNote: 'OUTPUT.provenance.ndjson', help: 'where each 2.0 event came from: a file, an _upcast field, or nowhere; replay reads ids from it', group: 'job' },
  { name: 'report', type: 'text', value: 'FILE', help: 'the books and all that was noticed, as .txt, .json, or .html: a page to look at', group: 'job' },
  { name: 'event-at', type: 'text', value: 'POINTER', help: 'where the event sits in a wrapper record, e.g. /message/body', group: 'job' },
  { name: 'max-line', type: 'size', value: 'SIZE', default: '1MiB', help: 'longest record taken', group: 'both' },
  { name: 'dup-keys', type: 'choice', choices: ['refuse', 'last'], value: 'refuse|last', default: 'refuse', help: 'an object that names a key twice: dead letter, or the last one counts', group: 'both' },
  { name: 'allow-truncated', type: 'flag', help: 'an input that breaks off counts as ended', group: 'job' },
  { name: 'rs', type: 'flag', help: 'records may begin with the separator of RFC 7464', group: 'job' },
  { name: 'strict', type: 'flag', help: 'stop at the first bad record (exit 65)', group: 'job' },
  { name: 'limit', type: 'count', value: 'N', help: 'stop after N records', group: 'job' },
  { name: 'merge', type: 'flag', help: 'take the events of all inputs by their times, not one input after the other', group: 'job' },
  { name: 'as-received', type: 'flag', help: 'the input is what serve --capture kept: same order, same waits, same 2.0 events', group: 'job' },
  { name: 'lanes', type: 'count', value: 'N', help: 'threads that share the work; default: one for every two processors, at most 4, one for small logs', group: 'job' },
  { name: 'shard', type: 'text', value: 'I/N', help: 'only the I-th of N shares of the contacts (1 to N); merge puts the shares together', group: 'job', only: 'no-key' },
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
  { name: 'admin-token', type: 'text', value: 'TOKEN', help: 'who has it may redrive dead letters in the console of the admin port', group: 'shim', only: 'secret' },
  { name: 'intake-tokens', type: 'list', value: 'TOKEN', help: 'bearer tokens of senders', group: 'shim', only: 'secret' },
  { name: 'intake-keys', type: 'list', value: 'KEY', help: 'Standard Webhooks keys (whsec_…) of senders', group: 'shim', only: 'secret' },
  { name: 'intake-path-secrets', type: 'list', value: 'SECRET', help: 'for senders without headers: POST /events/SECRET', group: 'shim', only: 'secret' },
  { name: 'forward-keys', type: 'list', value: 'KEY', help: 'Standard Webhooks keys that sign deliveries', group: 'shim', only: 'secret' },
  { name: 'to', type: 'text', value: 'URL|FILE|-', help: 'where events go: a URL, the name of an endpoint of the config file, a file, or stdout', group: 'replay' },
  { name: 'from', type: 'choice', choices: ['2.0', '1.0'], value: '2.0|1.0', default: '2.0', help: 'what the inputs are; 1.0 is translated on the way', group: 'replay' },
  { name: 'speed', type: 'text', value: 'N|max', default: '1x', help: 'times the speed at which it happened: 1x, 10x, 0.5x, or max', group: 'replay' },
  { name: 'rate', type: 'text', value: 'N/s', help: 'events a second at most; what is over it comes later', group: 'replay' },
  { name: 'max-gap', type: 'duration', value: 'TIME', help: 'silences are no longer than this', group: 'replay' },
  { name: 'start-at', type: 'text', value: 'TIME', help: 'when the first event is sent', group: 'replay', only: 'flag' },
  { name: 'since', type: 'text', value: 'TIME', help: 'events from this event time on: ISO 8601, or -2h for two hours ago', group: 'replay', only: 'flag' },
  { name: 'until', type: 'text', value: 'TIME', help: 'events before this event time', group: 'replay', only: 'flag' },
  { name: 'type', type: 'list', value: 'TYPE', help: 'only events of this type', group: 'replay', only: 'flag' },
  { name: 'contact', type: 'list', value: 'ID', help: 'only events of this contact; of explain: the call to explain', group: 'replay', only: 'flag' },
  { name: 'agent', type: 'list', value: 'ID', help: 'only events of this agent', group: 'replay', only: 'flag' },
  { name: 'sample', type: 'text', value: 'N%', help: 'only so many of the contacts, whole calls', group: 'replay', only: 'flag' },
  { name: 'loop', type: 'text', value: 'N|forever', help: 'send the stream so often, each time under other ids', group: 'replay', only: 'flag' },
  { name: 'restamp', type: 'choice', choices: ['now'], value: 'now', help: 'move event times to the present; distances stay, ids are others', group: 'replay', only: 'flag' },
  { name: 'batch', type: 'count', value: 'N', defaultNote: '1', help: 'events with a request at most', group: 'replay' },
  { name: 'receipts', type: 'text', value: 'FILE', help: 'what became of each event: id, status, attempts, latency', group: 'replay', only: 'flag' },
  { name: 'give-up', type: 'duration', value: 'TIME', default: '10m', help: 'how long a target may take nothing before the run ends (exit 69)', group: 'replay' },
  { name: 'receiver-dedupe-window', type: 'duration', value: 'TIME', default: '5m', help: 'how long the receiver remembers ids: going on later than that is warned of', group: 'replay' },
  { name: 'dry-run', type: 'flag', help: 'say what would be done, and do nothing', group: 'replay', only: 'flag' },
  { name: 'yes', short: 'y', type: 'flag', help: 'do not ask before sending', group: 'replay', only: 'flag' },
  { name: 'verify', type: 'text', value: 'RECEIPTS', help: 'check the receipts of a run against what a receiver has, see --against', group: 'replay', only: 'flag' },
  { name: 'against', type: 'text', value: 'IDS', help: 'what a receiver has: ids, or JSON with an id, one a line', group: 'replay', only: 'flag' },
  { name: 'source', type: 'text', value: 'nats://HOST/STREAM', help: 'the stream of 1.0 events', group: 'work' },
  { name: 'sink', type: 'text', value: 'nats://HOST/STREAM', help: 'the stream of 2.0 events', group: 'work' },
  { name: 'partitions', type: 'text', value: 'N|A-B', help: 'setup: how many there are; work: which of them this worker may have (default: all)', group: 'work' },
  { name: 'replicas', type: 'count', value: 'N', default: '1', help: 'copies of each stream in a cluster', group: 'work' },
  { name: 'max-age', type: 'duration', value: 'TIME', default: '168h', help: 'how long messages are kept', group: 'work' },
  { name: 'work-batch', type: 'count', value: 'N', default: '2000', help: 'messages of a partition that may be on their way at once', group: 'work' },
  { name: 'snapshot-every', type: 'duration', value: 'TIME', default: '30s', help: 'how often a partition leaves its open calls for a successor', group: 'work' },
  { name: 'rest-after', type: 'duration', value: 'TIME', default: '10s', help: 'when no event came for so long, what waits for evidence is decided', group: 'work' },
  { name: 'nats-creds', type: 'text', value: 'FILE', help: 'credentials for NATS', group: 'work' },
  { name: 'nats-ca', type: 'text', value: 'FILE', help: 'certificate (PEM) of the CA of the NATS server', group: 'work' },
  { name: 'nats-token', type: 'text', value: 'TOKEN', help: 'token for NATS', group: 'work', only: 'secret' },
  { name: 'code', type: 'text', value: 'CODE', help: 'only letters of this reason', group: 'letters', only: 'flag' },
  { name: 'stage', type: 'choice', choices: ['parse', 'translate', 'deliver'], value: 'parse|translate|deliver', help: 'only letters of this stage', group: 'letters', only: 'flag' },
  { name: 'endpoint', type: 'text', value: 'NAME', help: 'only letters of this endpoint', group: 'letters', only: 'flag' },
  { name: 'rewrite', type: 'flag', help: 'redrive: write events that were refused anew, by the mapping of now', group: 'letters', only: 'flag' },
  { name: 'all', type: 'flag', help: 'all of them are meant', group: 'letters', only: 'flag' },
  { name: 'check-config', type: 'flag', help: 'check all settings, then end', group: 'shim', only: 'flag' },
  { name: 'config', type: 'text', value: 'FILE', defaultNote: './ccc-upcast.yaml, XDG, /etc', help: 'config file', group: 'all', only: 'no-key' },
  { name: 'window', type: 'duration', value: 'TIME', default: '2s', help: 'how far the times of one event may be apart in the two streams', group: 'compare' },
  { name: 'match', type: 'text', value: 'FIELD,FIELD', help: 'fields by which events belong together where the streams have different contact ids, such as caller,callee', group: 'compare' },
  { name: 'contacts', type: 'text', value: 'FILE', help: 'contact ids of both streams: ours,theirs a line', group: 'compare' },
  { name: 'ignore', type: 'list', value: 'FIELD', help: 'a field that is not compared, or Type.field', group: 'compare' },
  { name: 'baseline', type: 'text', value: 'A,B', help: 'two streams of the platform itself: fields that differ there are not compared', group: 'compare' },
  { name: 'max-missing', type: 'text', value: 'SHARE', default: '0', help: 'how many of theirs may be missing in ours: 0.1% or 20', group: 'compare' },
  { name: 'max-extra', type: 'text', value: 'SHARE', default: '0', help: 'how many of ours they may not have', group: 'compare' },
  { name: 'max-different', type: 'text', value: 'SHARE', default: '0', help: 'how many pairs may differ in a field', group: 'compare' },
  { name: 'show-values', type: 'flag', help: 'phone numbers are shown as they are', group: 'compare', only: 'flag' },
  { name: 'line', type: 'text', value: 'N|FILE:N', help: 'explain the call of the event at this line', group: 'explain', only: 'flag' },
  { name: 'event-id', type: 'text', value: 'ID', help: 'explain the call of the 2.0 event with this id, or with an id that begins so', group: 'explain', only: 'flag' },
  { name: 'states', type: 'flag', help: 'tell the state of the call after each event', group: 'explain', only: 'flag' },
  { name: 'html', type: 'text', value: 'FILE', help: 'write a page with the picture of each call, and print nothing', group: 'explain', only: 'flag' },
  { name: 'coverage', type: 'flag', help: 'list all that no example reaches', group: 'check', only: 'flag' },
  { name: 'permute', type: 'flag', help: 'examples must give the same in other orders of arrival within the lateness window', group: 'check', only: 'flag' },
  { name: 'junit', type: 'text', value: 'FILE', help: 'write the checks as JUnit XML', group: 'check', only: 'flag' },
  { name: 'diff', type: 'text', value: 'NAME|DIR', help: 'another mapping: what it changes on the log that is given', group: 'check', only: 'flag' },
  { name: 'draft-ids', type: 'text', value: 'FILE', help: 'write the ids that the id table lacks as a table to be filled in', group: 'inspect', only: 'flag' },
  { name: 'draft-mapping', type: 'text', value: 'DIR', help: 'write a mapping that names what is unknown, with places marked TODO', group: 'inspect', only: 'flag' },
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

/** Options that a command shares with others beside those of its groups. */
const NAMED: { readonly [command in CommandName]?: readonly OptionName[] } = {
  // It needs the state, and for redriving what a shim translates with.
  inspect: [
    ...([
      'mapping',
      'ids',
      'time-zone',
      'lateness',
      'event-at',
      'max-line',
      'dup-keys',
      'rs',
      'allow-truncated',
      'limit',
      'report',
      'force',
      'json',
    ] as const),
  ],
  explain: [
    ...(['mapping', 'ids', 'time-zone', 'lateness', 'hold', 'idle', 'retention', 'max-jump', 'merge'] as const),
    ...(['event-at', 'max-line', 'dup-keys', 'rs', 'allow-truncated', 'contact', 'show-values', 'force', 'json'] as const),
  ],
  compare: ['time-zone', 'event-at', 'max-line', 'dup-keys', 'rs', 'allow-truncated', 'report', 'force', 'json'],
  work: [
    ...(['mapping', 'ids', 'time-zone', 'lateness', 'hold', 'idle', 'retention', 'max-jump', 'max-line', 'dup-keys'] as const),
    ...(['source', 'sink', 'partitions', 'state', 'work-batch', 'snapshot-every', 'rest-after', 'nats-creds', 'nats-ca'] as const),
  ],
  publish: [
    ...(['to', 'event-at', 'max-line', 'dup-keys', 'rs', 'allow-truncated', 'limit', 'merge', 'ids', 'time-zone'] as const),
    ...(['nats-creds', 'nats-ca'] as const),
  ],
  setup: ['source', 'sink', 'partitions', 'replicas', 'max-age', 'dry-run', 'nats-creds', 'nats-ca'],
  merge: ['output', 'dead-letters', 'dropped', 'provenance', 'report', 'force'],
  check: ['ids', 'time-zone', 'event-at', 'max-line', 'dup-keys', 'rs', 'allow-truncated', 'limit', 'force'],
  'dead-letters': ['state', 'mapping', 'ids', 'time-zone', 'max-line', 'dup-keys'],
  replay: [
    ...([
      'mapping',
      'ids',
      'time-zone',
      'lateness',
      'hold',
      'idle',
      'retention',
      'max-jump',
      'event-at',
      'max-line',
      'dup-keys',
      'rs',
    ] as const),
    ...(['allow-truncated', 'limit', 'state', 'dead-letters', 'provenance', 'report', 'restart', 'force', 'json'] as const),
    ...(['concurrency', 'deadline', 'allow-net', 'insecure', 'admin'] as const),
  ],
};

/** Options of a command, in the order of the table. */
export function optionsOf(command: CommandName): readonly OptionSpec[] {
  const groups = {
    convert: ['job', 'both', 'all'],
    serve: ['shim', 'both', 'all'],
    replay: ['replay', 'all'],
    inspect: ['inspect', 'all'],
    explain: ['explain', 'all'],
    compare: ['compare', 'all'],
    merge: ['all'],
    work: ['all'],
    publish: ['all'],
    setup: ['all'],
    'dead-letters': ['letters', 'table', 'all'],
    check: ['check', 'table', 'all'],
    'config show': ['job', 'shim', 'both', 'replay', 'inspect', 'explain', 'compare', 'check', 'letters', 'work', 'table', 'all'],
  }[command];
  const named: readonly string[] = NAMED[command] ?? [];
  return (OPTIONS as readonly OptionSpec[]).filter(
    (option) => (groups.includes(option.group) || named.includes(option.name)) && option.only !== 'secret',
  );
}

/** `dead-letters` → `CCC_UPCAST_DEAD_LETTERS`. */
export function envName(name: string): string {
  return `CCC_UPCAST_${name.toUpperCase().replaceAll('-', '_')}`;
}
