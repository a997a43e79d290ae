import { BYTE } from './bytes.ts';

/** Levels of nesting allowed unless told otherwise; the record itself is the first. */
export const MAX_DEPTH = 64;

/**
 * What the scanning functions share. They take an offset and return the offset after what they read, or, when it is not
 * there, the bitwise complement of the offset of the first wrong byte; `expected` and `tooDeep` then say why.
 * The bytes end in padding (see paddedBuffer): a NUL is wrong everywhere, so no loop needs to know the end.
 */
export interface Scan {
  bytes: Uint8Array;
  view: DataView;
  readonly maxDepth: number;
  /** True where a record must not span lines: LF is then no whitespace. */
  oneLine: boolean;
  expected: string;
  tooDeep: boolean;
  /** The open brackets of the nested value being read. */
  readonly stack: Uint8Array;
}

/** Scanning state over padded bytes. */
export function createScan(bytes: Uint8Array, maxDepth: number = MAX_DEPTH): Scan {
  const stack = new Uint8Array(maxDepth + 1);
  return { bytes, view: viewOf(bytes), maxDepth, oneLine: false, expected: '', tooDeep: false, stack };
}

/** Points a scan at other padded bytes. */
export function retarget(scan: Scan, bytes: Uint8Array): void {
  scan.bytes = bytes;
  scan.view = viewOf(bytes);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Notes what should have been at `at` and returns the failure. */
export function fail(scan: Scan, at: number, expected: string): number {
  scan.expected = expected;
  scan.tooDeep = false;
  return ~at;
}

/** Offset of the first byte that is not whitespace. */
export function skipSpace(scan: Scan, from: number): number {
  const { bytes, oneLine } = scan;
  let at = from;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte !== BYTE.space && byte !== BYTE.tab && byte !== BYTE.cr && (byte !== BYTE.lf || oneLine)) return at;
    at += 1;
  }
}

/** Reads any value that starts at `from`. `depth` is the number of levels around it. Never recursive: depth is the input's choice. */
export function scanValue(scan: Scan, from: number, depth: number): number {
  const { bytes, stack } = scan;
  const limit = scan.maxDepth - depth;
  let open = 0;
  let at = from;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === BYTE.openObject || byte === BYTE.openArray) {
      if (open >= limit) return failDeep(scan, at);
      stack[open] = byte;
      open += 1;
      at = skipSpace(scan, at + 1);
      if (bytes[at] !== byte + 2) {
        if (byte === BYTE.openObject) at = scanKey(scan, at);
        if (at < 0) return at;
        continue;
      }
      at += 1;
      open -= 1;
    } else {
      at = scanScalar(scan, at);
      if (at < 0) return at;
    }
    while (open > 0) {
      at = skipSpace(scan, at);
      const container = stack[open - 1] as number;
      if (bytes[at] === BYTE.comma) {
        at = skipSpace(scan, at + 1);
        if (container === BYTE.openObject) at = scanKey(scan, at);
        if (at < 0) return at;
        break;
      }
      // Closing brackets are two above their opening ones.
      if (bytes[at] !== container + 2) return fail(scan, at, container === BYTE.openObject ? '"," or "}"' : '"," or "]"');
      at += 1;
      open -= 1;
    }
    if (open === 0) return at;
  }
}

function failDeep(scan: Scan, at: number): number {
  scan.expected = `at most ${scan.maxDepth} levels of nesting`;
  scan.tooDeep = true;
  return ~at;
}

/** Reads `"key" :` and the space after it. */
function scanKey(scan: Scan, from: number): number {
  if (scan.bytes[from] !== BYTE.quote) return fail(scan, from, 'a key in quotes');
  const end = scanString(scan, from + 1);
  return end < 0 ? end : scanColon(scan, end);
}

/** Reads `:` and the space around it; returns the start of the value. */
export function scanColon(scan: Scan, from: number): number {
  const at = skipSpace(scan, from);
  return scan.bytes[at] === BYTE.colon ? skipSpace(scan, at + 1) : fail(scan, at, '":"');
}

