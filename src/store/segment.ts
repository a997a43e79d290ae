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

const HEAD = 17;
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

  /** Adds a call; returns its offset. Layout: bytes of key, bytes of body, flags, expiry, key, body. */
  add(key: string, body: Uint8Array, expires: number, ended: boolean): number {
    const encoding = isLatin(key) ? 'latin1' : 'utf16le';
    const keyBytes = encoding === 'latin1' ? key.length : 2 * key.length;
    const start = this.length;
    const end = start + HEAD + keyBytes + body.length;
    if (end > this.room.length) this.grow(end);
    const { room } = this;
    room.writeUInt32LE(keyBytes, start);
    room.writeUInt32LE(body.length, start + 4);
    room[start + 8] = (ended ? ENDED : 0) | (encoding === 'latin1' ? 0 : WIDE);
    room.writeDoubleLE(expires, start + 9);
    room.write(key, start + HEAD, encoding);
    room.set(body, start + HEAD + keyBytes);
    this.length = end;
    return start;
  }

  private grow(need: number): void {
    const grown = Buffer.allocUnsafeSlow(need * 2);
    grown.set(this.bytes());
    this.room = grown;
  }
}

/** The call at an offset of a segment. */
export function readCall(segment: Buffer, start: number): RestingCall {
  const keyEnd = start + HEAD + segment.readUInt32LE(start);
  const next = keyEnd + segment.readUInt32LE(start + 4);
  const flags = segment[start + 8] as number;
  return {
    key: segment.toString((flags & WIDE) === 0 ? 'latin1' : 'utf16le', start + HEAD, keyEnd),
    ended: (flags & ENDED) !== 0,
    expires: segment.readDoubleLE(start + 9),
    body: segment.subarray(keyEnd, next),
    next,
  };
}

/** One byte holds each of its code units. */
function isLatin(key: string): boolean {
  for (let index = 0; index < key.length; index += 1) if (key.charCodeAt(index) > 0xff) return false;
  return true;
}
