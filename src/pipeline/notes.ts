import { dirname, resolve } from 'node:path';
import type { InputSource } from '../source/inputs.ts';
import type { Translator } from '../translate/api.ts';
import { freeBytes } from './disk.ts';
import type { ConvertJob, DeadLetterSample, RunResult } from './job.ts';

const SAMPLES = 10;
const WARNINGS = 20;
const PROGRESS_EVERY = 250;

/** What a run notices on its way and tells at the end. */
export interface Notes {
  /** Passes chunks on and counts their bytes, for the whole run and in `counter`. */
  counted(chunks: AsyncIterable<Uint8Array>, counter: { bytes: number }): AsyncIterable<Uint8Array>;
  blanks(count: number): void;
  /** A record of an input was taken; `clock` = where event time stands after it. */
  record(source: number, translator: Translator | undefined, clock: number): void;
  records(): number;
  deadLetter(at: { readonly source: number; readonly line: number; readonly offset: number }, code: string, message: string): void;
  place(at: { readonly source: number; readonly line: number; readonly offset: number }): string;
  progress(outputs: number): void;
  /** Takes over what a lane counted for the whole run. */
  adopt(counted: { readonly records: number; readonly blanks: number; readonly bytesRead: number }): void;
  warn(warnings: readonly string[]): void;
  /** Plain data, for a checkpoint. */
  save(): NotesState;
  restore(state: NotesState): void;
  result(): Pick<RunResult, 'records' | 'blanks' | 'bytesRead' | 'deadLetters' | 'warnings'>;
}

/** Saved notes; a clock of null = no event yet. */
export interface NotesState {
  readonly records: number;
  readonly blanks: number;
  readonly dead: number;
  readonly byCode: readonly (readonly [string, number])[];
  readonly first: readonly DeadLetterSample[];
  readonly warnings: readonly string[];
  readonly source: number;
  readonly lateBefore: number;
  readonly clockBefore: number | null;
}

/** Notes of a run at its beginning. */
export function createNotes(job: Pick<ConvertJob, 'onProgress' | 'output'>, inputs: readonly Pick<InputSource, 'name' | 'size'>[]): Notes {
  const started = performance.now();
  const sizes = inputs.map((input) => input.size);
  const bytesTotal = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const byCode = new Map<string, number>();
  const first: DeadLetterSample[] = [];
  const warnings: string[] = [];
  let records = 0;
  let blanks = 0;
  let bytesRead = 0;
  let dead = 0;
  let told = started;
  let source = -1;
  let lateBefore = 0;
  let clockBefore = Number.NEGATIVE_INFINITY;

  const place: Notes['place'] = (at) => `${inputs[at.source]?.name ?? '?'}, line ${at.line}, byte ${at.offset}`;
  const checkOrder = (from: number, translator: Translator | undefined): void => {
    if (translator === undefined) return;
    const isLate = translator.books.late > lateBefore;
    lateBefore = translator.books.late;
    if (from === source) return;
    if (source >= 0 && isLate && Number.isFinite(clockBefore) && warnings.length < WARNINGS) {
      warnings.push(
        `${inputs[from]?.name} begins before ${inputs[source]?.name} ends: give --merge, or the inputs in the order of their times, ` +
          'or what belongs together is translated apart',
      );
    }
    source = from;
  };

  return {
    async *counted(chunks, counter) {
      for await (const chunk of chunks) {
        bytesRead += chunk.length;
        counter.bytes += chunk.length;
        yield chunk;
      }
    },
    blanks(count) {
      blanks += count;
    },
    record(from, translator, clock) {
      records += 1;
      checkOrder(from, translator);
      clockBefore = clock;
    },
    records: () => records,
    deadLetter(at, code, message) {
      dead += 1;
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
      if (first.length < SAMPLES) first.push({ place: place(at), code, message });
    },
    place,
    progress(outputs) {
      const now = performance.now();
      if (job.onProgress === undefined || now - told < PROGRESS_EVERY) return;
      told = now;
      const seconds = (now - started) / 1000;
      job.onProgress({
        records,
        bytesRead,
        bytesTotal,
        outputs,
        deadLetters: dead,
        seconds,
        free: freeBytes(dirname(resolve(job.output))),
      });
    },
    adopt(counted) {
      ({ records, blanks, bytesRead } = counted);
    },
    warn(more) {
      warnings.push(...more.slice(0, WARNINGS - warnings.length));
    },
    save: () => ({
      records,
      blanks,
      dead,
      byCode: [...byCode],
      first,
      warnings,
      source,
      lateBefore,
      clockBefore: Number.isFinite(clockBefore) ? clockBefore : null,
    }),
    restore(state) {
      ({ records, blanks, dead, source, lateBefore } = state);
      for (const [code, count] of state.byCode) byCode.set(code, count);
      first.push(...state.first);
      warnings.push(...state.warnings);
      clockBefore = state.clockBefore ?? Number.NEGATIVE_INFINITY;
    },
    result: () => ({ records, blanks, bytesRead, deadLetters: { count: dead, byCode, first }, warnings }),
  };
}
