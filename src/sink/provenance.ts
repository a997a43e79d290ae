import type { Evidence } from '../event/facts.ts';
import { outputId } from '../event/identity.ts';
import type { Bytes } from '../event/span.ts';
import { bytesOf } from '../event/span.ts';
import type { Arena } from '../translate/arena.ts';
import { begin, createArena, writeAscii, writeInteger, writeSpan, writeString } from '../translate/arena.ts';
import type { OutputLabel } from '../translate/label.ts';
import type { Output } from '../translate/outcome.ts';
import type { SideContext } from './side-lines.ts';
import type { LineSink } from './sink.ts';

/** Writes where outputs came from: id, kind, rule, mapping, place of the source, evidence, as a JSON object. */
export interface Provenance {
  /** As a line of its own. */
  line(sink: LineSink, output: Output): void;
  /** As a field of the event, which is written too: `{…}` becomes `{…,"_upcast":{…}}`. */
  field(sink: LineSink, output: Output): void;
  /** Tells that the sinks were flushed: what was written here may be written over. */
  flushed(): void;
}

/** Labels are few, unless types are passed through that nobody knows. */
const MIDDLES_KEPT = 10_000;
/** A guess of how long the provenance of an output is. */
const ROOM = 512;

const UNKNOWN_FILE = '"?"';

const ID_OPENS = text('{"id":"');
const LINE = text(',"line":');
const OFFSET = text(',"offset":');
const CLOSE = text('}');
const EVIDENCE = text(',"evidence":[');
const EVIDENCE_TYPE = text('{"type":');
const FILE = text(',"file":');
const NEXT = text(',');
const EVIDENCE_CLOSES = text(']');
const WAITED = text(',"waited":true');
const FIELD = text(',"_upcast":');
const FIRST_FIELD = text('"_upcast":');
const LINE_FEED = text('\n');

/** Provenance of one run. */
export function createProvenance(context: SideContext): Provenance {
  const arena = createArena();
  const files = context.inputs.map((name) => JSON.stringify(name));
  const fileBytes = files.map(text);
  const unknownFile = text(UNKNOWN_FILE);
  const mapping = JSON.stringify(context.mapping);
  /** What stands between the id and the source's line: the same for all outputs of one label from one file, and these follow each other. */
  const middles: ({ readonly source: number; readonly bytes: Bytes } | undefined)[] = [];
  const middleOf = (label: OutputLabel, source: number): Bytes => {
    const known = middles[label.index];
    if (known?.source === source) return known.bytes;
    const { type, kind, rule } = label;
    // Type names come from the input when an event is passed through, so they are not trusted to be plain.
    const head = `","type":${JSON.stringify(type)},"kind":"${kind}","rule":${JSON.stringify(rule)},"mapping":${mapping}`;
    const bytes = text(`${head},"source":{"file":${files[source] ?? UNKNOWN_FILE},"line":`);
    if (label.index < MIDDLES_KEPT) middles[label.index] = { source, bytes };
    return bytes;
  };
  const writeLineAndOffset = (line: number, offset: number): void => {
    writeInteger(arena, line);
    append(arena, OFFSET);
    writeInteger(arena, offset);
    append(arena, CLOSE);
  };
  const writeEvidence = ({ type, source, line, offset }: Evidence): void => {
    append(arena, EVIDENCE_TYPE);
    writeString(arena, type);
    append(arena, FILE);
    append(arena, fileBytes[source] ?? unknownFile);
    append(arena, LINE);
    writeLineAndOffset(line, offset);
  };
  const write = (output: Output): void => {
    const { source, evidence, label } = output;
    append(arena, ID_OPENS);
    writeAscii(arena, outputId(source, output.tail));
    append(arena, middleOf(label, source.source));
    writeLineAndOffset(source.line, source.offset);
    if (evidence.length > 0) {
      append(arena, EVIDENCE);
      for (let index = 0; index < evidence.length; index += 1) {
        if (index > 0) append(arena, NEXT);
        writeEvidence(evidence[index] as Evidence);
      }
      append(arena, EVIDENCE_CLOSES);
    }
    if (output.waited) append(arena, WAITED);
    append(arena, CLOSE);
  };
  const put = (sink: LineSink): void => {
    append(arena, LINE_FEED);
    sink.line(arena.bytes, arena.start, arena.at);
  };
  return {
    line(sink, output) {
      begin(arena, ROOM);
      write(output);
      put(sink);
    },
    field(sink, output) {
      const body = output.end - 2;
      const isEmpty = body === output.start + 1;
      begin(arena, body - output.start + ROOM);
      writeSpan(arena, bytesOf(output.bytes), output.start, body);
      append(arena, isEmpty ? FIRST_FIELD : FIELD);
      write(output);
      append(arena, CLOSE);
      put(sink);
    },
    flushed() {
      arena.at = 0;
    },
  };
}

function append(arena: Arena, bytes: Bytes): void {
  writeSpan(arena, bytes, 0, bytes.bytes.length);
}

function text(json: string): Bytes {
  return bytesOf(new TextEncoder().encode(json));
}
