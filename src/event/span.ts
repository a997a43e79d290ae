/** Bytes with a view on them that reads four at a time: short spans are hashed, compared and copied without native calls. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Buffer's decoders and encoders without the argument checks of toString and write; node has them, its types do not. */
export type SlicingBuffer = Buffer & {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
  latin1Write(text: string, at: number, most: number): number;
  utf8Write(text: string, at: number, most: number): number;
};

/** Bytes and their view. */
export function bytesOf(bytes: Uint8Array): Bytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/*
 * Spans are read eight bytes at a time as float64, the widest number that costs no allocation: text that is valid UTF-8 never has the bits
 * of a NaN (the byte after 0xF0 … 0xF4 is never 0x7F or 0xFF), whose payload need not survive, nor those of a zero with a sign (no NUL in
 * JSON). What is left is read together with bytes before it.
 */

/** A hash of a span, not cryptographic. Of all its bytes: ids of one system may be alike in all but a few digits, wherever they stand. */
export function hashSpan(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  if (hash >= 4) {
    const last = end - 4;
    for (; at < last; at += 4) hash = Math.imul((hash << 13) ^ (hash >>> 19) ^ view.getInt32(at, true), 0x5bd1e995);
    hash = Math.imul((hash << 13) ^ (hash >>> 19) ^ view.getInt32(last, true), 0x5bd1e995);
  } else for (; at < end; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** True if a span equals the bytes of `known` from `base` on, which must be as long. */
export function sameSpan(view: DataView, start: number, end: number, known: DataView, base: number): boolean {
  const length = end - start;
  if (length >= 8) {
    const last = length - 8;
    for (let at = 0; at < last; at += 8) if (view.getFloat64(start + at, true) !== known.getFloat64(base + at, true)) return false;
    return view.getFloat64(start + last, true) === known.getFloat64(base + last, true);
  }
  for (let at = 0; at < length; at += 1) if (view.getUint8(start + at) !== known.getUint8(base + at)) return false;
  return true;
}

/** Copies a span; returns the offset behind it. */
export function copySpan(target: DataView, to: number, source: DataView, start: number, end: number): number {
  const length = end - start;
  if (length >= 8) {
    const last = length - 8;
    for (let at = 0; at < last; at += 8) target.setFloat64(to + at, source.getFloat64(start + at, true), true);
    target.setFloat64(to + last, source.getFloat64(start + last, true), true);
  } else if (length >= 4) {
    target.setInt32(to, source.getInt32(start, true), true);
    target.setInt32(to + length - 4, source.getInt32(end - 4, true), true);
  } else for (let at = 0; at < length; at += 1) target.setUint8(to + at, source.getUint8(start + at));
  return to + length;
}
