import { pino } from 'pino';

/** What a line of the log may hold: picked by name, so that nothing gets in by being forgotten. Never a body, a phone number or a contact. */
export interface LogFields {
  readonly endpoint?: string;
  readonly state?: string;
  readonly status?: number;
  readonly code?: string;
  readonly detail?: string;
  readonly address?: string;
  readonly event?: string;
  readonly type?: string;
  readonly count?: number;
  readonly seconds?: number;
  readonly partition?: number;
  readonly position?: number;
  readonly events?: number;
  readonly outputs?: number;
  readonly deadLetters?: number;
}

/** A log of what happens, one JSON line each, on stderr. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

/** Where lines go. */
export interface LogStream {
  write(text: string): unknown;
}

const NAMES: readonly (keyof LogFields)[] = [
  'endpoint',
  'state',
  'status',
  'code',
  'detail',
  'address',
  'event',
  'type',
  'count',
  'seconds',
  'partition',
  'position',
  'events',
  'outputs',
  'deadLetters',
];

/** A log; `level` as in pino. */
export function createLog(stream: LogStream, level: 'debug' | 'info' | 'error'): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (text: string) => void stream.write(text) },
  );
  const write =
    (at: 'info' | 'warn' | 'error' | 'debug') =>
    (message: string, fields: LogFields = {}): void =>
      logger[at](picked(fields), message);
  return { info: write('info'), warn: write('warn'), error: write('error'), debug: write('debug') };
}

function picked(fields: LogFields): object {
  return Object.fromEntries(NAMES.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}
