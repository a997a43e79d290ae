import { existsSync } from 'node:fs';
import type { BadRecord } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { openFileSink, openStdoutSink, refuseExisting } from '../sink/file.ts';
import { createProvenance } from '../sink/provenance.ts';
import type { SideContext } from '../sink/side-lines.ts';
import { badRecordLine, deadLetterLine, droppedLine } from '../sink/side-lines.ts';
import type { Sink } from '../sink/sink.ts';
import type { TextSink } from '../sink/text.ts';
import { createTextSink } from '../sink/text.ts';
import type { Outcome, Output } from '../translate/outcome.ts';
import type { ConvertJob, WrittenFile } from './job.ts';

/** All files that a job writes, as one: what a batch wrote is handed on together. */
export interface Outputs {
  /** Writes what became of an event, which is then done with: its record is released. */
  outcome(outcome: Outcome): void;
  badRecord(bad: BadRecord): void;
  /** Hands everything on; waits if more is on its way to the files than should be held in memory. */
  flush(): Promise<void>;
  /** Completes all files; side files that were not asked for and hold nothing are not left behind. */
  finish(): Promise<readonly WrittenFile[]>;
  /** Leaves the unfinished files. */
  abandon(): Promise<void>;
  readonly written: number;
}

/** Bytes that may be on their way to one file. */
const MOST_PENDING = 2 * 1024 * 1024;

/** Refuses outputs that exist already: before anything is touched, the state of the run that wrote them above all. */
export function refuseExistingOutputs(job: ConvertJob): void {
  const paths = [job.output, job.deadLetters, job.dropped, job.provenance.kind === 'file' ? job.provenance.path : undefined];
  for (const path of paths) if (path !== undefined && path !== '-') refuseExisting(path, { force: job.force, exists: existsSync });
}

/** Opens the files of a job. Errors: see `openFileSink`. */
export async function openOutputs(job: ConvertJob, inputs: readonly string[]): Promise<Outputs> {
  const context: SideContext = { inputs, mapping: `${job.mapping.name}@${job.mapping.version}` };
  const sources = createProvenance(context);
  const opened: Sink[] = [];
  const open = (path: string): Sink => {
    const sink = path === '-' ? openStdoutSink() : openFileSink(path, { force: job.force, exists: existsSync });
    opened.push(sink);
    return sink;
  };
  const text = (path: string | undefined): TextSink | undefined => (path === undefined ? undefined : createTextSink(open(path)));
  let output: Sink;
  let deadLetters: TextSink | undefined;
  let dropped: TextSink | undefined;
  let provenance: Sink | undefined;
  try {
    output = open(job.output);
    deadLetters = text(job.deadLetters);
    dropped = text(job.dropped);
    provenance = job.provenance.kind === 'file' ? open(job.provenance.path) : undefined;
  } catch (error) {
    for (const sink of opened) await sink.remove();
    throw error;
  }
  const withField = job.provenance.kind === 'field';
  // Outputs that were written and whose bytes the sinks have not taken over yet, counted by chunk.
  let held: { readonly chunk: Output['chunk']; count: number }[] = [];
  const hold = ({ chunk }: Output): void => {
    const last = held[held.length - 1];
    if (last?.chunk === chunk) last.count += 1;
    else held.push({ chunk, count: 1 });
  };
  const write = (each: Output): void => {
    each.label.row.out += 1;
    hold(each);
    if (withField) sources.field(output, each);
    else output.line(each.bytes, each.start, each.end);
    if (provenance !== undefined) sources.line(provenance, each);
  };
  const flush = async (): Promise<void> => {
    output.flush();
    for (const sink of [deadLetters, dropped, provenance]) sink?.flush();
    sources.flushed();
    for (const { chunk, count } of held) chunk.live -= count;
    held = [];
    for (const sink of opened) if (sink.pending > MOST_PENDING) await sink.drain();
  };
  return {
    outcome(outcome) {
      for (const each of outcome.outputs) write(each);
      if (outcome.account === 'deadLetters') deadLetters?.line(deadLetterLine(context, outcome));
      else if (dropped !== undefined) {
        const line = droppedLine(context, outcome);
        if (line !== undefined) dropped.line(line);
      }
      releaseRecord(outcome.record);
    },
    badRecord: (bad) => deadLetters?.line(badRecordLine(context, bad)),
    flush,
    async finish() {
      await flush();
      const files: WrittenFile[] = [];
      const complete = async (kind: WrittenFile['kind'], sink: Sink | undefined, isOptional: boolean): Promise<void> => {
        if (sink === undefined) return;
        if (isOptional && sink.lines === 0) {
          await sink.remove();
          return;
        }
        await sink.finish();
        files.push({ kind, path: sink.path, lines: sink.lines, bytes: sink.bytes });
      };
      await complete('dead letters', deadLetters?.sink, !job.keepEmpty);
      await complete('dropped', dropped?.sink, false);
      await complete('provenance', provenance, false);
      // Last: who sees the output sees all that belongs to it.
      await complete('output', output, false);
      return files.reverse();
    },
    async abandon() {
      for (const sink of opened) await sink.abandon();
    },
    get written() {
      return output.lines;
    },
  };
}
