import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { Evidence } from '../event/facts.ts';
import { outputId } from '../event/identity.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { valueEnd, valueStart } from '../event/record.ts';
import type { Outcome, Output } from '../translate/outcome.ts';

/** What every side file names: the inputs by number, and the mapping. */
export interface SideContext {
  readonly inputs: readonly string[];
  /** `name@version` */
  readonly mapping: string;
}

interface Place {
  readonly source: number;
  readonly offset: number;
  readonly line: number;
}

/** The place of a record, as side files write it. */
function place(context: SideContext, at: Place): object {
  return { file: context.inputs[at.source] ?? '?', line: at.line, offset: at.offset };
}

/** Line of the dead-letter file for a record that could not be read. */
export function badRecordLine(context: SideContext, bad: BadRecord): string {
  return `${JSON.stringify({
    ...raw(bad.raw, bad.length, bad.crc32),
    source: place(context, bad),
    stage: 'parse',
    code: bad.code,
    message: bad.message,
    mapping: context.mapping,
  })}\n`;
}

/** Line of the dead-letter file for an event that could not be translated. */
export function deadLetterLine(context: SideContext, outcome: Outcome): string {
  const { record } = outcome;
  const bytes = record.block.bytes.subarray(record.start, record.end);
  return `${JSON.stringify({
    ...raw(bytes, bytes.length, undefined),
    source: place(context, record),
    stage: 'translate',
    code: outcome.reason,
    message: outcome.message,
    mapping: context.mapping,
  })}\n`;
}

/** The bytes as text where they are text, else in base64; cut bytes with the length and the CRC-32 of the whole. */
function raw(bytes: Uint8Array, length: number, crc: number | undefined): object {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = isUtf8(bytes) ? { raw: buffer.toString('utf8') } : { rawBase64: buffer.toString('base64') };
  return length === bytes.length ? body : { ...body, length, crc32: crc ?? crc32(bytes) };
}

/** Line of the dropped file for an event that was dropped or set aside; undefined if it was neither and no field was left out. */
export function droppedLine(context: SideContext, outcome: Outcome): string | undefined {
  const { record, account, leftOut } = outcome;
  if (account === 'dropped' || account === 'setAside') {
    const bytes = record.block.bytes.subarray(record.start, record.end);
    return `${JSON.stringify({ what: account, type: outcome.type, reason: outcome.reason, ...raw(bytes, bytes.length, undefined), source: place(context, record) })}\n`;
  }
  if (leftOut === undefined || leftOut.length === 0) return undefined;
  // Values are spliced in as they came: every digit stays.
  const fields = leftOut.map((field) => `${JSON.stringify(record.shape.keys[field])}:${valueText(record, field)}`);
  return `{"what":"fields","type":${JSON.stringify(outcome.type)},"fields":{${fields.join(',')}},"source":${JSON.stringify(place(context, record))}}\n`;
}

function valueText(record: RecordView, field: number): string {
  return record.block.text(valueStart(record, field), valueEnd(record, field)).replaceAll(/[\r\n]/g, ' ');
}

/** Provenance of an output as a JSON object: id, kind, rule, evidence, place of the source. */
export function provenanceJson(names: readonly string[], output: Output): string {
  const { source } = output;
  const head = `{"id":"${outputId(source, output.tail)}","type":${quote(output.type)},"kind":"${output.kind}"`;
  let text = `${head},"rule":${quote(output.rule)},"mapping":${names[0]}`;
  text += `,"source":{"file":${names[source.source + 1]},"line":${source.line},"offset":${source.offset}}`;
  if (output.evidence.length > 0) text += `,"evidence":[${output.evidence.map((each) => evidenceJson(names, each)).join(',')}]`;
  if (output.waited) text += ',"waited":true';
  return `${text}}`;
}

function evidenceJson(names: readonly string[], each: Evidence): string {
  return `{"type":${quote(each.type)},"file":${names[each.source + 1]},"line":${each.line},"offset":${each.offset}}`;
}

const PLAIN = /^[A-Za-z0-9 ]*$/;

/** Type names come from the input when an event is passed through, so they are not trusted to be plain. */
function quote(name: string): string {
  return PLAIN.test(name) ? `"${name}"` : JSON.stringify(name);
}

/** The mapping's and the inputs' names as JSON text, made once: `[mapping, input 0, input 1 …]`. */
export function jsonNames(context: SideContext): readonly string[] {
  return [context.mapping, ...context.inputs].map((name) => JSON.stringify(name));
}
