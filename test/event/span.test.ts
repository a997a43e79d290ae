import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { bytesOf, copySpan, hashSpan, sameSpan } from '../../src/event/span.ts';

/** Text of all lengths around the words in which it is read, with bytes of every kind that UTF-8 has. */
const texts = fc.string({ unit: fc.constantFrom('a', '"', '\u007f', 'é', '中', '\u{10ffff}', '\u{40000}'), maxLength: 14 });

describe('a span of text', () => {
  test.prop([texts, fc.nat(9), fc.nat(9)])('is copied byte for byte and nothing beside it, wherever it stands', (text, from, to) => {
    const body = Buffer.from(text);
    const source = bytesOf(Buffer.concat([Buffer.alloc(from, 'x'), body, Buffer.alloc(8, 'y')]));
    const target = bytesOf(Buffer.alloc(to + body.length + 8, '-'));
    const end = from + body.length;
    expect(copySpan(target.view, to, source.view, from, end)).toBe(to + body.length);
    expect(Buffer.from(target.bytes).equals(Buffer.concat([Buffer.alloc(to, '-'), body, Buffer.alloc(8, '-')]))).toBe(true);
    expect(sameSpan(source.view, from, end, target.view, to)).toBe(true);
    expect(hashSpan(target.view, to, to + body.length)).toBe(hashSpan(source.view, from, end));
  });

  test.prop([texts.filter((text) => text !== ''), fc.nat()])('differs from any other in one byte', (text, seed) => {
    const one = bytesOf(Buffer.from(text));
    const other = bytesOf(Buffer.from(text));
    const { length } = one.bytes;
    other.bytes[seed % length] = 0x20;
    expect(sameSpan(one.view, 0, length, other.view, 0)).toBe(false);
  });
});
