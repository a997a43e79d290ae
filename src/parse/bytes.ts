/** Bytes with a meaning in JSON text and in files of it. */
export const BYTE = {
  nul: 0x00,
  tab: 0x09,
  lf: 0x0a,
  cr: 0x0d,
  rs: 0x1e,
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** Bytes after the data that a {@link paddedBuffer} keeps zero: scanners read on to them instead of checking the end at each step. */
export const PADDING = 8;

/** A buffer of its own (not from the shared pool) for `length` bytes of data and the padding. */
export function paddedBuffer(length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length + PADDING);
  buffer.fill(0, length);
  return buffer;
}

/** A padded copy of some bytes. */
export function padded(bytes: Uint8Array): Buffer {
  const buffer = paddedBuffer(bytes.length);
  buffer.set(bytes);
  return buffer;
}
