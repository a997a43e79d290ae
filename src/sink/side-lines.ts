import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { BadRecord, RecordView } from '../event/record.ts';
import { valueEnd, valueStart } from '../event/record.ts';
import type { Outcome } from '../translate/outcome.ts';

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
export function deadLetterLine(context: SideContext, { record, reason, message }: Outcome): string {
  return refusedRecordLine(context, record, { stage: 'translate', code: reason, message });
}

/** Line of the dead-letter file for a record that is no event, or none that can be used. */
export function refusedRecordLine(
  context: SideContext,
  record: RecordView,
  why: { readonly stage: string; readonly code: string | undefined; readonly message: string | undefined },
): string {
  const bytes = record.block.bytes.subarray(record.start, record.end);
  return `${JSON.stringify({ ...raw(bytes, bytes.length, undefined), source: place(context, record), ...why, mapping: context.mapping })}\n`;
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
