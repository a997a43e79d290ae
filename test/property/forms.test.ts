import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ndjson, run, type Stream, streamOf } from './streams.ts';

/** Same input, mapping and settings: the same output bytes, whatever the form and the portions (semantics, section 4). */
const OPTIONS = { calls: 30, open: 8, jitter: 2500, duplicates: 0.05, loss: 0.02, seed: 'forms' };
let stream: Stream;
let expected: Buffer;

beforeAll(async () => {
  stream = streamOf(OPTIONS);
  expected = (await run(ndjson(stream.lines), { ids: stream.ids })).bytes;
  expect(expected.length).toBeGreaterThan(100_000);
});

/** Cuts bytes at shares of their length, and the piece after each cut into pieces of a few bytes. */
function cutAt(bytes: Uint8Array, cuts: readonly number[], tiny: number): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * bytes.length)))].sort((a, b) => a - b);
  const all = places
    .flatMap((place) => [place, place + tiny, place + 2 * tiny, place + 2 * tiny + 1])
    .filter((place) => place < bytes.length);
  const borders = [0, ...new Set(all.sort((a, b) => a - b)), bytes.length];
  return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border));
}

const FORMS: Record<string, (lines: readonly string[]) => Uint8Array> = {
  ndjson: (lines) => Buffer.from(lines.join('\n')),
  'ndjson with CRLF, blank lines and a byte order mark': (lines) => Buffer.from(`\uFEFF${lines.join('\r\n\r\n')}\r\n`),
  'an array': (lines) => Buffer.from(`[${lines.join(',')}]`),
  'an array with white space': (lines) => Buffer.from(` [\n  ${lines.join(' ,\n  ')}\n]\n`),
  'concatenated values': (lines) => Buffer.from(lines.join('')),
  'concatenated values over several lines': (lines) => Buffer.from(lines.map((line) => line.replaceAll(',"', ',\n  "')).join(' ')),
  'gzipped ndjson': (lines) => gzipSync(lines.join('\n')),
  'gzip members': (lines) =>
    Buffer.concat(
      lines.map((line) => `${line}\n`).flatMap((line, at) => (at % 100 === 0 ? [gzipSync(line)] : [gzipSync(line, { level: 1 })])),
    ),
  'a gzipped array': (lines) => gzipSync(`[${lines.join(',')}]`),
};

/** Optional: where it is missing, the tests of the parser say so loudly. */
const zstd = (await import('zstd-napi' as string).catch(() => undefined)) as { compress(bytes: Uint8Array): Buffer } | undefined;
if (zstd !== undefined) {
  FORMS['zstd frames'] = (lines) => {
    const middle = Math.floor(lines.length / 2);
    const frame = (part: readonly string[]): Buffer => zstd.compress(Buffer.from(part.map((line) => `${line}\n`).join('')));
    return Buffer.concat([frame(lines.slice(0, middle)), frame(lines.slice(middle))]);
  };
}

describe.each(Object.keys(FORMS))('as %s', (form) => {
  it('any chunking of the input gives the same output bytes', async () => {
    const bytes = (FORMS[form] as (lines: readonly string[]) => Uint8Array)(stream.lines);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(share, { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(1, 1000, 262_144),
        async (cuts, tiny, blockSize) => {
          const ran = await run(cutAt(bytes, cuts, tiny), { ids: stream.ids, read: { blockSize } });
          expect(ran.bytes.equals(expected)).toBe(true);
          expect(ran.imbalances).toEqual([]);
        },
      ),
      { numRuns: 8, seed: 20210314 },
    );
  });
});

it('byte by byte is the same too', async () => {
  const lines = stream.lines.slice(0, 150);
  const whole = await run(ndjson(lines), { ids: stream.ids });
  const bytes = Buffer.from(lines.join('\n'));
  const pieces = await run(
    Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
    { ids: stream.ids, read: { blockSize: 1 } },
  );
  expect(pieces.bytes.equals(whole.bytes)).toBe(true);
});

it.each([
  ['millis', 'camel'],
  ['local', 'pascal'],
  ['iso', 'camel'],
] as const)('time form %s and casing %s give the output of ISO times and the usual casing', async (time, casing) => {
  const other = streamOf({ ...OPTIONS, time, casing });
  const ran = await run(ndjson(other.lines), { ids: other.ids });
  expect(ran.bytes.equals(expected)).toBe(true);
});
