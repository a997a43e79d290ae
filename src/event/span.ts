/** Bytes with a view on them that reads four at a time: short spans are hashed, compared and copied without native calls. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Buffer's decoders and encoder without the argument checks of toString and write; node has them, its types do not. */
export type SlicingBuffer = Buffer & {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
  utf8Write(text: string, at: number, most: number): number;
};

/** Bytes and their view. */
export function bytesOf(bytes: Uint8Array): Bytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** A hash of a span, not cryptographic. Of all its bytes: ids of one system may be alike in all but a few digits, wherever they stand. */
export function hashSpan(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul((hash << 13) ^ (hash >>> 19) ^ view.getInt32(at, true), 0x5bd1e995);
  }
  for (; at < end; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** True if a span equals the bytes of `known` from `base` on, which must be as long. */
export function sameSpan(view: DataView, start: number, end: number, known: DataView, base: number): boolean {
  const length = end - start;
  let at = 0;
  for (; at + 4 <= length; at += 4) if (view.getInt32(start + at, true) !== known.getInt32(base + at, true)) return false;
  for (; at < length; at += 1) if (view.getUint8(start + at) !== known.getUint8(base + at)) return false;
  return true;
}

/** Copies a span; returns the offset behind it. */
export function copySpan(target: DataView, to: number, source: DataView, start: number, end: number): number {
  let at = to;
  let from = start;
  for (; from + 4 <= end; from += 4, at += 4) target.setInt32(at, source.getInt32(from, true), true);
  for (; from < end; from += 1, at += 1) target.setUint8(at, source.getUint8(from));
  return at;
}
