import { describe, expect, test } from 'vitest';
import { brief, readAll } from './read.ts';

const MIB = 1024 * 1024;
/** Buffers that are free but not yet collected. */
const GARBAGE = 160 * MIB;

async function* filled(start: string, byte: string, mebibytes: number, end: string): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(256 * 1024, byte);
  yield Buffer.from(start);
  for (let sent = 0; sent < mebibytes * MIB; sent += chunk.length) yield chunk;
  yield Buffer.from(end);
}

/** Reads, and tells how far memory outside the heap grew: that is where a line would be kept. */
async function growthOf(chunks: AsyncIterable<Uint8Array>, options = {}) {
  const before = process.memoryUsage();
  let peak = 0;
  async function* watched() {
    for await (const chunk of chunks) {
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      peak = Math.max(peak, arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed);
      yield chunk;
    }
  }
  const outcome = await readAll(watched(), options);
  return { outcome, peak };
}

describe('limits', () => {
  test.each<[string, string, string, string, string, number?]>([
    ['a line without end', '{"a":1}\n{"a":"', 'x', '"}\n{"b":2}\n', 'ndjson'],
    ['a line of blanks', '{"a":1}\n', ' ', '\n{"b":2}\n', 'ndjson'],
    ['an element without end', '[{"a":1},{"a":"', 'x', '"},{"b":2}]', 'array'],
    ['a number without end', '[{"a":1},', '1', ',{"b":2}]', 'array'],
    ['an element of endless depth', '[{"a":1},', '[', '', 'array', 32],
    ['a value without end', '{"a":1}{"a":"', 'x', '"}{"b":2}', 'concatenated'],
    ['damage without end', '{"a":1}{"a":x', 'x', '\n{"b":2}', 'concatenated'],
  ])('%s is counted, not stored', async (_what, start, byte, end, format, mebibytes = 256) => {
    const { outcome, peak } = await growthOf(filled(start, byte, mebibytes, end));
    expect(outcome.format).toBe(format);
    if (end === '') expect(outcome).toMatchObject({ items: [{}], position: 8, error: { code: 'array-damaged' } });
    else expect(brief(outcome)).toEqual(['{"a":1}', 'too-long', '{"b":2}']);
    const long = outcome.items[1];
    if (long !== undefined && 'code' in long) expect([long.length >= mebibytes * MIB, long.raw.length]).toEqual([true, 4096]);
    expect(peak).toBeLessThan(GARBAGE);
  });

  test('a first value without end decides nothing and is stored nowhere', async () => {
    const { outcome, peak } = await growthOf(filled('{"a":"', 'x', 64, '"}\n{"b":2}\n'));
    expect(brief(outcome)).toEqual(['too-long', '{"b":2}']);
    expect(peak).toBeLessThan(GARBAGE);
  });

  test('lines of nothing are counted and not kept', async () => {
    const { outcome, peak } = await growthOf(filled('', '\n', 16, '{"b":2}'));
    expect(outcome).toMatchObject({ items: [{ text: '{"b":2}', line: 16 * MIB + 1 }], blanks: 16 * MIB });
    expect(peak).toBeLessThan(GARBAGE);
  });

  test.each([65, 100_000, 5_000_000])('%i levels in a line are refused, whatever maxLine allows', async (depth) => {
    const text = `{"a":1}\n{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}\n{"b":2}\n`;
    for (const format of ['ndjson', 'concatenated'] as const) {
      expect(brief(await readAll(text, { maxLine: 64 * MIB, format }))).toEqual(['{"a":1}', 'too-deep', '{"b":2}']);
    }
    const array = await readAll(`[${text.trim().replaceAll('\n', ',')}]`, { maxLine: 64 * MIB });
    expect(brief(array)).toEqual(['{"a":1}', 'too-deep', '{"b":2}']);
  });

  test('maxLine cannot be raised over 64 MiB', async () => {
    const { outcome } = await growthOf(filled('{"a":"', 'x', 65, '"}\n{"b":2}\n'), { maxLine: 1024 * MIB });
    expect(outcome.items).toMatchObject([{ code: 'too-long', message: `expected at most ${64 * MIB} bytes, got ${65 * MIB + 8}` }, {}]);
  });

  test('a record of 10 MiB in chunks of 1 KiB takes linear time', async () => {
    const record = Buffer.from(`{"a":"${'x'.repeat(10 * MIB)}"}\n`);
    async function* small() {
      for (let at = 0; at < record.length; at += 1024) yield record.subarray(at, at + 1024);
    }
    const started = performance.now();
    const { items } = await readAll(small(), { maxLine: 64 * MIB });
    expect(items).toMatchObject([{ line: 1 }]);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('a hundred thousand keys are no harm', async () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `"k${index}":${index}`);
    const { items } = await readAll(`{${keys.join(',')}}\n{"b":2}\n`);
    expect(items).toMatchObject([{ values: { k59999: '59999' } }, { text: '{"b":2}' }]);
  });
});
