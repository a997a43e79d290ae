import { statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { compressionOf } from '../sink/compressed.ts';
import type { InputSource } from '../source/inputs.ts';
import type { ConvertJob, DiskNeed } from './job.ts';

/** Bytes written for each byte of 1.0 events, measured on generated logs: the events, their provenance, the calls in the state. */
const OUTPUT = 1.0;
const PROVENANCE = 0.8;
const STATE = 0.3;
/** Compressed logs of events swell about so much. */
const SWELLS = 10;

/** An estimate of what a job writes; undefined where the inputs' sizes are not known. */
export function estimateDisk(job: ConvertJob, inputs: readonly InputSource[]): DiskNeed | undefined {
  if (job.output === '-') return undefined;
  let plain = 0;
  for (const { name, size } of inputs) {
    if (size === undefined) return undefined;
    plain += compressionOf(name) === undefined ? size : size * SWELLS;
  }
  const output = written(plain * OUTPUT, job.output);
  const provenance = job.provenance.kind === 'none' ? 0 : plain * PROVENANCE;
  const why = job.provenance.kind === 'file' ? written(provenance, job.provenance.path) : provenance;
  const folder = dirname(resolve(job.output));
  return { need: Math.ceil(output + why + plain * STATE), free: freeBytes(folder), folder };
}

function written(bytes: number, path: string): number {
  return compressionOf(path) === undefined ? bytes : bytes / SWELLS;
}

/** Room for a user without privileges in the file system of a folder. */
export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Not every file system says; the run itself will find out.
    return undefined;
  }
}
