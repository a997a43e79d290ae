import { EXIT, UpcastError } from '../errors.ts';

/** The errors of one compressed input; it counts what came out, to name the place. */
export interface Faults {
  /** Counts decompressed bytes and hands them on. */
  count(out: Uint8Array): Uint8Array;
  /** The input ends before its compressed data does. */
  truncated(): UpcastError;
  /** After the compressed data comes something else. */
  garbage(expected: string, got: number): UpcastError;
  damaged(why: string, cause?: unknown): UpcastError;
}

/** Code of the error for an input that ends early. */
export const TRUNCATED = 'truncated-input';

/** Errors that name `name` and the decompressed offset. */
export function createFaults(name: string): Faults {
  let offset = 0;
  const fault = (code: string, message: string, hint: string, cause?: unknown) =>
    new UpcastError({ code, message, exit: EXIT.damaged, place: `${name}, decompressed byte ${offset}`, hint, cause });
  return {
    count(out) {
      offset += out.length;
      return out;
    },
    truncated: () =>
      fault(
        TRUNCATED,
        `compressed input ends early, after ${offset} decompressed bytes`,
        'copy the file again, or take what is there with --allow-truncated',
      ),
    garbage: (expected, got) =>
      fault(
        'trailing-garbage',
        `expected ${expected} or the end of the input, got byte 0x${got.toString(16).padStart(2, '0')}`,
        'what follows the compressed data would be lost; cut it off if it is not needed',
      ),
    damaged: (why, cause) => fault('damaged-input', `compressed input is damaged: ${why}`, 'copy the file again from its source', cause),
  };
}
