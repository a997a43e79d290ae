import { CASINGS, CONNECT_IDS, type GenerateOptions, TIME_FORMS } from './options.ts';

const NAMES = [
  ...['calls', 'seed', 'open', 'agents', 'pace', 'start', 'connect-id', 'consult-type'],
  ...['time', 'casing', 'jitter', 'duplicates', 'loss', 'without'],
] as const;

type Name =
  | 'calls'
  | 'seed'
  | 'open'
  | 'agents'
  | 'pace'
  | 'start'
  | 'connect-id'
  | 'consult-type'
  | 'time'
  | 'casing'
  | 'jitter'
  | 'duplicates'
  | 'loss'
  | 'without';

/** Flags of the generator, for `parseArgs`, and what to print when they are wrong. */
export const USAGE = {
  options: Object.fromEntries(NAMES.map((name) => [name, { type: 'string' }])) as Record<Name, { type: 'string' }>,
  text: `npm run generate -- --calls 1000 --seed 1 --out DIR
  --open 200 --agents 400 --pace 1 --start 2021-03-01T00:30:00Z
  --connect-id ${CONNECT_IDS.join('|')} --time ${TIME_FORMS.join('|')} --casing ${CASINGS.join('|')} --consult-type 0.5
  --jitter 3s --duplicates 0.02 --loss 0.01 --without AgentACW,CallReleased`,
};

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name}: expected a number, got ${text}`);
  return value;
}

function choice<T extends string>(name: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = choices.find((one) => one === text);
  if (found === undefined) throw new Error(`--${name}: expected ${choices.join(', ')}, got ${text}`);
  return found;
}

function duration(name: string, text: string | undefined): number | undefined {
  const parts = text === undefined ? null : /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (text === undefined) return undefined;
  if (parts === null) throw new Error(`--${name}: expected a duration such as 3s, got ${text}`);
  return Number(parts[1]) * { ms: 1, s: 1000, m: 60_000 }[parts[2] as 'ms' | 's' | 'm'];
}

/** Reads the flags; absent ones are left to the defaults. */
export function parseOptions(values: Partial<Record<Name, string>>): Partial<GenerateOptions> {
  const options = {
    seed: values.seed,
    calls: number('calls', values.calls),
    open: number('open', values.open),
    agents: number('agents', values.agents),
    pace: number('pace', values.pace),
    start: values.start === undefined ? undefined : number('start', String(Date.parse(values.start))),
    connectIds: choice('connect-id', values['connect-id'], CONNECT_IDS),
    consultType: number('consult-type', values['consult-type']),
    time: choice('time', values.time, TIME_FORMS),
    casing: choice('casing', values.casing, CASINGS),
    jitter: duration('jitter', values.jitter),
    duplicates: number('duplicates', values.duplicates),
    loss: number('loss', values.loss),
    without: values.without?.split(','),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
