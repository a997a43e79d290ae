import type { EventReader } from '../event/read.ts';
import { createEventReader } from '../event/read.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord, slotText, slotTextOnce, valueEnd, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { createZone } from '../event/zone.ts';
import { isBad } from '../parse/options.ts';
import type { SideContext } from '../sink/side-lines.ts';
import { badRecordLine, refusedRecordLine } from '../sink/side-lines.ts';
import type { NoStreamEvent, StreamEvent } from './event.ts';
import type { ReplayJob } from './job.ts';
import { ID } from './provenance.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const NAME = '_upcast';

/** Reads 2.0 events out of records. */
export function createCurrentReader(job: ReplayJob, context: SideContext): (item: RecordView | BadRecord) => StreamEvent | NoStreamEvent {
  const reader: EventReader = createEventReader({ ids: job.ids, zone: createZone(job.timeZone), undecidedIsCurrent: true });
  return (item) => {
    if (isBad(item)) return { code: item.code, message: item.message, line: badRecordLine(context, item) };
    const kind = reader.kind(item);
    if (kind === undefined) {
      const [code, message] = ['no-type', 'it has no eventType'];
      const line = refusedRecordLine(context, item, { stage: 'translate', code, message });
      releaseRecord(item);
      return { code, message, line };
    }
    const time = reader.time(item);
    const upcast = item.shape.keys.indexOf(NAME);
    const event = {
      type: kind.type,
      time: typeof time === 'number' ? time : Number.NaN,
      contact: slotTextOnce(item, SLOT.contactId),
      agent: slotText(item, SLOT.agentId),
      body: flat(upcast < 0 ? bytesOf(item) : without(item, upcast)),
      id: upcast < 0 ? undefined : idIn(item, upcast),
    };
    releaseRecord(item);
    return event;
  };
}

function bytesOf(record: RecordView): Uint8Array {
  // A copy: a slice of a Buffer would share its memory, which is used again.
  return new Uint8Array(record.block.bytes.subarray(record.start, record.end));
}

/** Line breaks can only be white space between tokens in JSON. */
function flat(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at += 1) if ((bytes[at] as number) < 0x20) bytes[at] = 0x20;
  return bytes;
}

/** The id that `convert --provenance field` wrote into an event. */
function idIn(record: RecordView, field: number): string | undefined {
  const value: unknown = JSON.parse(record.block.text(valueStart(record, field), valueEnd(record, field)));
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' && ID.test(id) ? id : undefined;
}

/** A record without one of its fields, and without the comma that belongs to it. */
function without(record: RecordView, field: number): Uint8Array {
  const { bytes } = record.block;
  const keyEnd = lastOf(bytes, QUOTE, valueStart(record, field) - 1);
  const from = skipBack(bytes, lastOf(bytes, QUOTE, keyEnd - 1));
  const to = skipOn(bytes, valueEnd(record, field));
  // The comma before it; for the first field the one behind it.
  const isFirst = bytes[from - 1] !== COMMA;
  const [cutFrom, cutTo] = [isFirst ? from : from - 1, isFirst && bytes[to] === COMMA ? to + 1 : to];
  const kept = new Uint8Array(record.end - record.start - (cutTo - cutFrom));
  kept.set(bytes.subarray(record.start, cutFrom));
  kept.set(bytes.subarray(cutTo, record.end), cutFrom - record.start);
  return kept;
}

function lastOf(bytes: Uint8Array, byte: number, from: number): number {
  let at = from;
  while (bytes[at] !== byte) at -= 1;
  return at;
}

/** Offset behind the last byte before `from` that is no white space. */
function skipBack(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at - 1] as number) <= 0x20) at -= 1;
  return at;
}

function skipOn(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] as number) <= 0x20) at += 1;
  return at;
}
