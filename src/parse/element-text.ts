import { crc32 } from 'node:zlib';
import { HEAD_KEPT } from './intake.ts';

/** A token of stream-json, values packed. */
export interface Token {
  readonly name: string;
  readonly value?: string | boolean | null;
}

/** The compact JSON text of one element, put together from tokens. */
export interface ElementText {
  /** Adds a token; true if the element is complete. */
  add(token: Token): boolean;
  /** The text's bytes, or undefined if it is longer than allowed. */
  bytes(): Uint8Array | undefined;
  clear(): void;
  /** What is known of an element that is longer than allowed. */
  readonly length: number;
  readonly crc: number;
  readonly head: Uint8Array;
}

/** Characters collected before they become bytes. */
const TEXT_SIZE = 64 * 1024;

/** Text of elements up to `maxLength` bytes; longer ones are counted, not stored. */
export function createElementText(maxLength: number): ElementText {
  let text = '';
  let parts: Uint8Array[] = [];
  let length = 0;
  let crc = 0;
  let depth = 0;
  let comma = false;

  function flush(): void {
    const bytes = Buffer.from(text, 'utf8');
    text = '';
    crc = crc32(bytes, crc);
    // Past the limit only what the head needs is kept.
    if (length <= maxLength || length < HEAD_KEPT) parts.push(bytes);
    else if (parts.length > 1) parts = [headOf(parts)];
    length += bytes.length;
  }

  function value(written: string): boolean {
    text += comma ? `,${written}` : written;
    comma = true;
    if (text.length > TEXT_SIZE) flush();
    return depth === 0;
  }

  function open(bracket: string): boolean {
    value(bracket);
    depth += 1;
    comma = false;
    return false;
  }

  function close(bracket: string): boolean {
    depth -= 1;
    comma = false;
    return value(bracket);
  }

  return {
    add({ name, value: given }) {
      const content = typeof given === 'string' ? given : '';
      if (name === 'startObject') return open('{');
      if (name === 'startArray') return open('[');
      if (name === 'endObject') return close('}');
      if (name === 'endArray') return close(']');
      if (name === 'stringValue') return value(JSON.stringify(content));
      if (name === 'numberValue') return value(content);
      if (name !== 'keyValue') return value(name === 'nullValue' ? 'null' : name === 'trueValue' ? 'true' : 'false');
      value(`${JSON.stringify(content)}:`);
      comma = false;
      return false;
    },
    bytes() {
      flush();
      return length > maxLength ? undefined : Buffer.concat(parts);
    },
    clear() {
      parts = [];
      text = '';
      length = 0;
      crc = 0;
      comma = false;
    },
    get length() {
      return length;
    },
    get crc() {
      return crc;
    },
    get head() {
      return headOf(parts);
    },
  };
}

function headOf(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts).subarray(0, HEAD_KEPT));
}
