import type { SlicingBuffer } from './span.ts';

const FIRST_PLACES = 64;
const FIRST_ROOM = 1024;

/**
 * Numbers for texts, from 0 on, and the texts of the numbers. Texts stand packed in bytes, one behind the other, so that hundreds of
 * thousands of them take little more than their length; a Map of strings takes five times as much.
 */
export class TextTable {
  /** A text's number plus one, at a place that its hash tells. */
  private places = new Int32Array(FIRST_PLACES);
  /** Where the text of a number ends in `bytes`; it begins where the one before ends. */
  private ends = new Uint32Array(FIRST_PLACES);
  /** 1: two bytes a character, for texts beyond Latin-1. */
  private wide = new Uint8Array(FIRST_PLACES);
  private bytes = Buffer.alloc(FIRST_ROOM) as SlicingBuffer;
  private count = 0;

  /** How many texts there are. */
  get size(): number {
    return this.count;
  }

  /** The number of a text, or -1 if it has none. */
  numberOf(text: string): number {
    return (this.places[this.placeOf(text)] as number) - 1;
  }

  /** The number of a text, which gets the next one if it has none. */
  add(text: string): number {
    const place = this.placeOf(text);
    const known = this.places[place] as number;
    if (known > 0) return known - 1;
    const number = this.count;
    if (number === this.ends.length) this.growTexts();
    this.append(number, text);
    this.count += 1;
    this.places[place] = this.count;
    if (this.count * 2 > this.places.length) this.growPlaces();
    return number;
  }

  /** The text of a number. */
  text(number: number): string {
    const from = this.startOf(number);
    const to = this.ends[number] as number;
    return this.wide[number] === 1 ? this.bytes.toString('utf16le', from, to) : this.bytes.latin1Slice(from, to);
  }

  private startOf(number: number): number {
    return number === 0 ? 0 : (this.ends[number - 1] as number);
  }

  /** Where a text's number stands, or would stand. */
  private placeOf(text: string): number {
    const { places } = this;
    const mask = places.length - 1;
    let place = hashText(text) & mask;
    while (places[place] !== 0 && !this.equals((places[place] as number) - 1, text)) place = (place + 1) & mask;
    return place;
  }

  private equals(number: number, text: string): boolean {
    const { bytes } = this;
    const from = this.startOf(number);
    const isWide = this.wide[number] === 1;
    if ((this.ends[number] as number) - from !== (isWide ? 2 * text.length : text.length)) return false;
    for (let index = 0; index < text.length; index += 1) {
      const at = isWide ? from + 2 * index : from + index;
      const code = isWide ? (bytes[at] as number) + 256 * (bytes[at + 1] as number) : bytes[at];
      if (code !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  private append(number: number, text: string): void {
    const start = this.startOf(number);
    const isWide = isBeyondLatin1(text);
    const end = start + (isWide ? 2 * text.length : text.length);
    while (end > this.bytes.length) this.growBytes();
    this.bytes.write(text, start, isWide ? 'utf16le' : 'latin1');
    this.wide[number] = isWide ? 1 : 0;
    this.ends[number] = end;
  }

  private growBytes(): void {
    const grown = Buffer.alloc(this.bytes.length * 2) as SlicingBuffer;
    grown.set(this.bytes);
    this.bytes = grown;
  }

  private growTexts(): void {
    const ends = new Uint32Array(this.ends.length * 2);
    ends.set(this.ends);
    this.ends = ends;
    const wide = new Uint8Array(ends.length);
    wide.set(this.wide);
    this.wide = wide;
  }

  private growPlaces(): void {
    this.places = new Int32Array(this.places.length * 2);
    for (let number = 0; number < this.count; number += 1) this.places[this.placeOf(this.text(number))] = number + 1;
  }
}

function isBeyondLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0xff) return true;
  return false;
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
