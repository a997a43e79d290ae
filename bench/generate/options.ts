/** Form of the time in the 1.0 stream. */
export const TIME_FORMS = ['iso', 'local', 'millis'] as const;
/** Spelling of the keys in the 1.0 stream. */
export const CASINGS = ['mixed', 'camel', 'pascal'] as const;
/** What a 1.0 `connectId` stands for. */
export const CONNECT_IDS = ['party', 'call'] as const;

export type TimeForm = (typeof TIME_FORMS)[number];
export type Casing = (typeof CASINGS)[number];
export type ConnectIds = (typeof CONNECT_IDS)[number];

/** Everything that shapes a generated stream; two runs with equal options give equal bytes. */
export interface GenerateOptions {
  readonly seed: string;
  readonly calls: number;
  /** Calls open at the same time, at most. */
  readonly open: number;
  readonly agents: number;
  /** How many times longer people talk and queue than in the usual short calls, of a minute. */
  readonly pace: number;
  /** Unix milliseconds of the first check-in. */
  readonly start: number;
  readonly connectIds: ConnectIds;
  /** Share of the consultations whose consulted leg says callType Consult. */
  readonly consultType: number;
  readonly time: TimeForm;
  readonly casing: Casing;
  /** Milliseconds by which an event may come late in the file. */
  readonly jitter: number;
  /** Share of the events that come twice. */
  readonly duplicates: number;
  /** Share of the events that never come. */
  readonly loss: number;
  /** 1.0 event types that the customer had not subscribed to. */
  readonly without: readonly string[];
}

const DEFAULTS: Omit<GenerateOptions, 'agents'> = {
  seed: '1',
  calls: 1000,
  open: 200,
  pace: 1,
  start: Date.UTC(2021, 2, 1, 0, 30),
  connectIds: 'party',
  consultType: 0.5,
  time: 'iso',
  casing: 'mixed',
  jitter: 0,
  duplicates: 0,
  loss: 0,
  without: [],
};

/** Fills in the defaults; the number of agents follows the number of open calls. */
export function resolveOptions(options: Partial<GenerateOptions> = {}): GenerateOptions {
  const open = options.open ?? DEFAULTS.open;
  return { agents: Math.max(30, open * 2), ...DEFAULTS, ...options };
}
