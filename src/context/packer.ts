import type { SlicingBuffer } from '../event/span.ts';
import { SpanCache } from '../event/span-cache.ts';
import { withItem } from './few.ts';

const FIRST_ROOM = 4096;

/** Lengths up to this stand in one byte; longer ASCII texts, other texts and no text at all have a mark in its place. */
const SHORT = 0xfc;
const LONG = 0xfd;
const WIDE = 0xfe;
const NONE = 0xff;

/** Writes plain values one after another into bytes that grow as needed. */
export class Packer {
  private room = Buffer.allocUnsafeSlow(FIRST_ROOM) as SlicingBuffer;
  private view = new DataView(this.room.buffer);
  private at = 0;

  /** Begins anew; what {@link packed} gave is written over. */
  restart(): void {
    this.at = 0;
  }

  /** All that was written, until the next `restart`. */
  packed(): Uint8Array {
    return new Uint8Array(this.room.buffer, 0, this.at);
  }

  byte(value: number): void {
    this.ensure(1);
    this.room[this.at++] = value;
  }

  /** A number, or undefined. */
  number(value: number | undefined): void {
    this.ensure(8);
    this.view.setFloat64(this.at, value ?? Number.NaN, true);
    this.at += 8;
  }

  /** A count from 0 to 2^32. */
  count(value: number): void {
    if (value < NONE) {
      this.byte(value);
      return;
    }
    this.ensure(5);
    this.room[this.at] = NONE;
    this.view.setUint32(this.at + 1, value, true);
    this.at += 5;
  }

  /** A text, or undefined. Every code unit is kept, also of what is no well-formed text. */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.byte(NONE);
      return;
    }
    const { length } = value;
    this.ensure(3 * length + 5);
    const at = this.at + (length <= SHORT ? 1 : 5);
    // As many bytes as code units: all of it is ASCII.
    if (this.room.utf8Write(value, at, 3 * length) !== length) {
      this.wide(value);
      return;
    }
    this.head(length <= SHORT ? length : LONG, length);
    this.at = at + length;
  }

  /** Several texts. */
  texts(values: readonly string[]): void {
    this.count(values.length);
    for (const value of values) this.text(value);
  }

  private wide(value: string): void {
    this.head(WIDE, value.length);
    let at = this.at + 5;
    for (let index = 0; index < value.length; index += 1, at += 2) this.view.setUint16(at, value.charCodeAt(index), true);
    this.at = at;
  }

  private head(mark: number, length: number): void {
    this.room[this.at] = mark;
    if (mark > SHORT) this.view.setUint32(this.at + 1, length, true);
  }

  private ensure(need: number): void {
    if (this.at + need <= this.room.length) return;
    const grown = Buffer.allocUnsafeSlow((this.at + need) * 2);
    grown.set(this.room);
    this.room = grown as SlicingBuffer;
    this.view = new DataView(grown.buffer);
  }
}

/** A cache; it changes no result. */
const names = new SpanCache<string>(8192);

/** Reads what a {@link Packer} wrote, in the same order. */
export class Unpacker {
  private readonly bytes: SlicingBuffer;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as SlicingBuffer;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.view.getUint8(this.at++);
  }

  number(): number {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  /** A number that may be undefined. */
  maybeNumber(): number | undefined {
    const value = this.number();
    return Number.isNaN(value) ? undefined : value;
  }

  count(): number {
    const value = this.byte();
    return value < NONE ? value : this.length();
  }

  text(): string {
    return this.maybeText() ?? '';
  }

  /** A text that may be undefined. */
  maybeText(): string | undefined {
    const mark = this.byte();
    if (mark === NONE) return undefined;
    if (mark === WIDE) return this.wide(this.length());
    const length = mark === LONG ? this.length() : mark;
    this.at += length;
    return this.bytes.latin1Slice(this.at - length, this.at);
  }

  /** The same for a name that many calls have in common: they share one string. */
  maybeName(): string | undefined {
    const { at, bytes } = this;
    const length = bytes[at] as number;
    if (length > SHORT || length === 0) return this.maybeText();
    const start = at + 1;
    this.at = start + length;
    const found = names.get(this.view, start, this.at);
    if (found !== undefined) return found;
    const name = bytes.latin1Slice(start, this.at);
    names.put(this.view, start, this.at, name);
    return name;
  }

  name(): string {
    return this.maybeName() ?? '';
  }

  list<T>(read: () => T): T[] {
    let items: T[] = [];
    for (let left = this.count(); left > 0; left -= 1) items = withItem(items, read());
    return items;
  }

  private length(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  private wide(length: number): string {
    let text = '';
    for (let left = length; left > 0; left -= 1, this.at += 2) text += String.fromCharCode(this.view.getUint16(this.at, true));
    return text;
  }
}
