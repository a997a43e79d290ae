import { spawnSync } from 'node:child_process';

/** A program that people would use for a part of the job, and how it is told to rename two fields: nothing else. */
export interface Other {
  readonly name: string;
  readonly version: string;
  readonly command: (input: string) => readonly string[];
}

const FILTER = '.eventTime = .EventTime | .eventType = .EventType | del(.EventTime, .EventType)';

const OTHERS: readonly Omit<Other, 'version'>[] = [
  { name: 'jq', command: (input) => ['jq', '-c', FILTER, input] },
  { name: 'gojq', command: (input) => ['gojq', '-c', FILTER, input] },
  { name: 'mlr', command: (input) => ['mlr', '--ijsonl', '--ojsonl', 'rename', 'EventTime,eventTime,EventType,eventType', input] },
];

/** Those that are installed here. */
export function installedOthers(): readonly Other[] {
  return OTHERS.flatMap((other) => {
    const run = spawnSync(other.name, ['--version'], { encoding: 'utf8' });
    return run.status === 0 ? [{ ...other, version: run.stdout.trim().split('\n')[0] ?? '' }] : [];
  });
}
