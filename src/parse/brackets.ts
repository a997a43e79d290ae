import { BYTE } from './bytes.ts';

/** Where a value ends, by its brackets and quotes alone: for values that are too long or too deep to be read. */
export interface BracketState {
  /** A line that starts with `{` starts the next value, whatever is open. */
  readonly lines: boolean;
  depth: number;
  inString: boolean;
  escaped: boolean;
}

/** The state before a value's first byte. */
export function createBrackets(lines: boolean): BracketState {
  return { lines, depth: 0, inString: false, escaped: false };
}

/** Goes on through `[from, end)`; returns the offset after the value, or -1 if it does not end there. */
export function findEnd(state: BracketState, bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (state.lines && byte === BYTE.lf && bytes[at + 1] === BYTE.openObject && at + 1 < end) return at;
    if (state.inString) stepInString(state, byte);
    else if (byte === BYTE.openObject || byte === BYTE.openArray) state.depth += 1;
    else if (byte === BYTE.quote) state.inString = true;
    else if (state.depth === 0 && endsScalar(byte)) return at;
    else if (byte === BYTE.closeObject || byte === BYTE.closeArray) state.depth -= 1;
    else continue;
    if (state.depth === 0 && !state.inString) return at + 1;
  }
  return -1;
}

function stepInString(state: BracketState, byte: number): void {
  if (state.escaped) state.escaped = false;
  else if (byte === BYTE.backslash) state.escaped = true;
  else if (byte === BYTE.quote) state.inString = false;
}

function endsScalar(byte: number): boolean {
  return byte <= BYTE.space || byte === BYTE.comma || byte === BYTE.closeArray || byte === BYTE.closeObject;
}
