import type { Command } from 'commander';
import { Help } from 'commander';

/** Examples of each command, shown before its options: what a reader of help looks for. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'ccc-upcast': [
    'ccc-upcast convert legacy.ndjson --ids ids.csv -o current.ndjson',
    'ccc-upcast serve --forward https://new.example/events --state shim.db',
    'ccc-upcast inspect legacy.ndjson --ids ids.csv',
    'ccc-upcast check ./my-mapping',
    'ccc-upcast convert --help',
  ],
  convert: [
    '# one log, with a report of everything that was noticed',
    'ccc-upcast convert legacy.ndjson --ids ids.csv -o current.ndjson --report report.txt',
    '# many logs, plain or compressed, in the order of their times',
    "ccc-upcast convert '2021-*.ndjson.gz' --ids ids.csv -o 2021.ndjson",
    '# as a filter; dead letters are kept only if asked for',
    'zcat legacy.gz | ccc-upcast convert --ids ids.csv --dead-letters dead.ndjson | head',
    '# events inside wrapper records, by a mapping of your own',
    'ccc-upcast convert queue.json --event-at /message/body --mapping ./my-mapping -o out.ndjson',
    '# the second of four shares of the calls, for merge',
    'ccc-upcast convert legacy.ndjson --ids ids.csv --shard 2/4 -o out-2.ndjson',
  ],
  serve: [
    '# old systems post 1.0 events to http://127.0.0.1:8210/events, the new one gets 2.0',
    'ccc-upcast serve --forward https://new.example/events --ids ids.csv --state shim.db',
    '# from other machines: with a token, from the environment',
    'CCC_UPCAST_INTAKE_TOKENS=$TOKEN ccc-upcast serve --listen 0.0.0.0:8210 --forward https://new.example/events --state shim.db',
  ],
  inspect: [
    '# what is in a log, and what the mapping would make of it',
    'ccc-upcast inspect legacy.ndjson --ids ids.csv',
    '# a table of the ids that are lacking, to be filled in',
    "ccc-upcast inspect '2021-*.ndjson.gz' --draft-ids ids.csv",
  ],
  explain: [
    '# one call as a ladder, with the reason for each decision',
    'ccc-upcast explain legacy.ndjson --ids ids.csv --contact 7001',
    '# the call of an event, as a page with a picture',
    'ccc-upcast explain legacy.ndjson --ids ids.csv --line 4711 --html call.html',
  ],
  compare: [
    '# is what we made what the platform sent itself?',
    'ccc-upcast compare current.ndjson platform.ndjson --contacts contacts.csv',
    '# contact ids are not known; a thousandth may be missing',
    'ccc-upcast compare current.ndjson platform.ndjson --match caller,callee --max-missing 0.1%',
  ],
  merge: [
    "ccc-upcast merge 'out-*.ndjson.places' -o all.ndjson",
    'ccc-upcast merge out-1.ndjson out-2.ndjson -o all.ndjson --report all.txt',
  ],
  setup: [
    '# what would be done',
    'ccc-upcast setup --source nats://127.0.0.1:4222/CCC_V1 --sink nats://127.0.0.1:4222/CCC_V2 --partitions 16 --dry-run',
  ],
  publish: ["ccc-upcast publish '2021-*.ndjson.gz' --to nats://127.0.0.1:4222/CCC_V1"],
  work: [
    'ccc-upcast work --source nats://127.0.0.1:4222/CCC_V1 --sink nats://127.0.0.1:4222/CCC_V2 --ids ids.csv --state ./work',
    '# only some of the partitions',
    'ccc-upcast work --source nats://127.0.0.1:4222/CCC_V1 --sink nats://127.0.0.1:4222/CCC_V2 --partitions 0-3 --state ./work',
  ],
  'dead-letters': ['ccc-upcast dead-letters list --state shim.db', 'ccc-upcast dead-letters redrive --state shim.db --code refused'],
  list: ['ccc-upcast dead-letters list --state shim.db', 'ccc-upcast dead-letters list --state shim.db --stage deliver --json'],
  redrive: [
    'ccc-upcast dead-letters redrive --state shim.db 17 18',
    'ccc-upcast dead-letters redrive --state shim.db --code unknown-type --mapping ./my-mapping',
    'ccc-upcast dead-letters redrive --state shim.db --code refused --rewrite',
  ],
  purge: ['ccc-upcast dead-letters purge --state shim.db 17', 'ccc-upcast dead-letters purge --state shim.db --all'],
  check: [
    'ccc-upcast check ./my-mapping',
    '# for a build server: every example in other orders, too',
    'ccc-upcast check ./my-mapping --permute --junit check.xml',
    '# what a changed mapping changes on a real log',
    'ccc-upcast check ccc-2.0 --diff ./my-mapping legacy.ndjson --ids ids.csv',
  ],
  config: ['ccc-upcast config show'],
  show: ['ccc-upcast config show', 'CCC_UPCAST_LATENESS=10s ccc-upcast config show', 'ccc-upcast config show --hold 5s --json'],
};

const FIRST_LIST = /^(?:Arguments|Options|Commands):/m;

/** Commander's help with the examples in front of the lists. */
export function formatHelp(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const examples = EXAMPLES[command.name()];
  const at = text.search(FIRST_LIST);
  if (examples === undefined || at < 0) return text;
  const lines = examples.map((line) => (line.startsWith('#') ? `  ${line}` : `  $ ${line}`));
  return `${text.slice(0, at)}Examples:\n${lines.join('\n')}\n\n${text.slice(at)}`;
}

/** Commander's `error: …` in the form of all our errors: words in double quotes, the nearest word as a hint. */
export function splitUsageError(text: string): { readonly message: string; readonly hint: string | undefined } {
  const [first = '', ...rest] = text.trim().split('\n');
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(rest.join(' ').trim());
  const message = first.replace(/^error: /, '').replace(/'([^']*)'/g, '"$1"');
  return { message, hint: near?.[1] === undefined ? undefined : `did you mean ${near[1].replace(/[^\s,]+/g, '"$&"')}?` };
}
