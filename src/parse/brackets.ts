import { BYTE } from './bytes.ts';

/** Where a value ends, by its brackets and quotes alone: for values that are too long or too deep to be read. */
export interface BracketState {
  /** A line that starts with `{` starts the next value, whatever is open. */
  readonly lines: boolean;
  depth: number;
  inString: boolean;
  /** The next byte follows a backslash in a string. */
  escaped: boolean;
}

/** The state before a value's first byte. */
export function createBrackets(lines: boolean): BracketState {
  return { lines, depth: 0, inString: false, escaped: false };
}

/** 1 for bytes that may change the state; most do not. */
const MATTERS = new Uint8Array(256);
MATTERS.fill(1, 0, BYTE.space + 1);
for (const byte of '"\\{}[],') MATTERS[byte.charCodeAt(0)] = 1;

/** Bytes looked at in one call: a function that is called often is compiled well, one long loop is not. */
const STRIDE = 4096;

/** Goes on through `[from, end)`; returns the offset after the value, or -1 if it does not end there. */
export function findEnd(state: BracketState, bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += STRIDE) {
    const found = findEndWithin(state, bytes, at, Math.min(end, at + STRIDE), end);
    if (found >= 0) return found;
  }
  return -1;
}

function findEndWithin(state: BracketState, bytes: Uint8Array, from: number, end: number, dataEnd: number): number {
  const { lines } = state;
  let { depth, inString } = state;
  let found = -1;
  let at = state.escaped ? from + 1 : from;
  for (; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (MATTERS[byte] === 0) continue;
    if (lines && byte === BYTE.lf && at + 1 < dataEnd && bytes[at + 1] === BYTE.openObject) {
      found = at;
      break;
    }
    if (inString) {
      if (byte === BYTE.backslash) at += 1;
      else if (byte === BYTE.quote) inString = false;
      else continue;
    } else if (byte === BYTE.openObject || byte === BYTE.openArray) depth += 1;
    else if (byte === BYTE.quote) inString = true;
    else if (depth === 0 && byte !== BYTE.backslash) {
      found = at;
      break;
    } else if (byte === BYTE.closeObject || byte === BYTE.closeArray) depth -= 1;
    else continue;
    if (depth === 0 && !inString) {
      found = at + 1;
      break;
    }
  }
  state.depth = depth;
  state.inString = inString;
  state.escaped = found < 0 && at > end;
  return found;
}
