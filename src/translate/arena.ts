const CHUNK = 256 * 1024;

/** A place to write outputs one after another; whole events stand in one chunk, so that neighbours can be written to a file at once. */
export interface Arena {
  /** The chunk being written to, and the next free byte in it. */
  bytes: Uint8Array;
  at: number;
}

/** An empty arena. */
export function createArena(): Arena {
  return { bytes: new Uint8Array(CHUNK), at: 0 };
}

/** Makes room for `need` more bytes of an event that began at `from`; the begun part moves along. Returns the new start of the event. */
export function ensure(arena: Arena, from: number, need: number): number {
  if (arena.at + need <= arena.bytes.length) return from;
  const begun = arena.bytes.subarray(from, arena.at);
  const larger = new Uint8Array(Math.max(CHUNK, (begun.length + need) * 2));
  larger.set(begun);
  arena.bytes = larger;
  arena.at = begun.length;
  return 0;
}

const encoder = new TextEncoder();
const SHORT = 64;

/** Appends a span of other bytes. The room must have been made. */
export function writeSpan(arena: Arena, source: Uint8Array, start: number, end: number): void {
  const { bytes } = arena;
  let at = arena.at;
  if (end - start > SHORT) {
    bytes.set(source.subarray(start, end), at);
    arena.at = at + end - start;
    return;
  }
  for (let i = start; i < end; i += 1) bytes[at++] = source[i] as number;
  arena.at = at;
}

/** Appends a string as a JSON string. The room (3 bytes a code unit of plain text, more for escapes: 6) must have been made. */
export function writeString(arena: Arena, text: string): void {
  const { bytes } = arena;
  let at = arena.at;
  bytes[at++] = 0x22;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) {
      writeRaw(arena, JSON.stringify(text));
      return;
    }
    bytes[at++] = code;
  }
  bytes[at++] = 0x22;
  arena.at = at;
}

/** Appends text as it is, in UTF-8. */
export function writeRaw(arena: Arena, text: string): void {
  const { written } = encoder.encodeInto(text, arena.bytes.subarray(arena.at));
  arena.at += written;
}
