import { existsSync } from 'node:fs';
import type { BadRecord } from '../event/record.ts';
import { openFileSink, openStdoutSink, refuseExisting } from '../sink/file.ts';
import type { SideContext } from '../sink/side-lines.ts';
import { badRecordLine, deadLetterLine, droppedLine, jsonNames, provenanceJson } from '../sink/side-lines.ts';
import type { Sink } from '../sink/sink.ts';
import type { TextSink } from '../sink/text.ts';
import { createTextSink } from '../sink/text.ts';
import type { Books } from '../translate/account.ts';
import { outputRow } from '../translate/account.ts';
import type { Outcome, Output } from '../translate/outcome.ts';
import type { ConvertJob, WrittenFile } from './job.ts';

/** All files that a job writes, as one: what a batch wrote is handed on together. */
export interface Outputs {
  outcome(outcome: Outcome): void;
  badRecord(bad: BadRecord): void;
  /** Hands everything to the operating system. */
  flush(): void;
  /** Completes all files; side files that were not asked for and hold nothing are not left behind. */
  finish(): readonly WrittenFile[];
  /** Leaves the unfinished files. */
  abandon(): void;
  readonly written: number;
}

/** Refuses outputs that exist already: before anything is touched, the state of the run that wrote them above all. */
export function refuseExistingOutputs(job: ConvertJob): void {
  const paths = [job.output, job.deadLetters, job.dropped, job.provenance.kind === 'file' ? job.provenance.path : undefined];
  for (const path of paths) if (path !== undefined && path !== '-') refuseExisting(path, { force: job.force, exists: existsSync });
}

/** Opens the files of a job. Errors: see `openFileSink`. */
export function openOutputs(job: ConvertJob, inputs: readonly string[], books: Books): Outputs {
  const context: SideContext = { inputs, mapping: `${job.mapping.name}@${job.mapping.version}` };
  const names = jsonNames(context);
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
  let provenance: TextSink | undefined;
  try {
    output = open(job.output);
    deadLetters = text(job.deadLetters);
    dropped = text(job.dropped);
    provenance = job.provenance.kind === 'file' ? text(job.provenance.path) : undefined;
  } catch (error) {
    for (const sink of opened) sink.remove();
    throw error;
  }
  const withField = job.provenance.kind === 'field';
  const write = (each: Output): void => {
    outputRow(books, each.type).out += 1;
    if (withField) writeWithField(output, each, provenanceJson(names, each));
    else output.line(each.bytes, each.start, each.end);
    provenance?.line(`${provenanceJson(names, each)}\n`);
  };
  return {
    outcome(outcome) {
      for (const each of outcome.outputs) write(each);
      if (outcome.account === 'deadLetters') deadLetters?.line(deadLetterLine(context, outcome));
      else if (dropped !== undefined) {
        const line = droppedLine(context, outcome);
        if (line !== undefined) dropped.line(line);
      }
    },
    badRecord: (bad) => deadLetters?.line(badRecordLine(context, bad)),
    flush() {
      output.flush();
      for (const sink of [deadLetters, dropped, provenance]) sink?.flush();
    },
    finish() {
      this.flush();
      const files: WrittenFile[] = [];
      const complete = (kind: WrittenFile['kind'], sink: Sink | undefined, isOptional: boolean): void => {
        if (sink === undefined) return;
        if (isOptional && sink.lines === 0) {
          sink.remove();
          return;
        }
        sink.finish();
        files.push({ kind, path: sink.path, lines: sink.lines, bytes: sink.bytes });
      };
      complete('dead letters', deadLetters?.sink, !job.keepEmpty);
      complete('dropped', dropped?.sink, false);
      complete('provenance', provenance?.sink, false);
      // Last: who sees the output sees all that belongs to it.
      complete('output', output, false);
      return files.reverse();
    },
    abandon() {
      for (const sink of opened) sink.abandon();
    },
    get written() {
      return output.lines;
    },
  };
}

const encoder = new TextEncoder();

/** `{…}` becomes `{…,"_upcast":{…}}`. */
function writeWithField(sink: Sink, output: Output, provenance: string): void {
  const isEmpty = output.end - output.start <= 3;
  const tail = encoder.encode(`${isEmpty ? '' : ','}"_upcast":${provenance}}\n`);
  const body = output.end - output.start - 2;
  const line = new Uint8Array(body + tail.length);
  line.set(output.bytes.subarray(output.start, output.start + body));
  line.set(tail, body);
  sink.line(line, 0, line.length);
}
