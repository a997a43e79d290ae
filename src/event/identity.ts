import { hash } from 'node:crypto';
import type { RecordView } from './record.ts';

const TABLE_MIX = 0x9e3779b1;

/**
 * A 53-bit number that is the same for the same fields with the same values in any order (semantics, section 4: the same event sent
 * again). Not cryptographic: it is compared only within one call, or one agent's events without a call.
 */
export function contentHash(record: RecordView): number {
  const { bytes, spans } = record.block;
  const { rawKeys } = record.shape;
  let low = 0;
  let high = 0;
  for (let field = 0, at = record.at; field < rawKeys.length; field += 1, at += 2) {
    let a = 0x811c9dc5;
    let b = 0x1b873593;
    const key = rawKeys[field] as Uint8Array;
    for (let i = 0; i < key.length; i += 1) {
      a = Math.imul(a ^ (key[i] as number), 0x01000193);
    }
    b ^= a;
    for (let i = spans[at] as number, end = spans[at + 1] as number; i < end; i += 1) {
      const byte = bytes[i] as number;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b + byte, 0x5bd1e995);
    }
    b ^= b >>> 15;
    // A sum does not depend on the order of the fields.
    low = (low + Math.imul(a ^ (a >>> 13), TABLE_MIX)) | 0;
    high = (high + Math.imul(b ^ (b >>> 13), 0x85ebca6b)) | 0;
  }
  return (low >>> 0) + ((high >>> 0) & 0x1fffff) * 0x100000000;
}

let scratch = new Uint8Array(4096);

/**
 * SHA-256 (hex) over the content of an event and what distinguishes one of its outputs from the others: the id of that output.
 * The content is the event's keys and values as they came, ordered by key, so the order of its fields does not matter; neither place,
 * nor mapping, nor rule enters, so that history, the live shim and a corrected mapping agree (semantics, section 5).
 */
export function outputId(record: RecordView, tail: string): string {
  const length = writeContent(record);
  const need = length + tail.length * 3;
  if (need > scratch.length) grow(need, length);
  const { written } = new TextEncoder().encodeInto(tail, scratch.subarray(length));
  return hash('sha256', scratch.subarray(0, length + written), 'hex');
}

function writeContent(record: RecordView): number {
  const { bytes, spans } = record.block;
  const { rawKeys, sorted } = record.shape;
  let at = 0;
  const most = record.end - record.start + 4 * rawKeys.length;
  if (most > scratch.length) grow(most, 0);
  for (const field of sorted) {
    const key = rawKeys[field] as Uint8Array;
    for (let i = 0; i < key.length; i += 1) scratch[at++] = key[i] as number;
    scratch[at++] = 0x3a;
    const end = spans[record.at + 2 * field + 1] as number;
    for (let i = spans[record.at + 2 * field] as number; i < end; i += 1) scratch[at++] = bytes[i] as number;
    scratch[at++] = 0x0a;
  }
  return at;
}

function grow(need: number, keep: number): void {
  const larger = new Uint8Array(need * 2);
  larger.set(scratch.subarray(0, keep));
  scratch = larger;
}
