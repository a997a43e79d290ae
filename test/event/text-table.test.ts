import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { TextTable } from '../../src/event/text-table.ts';

const texts = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('', 'a', 'ÿ', 'Ā', '中文', '\ud800')), {
  maxLength: 400,
});

describe('a table of texts', () => {
  test.prop([texts])('gives every text a number of its own, and the text back', (all) => {
    const table = new TextTable();
    const numbers = new Map<string, number>();
    for (const text of all) {
      const number = table.add(text);
      expect(numbers.get(text) ?? number).toBe(number);
      numbers.set(text, number);
    }
    expect(table.size).toBe(numbers.size);
    expect([...numbers.values()]).toEqual([...numbers.keys()].map((_, index) => index));
    for (const [text, number] of numbers) expect([table.numberOf(text), table.text(number)]).toEqual([number, text]);
  });

  it('tells texts apart that begin alike and meet at one place', () => {
    const table = new TextTable();
    const all = Array.from({ length: 600 }, (_, length) => 'x'.repeat(length));
    expect(all.map((text) => table.add(text))).toEqual(all.map((_, index) => index));
    expect(all.map((text) => table.numberOf(text))).toEqual(all.map((_, index) => index));
  });

  it('does not take a text for one that only begins or is spelled like it', () => {
    const table = new TextTable();
    table.add('Aa');
    // The bytes of "慁" in UTF-16 are those of "Aa".
    for (const other of ['A', 'Aa ', 'aA', '慁', '']) expect(table.numberOf(other)).toBe(-1);
    expect([table.add('慁'), table.text(1), table.text(0)]).toEqual([1, '慁', 'Aa']);
  });
});
