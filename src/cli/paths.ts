import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, UpcastError } from '../errors.ts';
import type { ProvenanceTarget } from '../pipeline/job.ts';
import type { Settings } from './config.ts';
import type { Io } from './output.ts';
import { reportPathOf } from './result-files.ts';

/** Where a conversion reads and writes. */
export interface JobPaths {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly deadLetters: string | undefined;
  readonly dropped: string | undefined;
  readonly provenance: ProvenanceTarget;
  readonly state: string | undefined;
  readonly report: string | undefined;
}

const STDIO = '-';

/** Decides all paths of a conversion. Errors: usage (2). */
export function pathsOf(inputs: readonly string[], settings: Settings, io: Io): JobPaths {
  const output = settings.get('output') ?? pipedOutput(io);
  const beside = (suffix: string): string | undefined => (output === STDIO ? undefined : `${output}${suffix}`);
  const paths: JobPaths = {
    inputs: inputs.length > 0 ? inputs : [pipedInput(io, 'zcat log.gz | ccc-upcast convert')],
    output,
    deadLetters: settings.get('dead-letters') ?? beside('.dead-letters.ndjson'),
    dropped: settings.get('dropped'),
    provenance: provenanceOf(settings.get('provenance'), beside('.provenance.ndjson')),
    state: settings.get('state') ?? beside('.state'),
    report: reportPathOf(settings),
  };
  refuseSamePath(paths);
  const { deadLetters, dropped, state, report } = paths;
  const provenance = paths.provenance.kind === 'file' ? paths.provenance.path : undefined;
  for (const path of [output, deadLetters, dropped, provenance, state, report]) refuseNoFile(path);
  return paths;
}

/** Standard input, if something is piped into it. Errors: usage (2), with an example of how that is done. */
export function pipedInput(io: Io, example: string): string {
  if (io.stdin.isTTY !== true) return STDIO;
  throw usage('no input', `name the files to read, or pipe one in: ${example}`);
}

function pipedOutput(io: Io): string {
  if (io.stdout.isTTY !== true) return STDIO;
  throw usage('no output', 'give -o FILE, or -o - to write to the terminal');
}

function provenanceOf(asked: string | undefined, beside: string | undefined): ProvenanceTarget {
  if (asked === 'field' || asked === 'none') return { kind: asked };
  const path = asked ?? beside;
  return path === undefined ? { kind: 'none' } : { kind: 'file', path };
}

function refuseSamePath(paths: JobPaths): void {
  refuseClash([
    ...paths.inputs.map((input) => ['an input', input] as const),
    ['the output', paths.output],
    ['the dead letters', paths.deadLetters],
    ['the dropped events', paths.dropped],
    ['the provenance', paths.provenance.kind === 'file' ? paths.provenance.path : undefined],
    ['the report', paths.report],
    ['the state', paths.state],
  ]);
}

/** Two things written to one file would destroy each other, and an output over its own input the only copy. */
export function refuseClash(claims: readonly (readonly [string, string | undefined])[]): void {
  const used = new Map<string, string>();
  for (const [what, path] of claims) {
    if (path === undefined || (path === STDIO && what === 'an input')) continue;
    if (path === STDIO && what === 'the state') throw usage('the state cannot be a stream', 'give --state FILE');
    const key = path === STDIO ? 'stdout' : resolve(path);
    const before = used.get(key);
    if (before !== undefined && before !== what) throw usage(`${before} and ${what} are the same: ${path}`, 'give each a path of its own');
    used.set(key, what);
  }
}

/** Refuses a path that is there and no file. Outputs are renamed into place: with --force, a run as root would put a plain file where `/dev/null` was. */
export function refuseNoFile(path: string | undefined): void {
  if (path === undefined || path === STDIO) return;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  throw new UpcastError({
    code: 'not-a-file',
    exit: EXIT.cannotCreate,
    message: `expected a file to write, got a ${found.isDirectory() ? 'folder' : 'device'}`,
    place: path,
    hint: found.isDirectory() ? 'give a file name in it' : `write to stdout: -o - > ${path}`,
  });
}

function usage(message: string, hint: string): UpcastError {
  return new UpcastError({ code: 'usage', exit: EXIT.usage, message, hint });
}