function scanScalar(scan: Scan, at: number): number {
  const byte = scan.bytes[at] as number;
  if (byte === BYTE.quote) return scanString(scan, at + 1);
  if (byte === BYTE.minus || (byte >= BYTE.zero && byte <= BYTE.nine)) return scanNumber(scan, at);
  if (byte === 0x74) return scanWord(scan, at, TRUE);
  if (byte === 0x66) return scanWord(scan, at, FALSE);
  if (byte === 0x6e) return scanWord(scan, at, NULL);
  return fail(scan, at, 'a value');
}

const TRUE = Uint8Array.from(Buffer.from('true'));
const FALSE = Uint8Array.from(Buffer.from('false'));
const NULL = Uint8Array.from(Buffer.from('null'));

function scanWord(scan: Scan, start: number, word: Uint8Array): number {
  const { bytes } = scan;
  for (let index = 1; index < word.length; index += 1) {
    if (bytes[start + index] !== word[index]) return fail(scan, start + index, `"${Buffer.from(word)}"`);
  }
  return start + word.length;
}

/** Reads a string from after its opening quote to after its closing one. */
export function scanString(scan: Scan, from: number): number {
  const { bytes, view } = scan;
  let at = from;
  for (;;) {
    // Four bytes at a time while none of them is a quote, a backslash or a control character
    // ("Determine if a word has a zero byte" and "… a byte less than n", Bit Twiddling Hacks).
    const word = view.getInt32(at, true);
    const quotes = word ^ 0x22222222;
    const slashes = word ^ 0x5c5c5c5c;
    const special = (((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes) | ((word - 0x20202020) & ~word)) & 0x80808080;
    if (special === 0) {
      at += 4;
      continue;
    }
    // The lowest flag is exact; those above it may be borrowed.
    at += (31 - Math.clz32(special & -special)) >> 3;
    const byte = bytes[at] as number;
    if (byte === BYTE.quote) return at + 1;
    if (byte !== BYTE.backslash) return fail(scan, at, 'a character that may stand in a string or a closing quote');
    at = scanEscape(scan, at + 1);
    if (at < 0) return at;
  }
}

/** Reads an escape from after its backslash. */
function scanEscape(scan: Scan, at: number): number {
  const byte = scan.bytes[at] as number;
  if (byte === 0x75) {
    for (let digit = at + 1; digit < at + 5; digit += 1) {
      if (!isHexDigit(scan.bytes[digit] as number)) return fail(scan, digit, 'four hex digits after \\u');
    }
    return at + 5;
  }
  // " \ / b f n r t
  const known = byte === 0x22 || byte === 0x5c || byte === 0x2f || byte === 0x62 || byte === 0x66;
  if (known || byte === 0x6e || byte === 0x72 || byte === 0x74) return at + 1;
  return fail(scan, at, 'one of " \\ / b f n r t u after a backslash');
}

function isHexDigit(byte: number): boolean {
  return (byte >= BYTE.zero && byte <= BYTE.nine) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** Reads a number that starts with `-` or a digit. */
export function scanNumber(scan: Scan, start: number): number {
  const { bytes } = scan;
  let at = bytes[start] === BYTE.minus ? start + 1 : start;
  if (bytes[at] === BYTE.zero) at += 1;
  else {
    const end = skipDigits(bytes, at);
    if (end === at) return fail(scan, at, 'a digit');
    at = end;
  }
  if (bytes[at] === BYTE.dot) {
    const end = skipDigits(bytes, at + 1);
    if (end === at + 1) return fail(scan, end, 'a digit after the point');
    at = end;
  }
  if (((bytes[at] as number) | 0x20) !== 0x65) return at;
  at += bytes[at + 1] === BYTE.plus || bytes[at + 1] === BYTE.minus ? 2 : 1;
  const end = skipDigits(bytes, at);
  return end === at ? fail(scan, at, 'a digit in the exponent') : end;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] as number) >= BYTE.zero && (bytes[at] as number) <= BYTE.nine) at += 1;
  return at;
}
