import type { RecordView } from './record.ts';
import { isBlank, slotText, valueEnd, valueStart } from './record.ts';
import { SLOT } from './slots.ts';
import { bytesOf, hashSpan } from './span.ts';

const BACKSLASH = 0x5c;
const BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;
const HIGHS = 0x80808080 | 0;
const QUOTE = 0x22;
const encoder = new TextEncoder();

/**
 * Number of the part that is home to an event: by its contact, or where it names none by its agent, so that one part sees all of a call
 * (semantics, section 3). An event that names neither is at home in part 0.
 */
export function homeOf(record: RecordView, parts: number): number {
  const hash = hashOf(record, SLOT.contactId) ?? hashOf(record, SLOT.agentId) ?? 0;
  return (hash >>> 0) % parts;
}

/** A hash of a slot's text, however it is written (`12`, `"12"`, `"\\u00312"`); undefined where it is absent or blank. */
function hashOf(record: RecordView, slot: number): number | undefined {
  const field = record.shape.slots[slot] as number;
  if (field < 0) return undefined;
  const { bytes, view } = record.block;
  const start = valueStart(record, field);
  const end = valueEnd(record, field);
  if (isBlank(bytes, start, end)) return undefined;
  if (bytes[start] !== QUOTE) return hashSpan(view, start, end);
  if (!hasBackslash(view, start + 1, end - 1)) return hashSpan(view, start + 1, end - 1);
  const text = encoder.encode(slotText(record, slot));
  return hashSpan(bytesOf(text).view, 0, text.length);
}

/** Four bytes at a time; a byte of zero after the difference is one of them. */
function hasBackslash(view: DataView, start: number, end: number): boolean {
  let at = start;
  for (; at <= end - 4; at += 4) {
    const word = view.getInt32(at, true) ^ BACKSLASHES;
    if (((word - ONES) & ~word & HIGHS) !== 0) return true;
  }
  for (; at < end; at += 1) if (view.getUint8(at) === BACKSLASH) return true;
  return false;
}
