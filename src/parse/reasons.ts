import type { BadRecordCode } from '../event/record.ts';
import { toldName } from '../event/told-name.ts';
import { BYTE } from './bytes.ts';

/** Why bytes are not a record. */
export interface Reason {
  readonly code: BadRecordCode;
  readonly message: string;
}

/** What a scan that failed says about a record. */
export interface Failure {
  /** Offset of the first wrong byte. */
  readonly at: number;
  readonly expected: string;
  readonly tooDeep: boolean;
}

/** The reason for a failure in the record at `[start, end)`; offsets in messages count from `start`. */
export function reasonOf(bytes: Uint8Array, start: number, end: number, failure: Failure): Reason {
  const { expected, tooDeep } = failure;
  // What follows the record, such as the CR of its line end, is its end to a reader of the message.
  const at = Math.min(failure.at, end);
  if (tooDeep) return { code: 'too-deep', message: `expected ${expected}, got more at byte ${at - start}` };
  if (looksUtf16(bytes, start, end)) {
    return { code: 'utf16', message: 'expected UTF-8, got what looks like UTF-16; convert the file to UTF-8 first' };
  }
  if (at < end && bytes[at] === BYTE.nul) {
    return { code: 'nul-run', message: `NUL run of ${nulRun(bytes, at, end)} bytes at byte ${at - start}` };
  }
  return { code: 'bad-json', message: `expected ${expected}, got ${nameByte(bytes, at, end)} at byte ${at - start}` };
}

function nulRun(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === BYTE.nul) at += 1;
  return at - from;
}

/** A byte, or the end of what was read, for a message. */
export function nameByte(bytes: Uint8Array, at: number, end: number): string {
  if (at >= end) return 'the end';
  const byte = bytes[at] as number;
  if (byte === BYTE.lf) return 'a line feed';
  if (byte > BYTE.space && byte < 0x7f) return `"${String.fromCharCode(byte)}"`;
  return `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

/** UTF-16 of mostly ASCII text has a NUL in every other place; a byte order mark says it outright. */
function looksUtf16(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start];
  const second = bytes[start + 1];
  if (end - start >= 2 && ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))) return true;
  const pairs = Math.min((end - start) >> 1, 32);
  let even = 0;
  let odd = 0;
  for (let pair = 0; pair < pairs; pair += 1) {
    if (bytes[start + 2 * pair] === BYTE.nul) even += 1;
    if (bytes[start + 2 * pair + 1] === BYTE.nul) odd += 1;
  }
  return (even === 0) !== (odd === 0) && even + odd > pairs / 2;
}

/** Offset of the first byte in `[start, end)` that cannot stand in UTF-8 (RFC 3629 section 4), or -1. */
export function firstBadByte(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1] as number;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let index = at + 2; index < at + length; index += 1) {
    if (((bytes[index] as number) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** The reason for a record whose bytes are not UTF-8. */
export function badUtf8(bytes: Uint8Array, start: number, end: number): Reason {
  const at = firstBadByte(bytes, start, end);
  return { code: 'bad-utf8', message: `expected UTF-8, got ${nameByte(bytes, at, end)} at byte ${at - start}` };
}

/** The reason for a record with a repeated key (RFC 8259 section 4: what receivers make of it cannot be predicted). */
export function duplicateKey(key: string): Reason {
  return { code: 'duplicate-key', message: `expected each key once, got ${JSON.stringify(toldName(key))} again` };
}
