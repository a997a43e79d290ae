import { hash } from 'node:crypto';
import type { RecordView } from './record.ts';
import { bytesOf, copySpan } from './span.ts';

const TABLE_MIX = 0x9e3779b1;

/**
 * A 53-bit number that is the same for the same fields with the same values in any order (semantics, section 4: the same event sent
 * again). Not cryptographic: it is compared only within one call, or one agent's events without a call.
 */
export function contentHash(record: RecordView): number {
  const { view, spans } = record.block;
  const { keyHashes } = record.shape;
  let low = 0;
  let high = 0;
  for (let field = 0, at = record.at; field < keyHashes.length; field += 1, at += 2) {
    const end = spans[at + 1] as number;
    let from = spans[at] as number;
    let a = (keyHashes[field] as number) ^ (end - from);
    let b = ~a;
    const last = end - 4;
    if (from <= last) {
      for (;;) {
        const word = view.getInt32(from, true);
        a = Math.imul((a << 13) ^ (a >>> 19) ^ word, 0x01000193);
        b = Math.imul(b + word, 0x5bd1e995) ^ (b >>> 15);
        if (from === last) break;
        // The last word takes in bytes of the one before it, so that none is read alone.
        from = Math.min(from + 4, last);
      }
    } else {
      for (; from < end; from += 1) {
        const byte = view.getUint8(from);
        a = Math.imul(a ^ byte, 0x01000193);
        b = Math.imul(b + byte, 0x5bd1e995) ^ (b >>> 15);
      }
    }
    // A sum does not depend on the order of the fields.
    low = (low + Math.imul(a ^ (a >>> 15), TABLE_MIX)) | 0;
    high = (high + Math.imul(b ^ (b >>> 13), 0x85ebca6b)) | 0;
  }
  return (low >>> 0) + ((high >>> 0) & 0x1fffff) * 0x100000000;
}

let scratch = bytesOf(new Uint8Array(4096));

/**
 * SHA-256 (hex) over the content of an event and what distinguishes one of its outputs from the others: the id of that output.
 * The content is the event's keys and values as they came, ordered by key, so the order of its fields does not matter; neither place,
 * nor mapping, nor rule enters, so that history, the live shim and a corrected mapping agree (semantics, section 5).
 */
export function outputId(record: RecordView, tail: string): string {
  const length = writeContent(record);
  const need = length + tail.length * 3;
  if (need > scratch.bytes.length) grow(need, length);
  const end = tail === PRIMARY ? writePrimary(length) : length + encoder.encodeInto(tail, scratch.bytes.subarray(length)).written;
  return hash('sha256', scratch.bytes.subarray(0, end), 'hex');
}

const encoder = new TextEncoder();
/** The tail of an event's own translation, by far the most frequent one. */
export const PRIMARY: string = '0';

function writePrimary(at: number): number {
  scratch.bytes[at] = 0x30;
  return at + 1;
}

function writeContent(record: RecordView): number {
  const { view: source, spans } = record.block;
  const { keyLines, rawKeys, sorted } = record.shape;
  const most = record.end - record.start + 4 * sorted.length;
  if (most > scratch.bytes.length) grow(most, 0);
  const { view, bytes } = scratch;
  let at = 0;
  for (const field of sorted) {
    const key = keyLines[field] as DataView;
    at = copySpan(view, at, key, 0, (rawKeys[field] as Uint8Array).length + 1);
    at = copySpan(view, at, source, spans[record.at + 2 * field] as number, spans[record.at + 2 * field + 1] as number);
    bytes[at++] = 0x0a;
  }
  return at;
}

function grow(need: number, keep: number): void {
  const larger = new Uint8Array(need * 2);
  larger.set(scratch.bytes.subarray(0, keep));
  scratch = bytesOf(larger);
}

/** A short name for a text of any length and any signs: the first 128 bits of its SHA-256, in hex. */
export function textName(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
