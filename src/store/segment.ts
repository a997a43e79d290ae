import { crc32 } from 'node:zlib';

/** A call at rest in a segment. */
export interface RestingCall {
  readonly key: string;
  readonly ended: boolean;
  /** Event time from which on it may be forgotten, Unix milliseconds. */
  readonly expires: number;
  /** A view on the segment. */
  readonly body: Uint8Array;
  /** Offset of the next call in the segment. */
  readonly next: number;
}

const HEAD = 21;
/** Where in the head the lengths of key and body, the flags and the expiry stand; the CRC-32 of all behind it comes first. */
const KEY_LENGTH = 4;
const BODY_LENGTH = 8;
const FLAGS = 12;
const EXPIRES = 13;
const ENDED = 1;
const WIDE = 2;
const FIRST_ROOM = 64 * 1024;

/** A segment that is being filled. */
export class SegmentWriter {
  private room = Buffer.allocUnsafeSlow(FIRST_ROOM);
  /** Bytes in it. */
  length: number = 0;

  clear(): void {
    this.length = 0;
  }

  /** Its bytes, until it is written to again. */
  bytes(): Buffer {
    return this.room.subarray(0, this.length);
  }

  /** Adds a call; returns its offset. Layout: head, key, body. */
  add(key: string, body: Uint8Array, expires: number, ended: boolean): number {
    const encoding = isLatin(key) ? 'latin1' : 'utf16le';
    const keyBytes = encoding === 'latin1' ? key.length : 2 * key.length;
    const start = this.length;
    const end = start + HEAD + keyBytes + body.length;
    if (end > this.room.length) this.grow(end);
    const { room } = this;
    room.writeUInt32LE(keyBytes, start + KEY_LENGTH);
    room.writeUInt32LE(body.length, start + BODY_LENGTH);
    room[start + FLAGS] = (ended ? ENDED : 0) | (encoding === 'latin1' ? 0 : WIDE);
    room.writeDoubleLE(expires, start + EXPIRES);
    room.write(key, start + HEAD, encoding);
    room.set(body, start + HEAD + keyBytes);
    room.writeUInt32LE(crc32(room.subarray(start + KEY_LENGTH, end)), start);
    this.length = end;
    return start;
  }

  private grow(need: number): void {
    const grown = Buffer.allocUnsafeSlow(need * 2);
    grown.set(this.bytes());
    this.room = grown;
  }
}

/** Bytes of the call whose head stands at an offset. */
export function lengthOf(segment: Buffer, start: number): number {
  return HEAD + segment.readUInt32LE(start + KEY_LENGTH) + segment.readUInt32LE(start + BODY_LENGTH);
}

/** The call at an offset of a segment, or undefined if it is not as it was saved. */
export function readCall(segment: Buffer, start: number): RestingCall | undefined {
  if (start + HEAD > segment.length) return undefined;
  const next = start + lengthOf(segment, start);
  if (next > segment.length || crc32(segment.subarray(start + KEY_LENGTH, next)) !== segment.readUInt32LE(start)) return undefined;
  const keyEnd = start + HEAD + segment.readUInt32LE(start + KEY_LENGTH);
  const flags = segment[start + FLAGS] as number;
  return {
    key: segment.toString((flags & WIDE) === 0 ? 'latin1' : 'utf16le', start + HEAD, keyEnd),
    ended: (flags & ENDED) !== 0,
    expires: segment.readDoubleLE(start + EXPIRES),
    body: segment.subarray(keyEnd, next),
    next,
  };
}

/** One byte holds each of its code units. */
function isLatin(key: string): boolean {
  for (let index = 0; index < key.length; index += 1) if (key.charCodeAt(index) > 0xff) return false;
  return true;
}
