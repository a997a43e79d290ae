import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createIdTable } from '../../src/event/ids.ts';
import type { ConvertJob, RunResult } from '../../src/pipeline/job.ts';
import { runConvert } from '../../src/pipeline/run.ts';
import { mappingNamed } from '../support/stream.ts';

/** A job in a folder, with small distances between checkpoints. */
export async function jobIn(folder: string, inputs: readonly string[], change: Partial<ConvertJob> = {}): Promise<ConvertJob> {
  const mapping = await mappingNamed('ccc-2.0');
  const at = (name: string): string => join(folder, name);
  const { lateness, hold, idle, retention } = mapping.waits;
  return {
    inputs,
    mapping,
    lateness,
    hold,
    idle,
    retention,
    output: at('out.ndjson'),
    deadLetters: at('dead'),
    dropped: at('dropped'),
    provenance: { kind: 'file', path: at('provenance') },
    state: at('state'),
    ids: createIdTable([]),
    timeZone: 'Asia/Shanghai',
    maxJump: 3_600_000,
    keepEmpty: true,
    force: false,
    restart: false,
    strict: false,
    merge: false,
    asReceived: false,
    keepOpen: false,
    limit: undefined,
    eventAt: undefined,
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    allowTruncated: false,
    rs: false,
    lanes: 1,
    checkpointEvery: 6 * 1024,
    onProgress: undefined,
    onDisk: undefined,
    signal: undefined,
    ...change,
  };
}

const STOPPED = AbortSignal.abort('SIGTERM');

/** Runs a job that is stopped at every place where it can be, again and again; returns how often. */
export async function runInPieces(job: ConvertJob): Promise<{ readonly stops: number; readonly result: RunResult }> {
  for (let stops = 0; ; stops += 1) {
    try {
      return { stops, result: await runConvert({ ...job, signal: STOPPED }) };
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'stopped') throw error;
      if (stops > 200) throw new Error('the run makes no progress', { cause: error });
    }
  }
}

/** All files of a job, as bytes in hex-free form for comparison. */
export function filesOf(job: ConvertJob): Readonly<Record<string, string>> {
  const paths = [job.output, job.deadLetters, job.dropped, job.provenance.kind === 'file' ? job.provenance.path : undefined];
  return Object.fromEntries(
    paths.filter((path) => path !== undefined).map((path) => [path.slice(path.lastIndexOf('/') + 1), readFileSync(path, 'latin1')]),
  );
}

/** Writes bytes to a file of a folder; returns its path. */
export function put(folder: string, name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
