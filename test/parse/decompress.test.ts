import { gzipSync } from 'node:zlib';
import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decompress } from '../../src/parse/decompress.ts';
import { brief, chunked, readAll } from './read.ts';

const LINES = Array.from({ length: 30 }, (_, index) => `{"eventType":"AgentRinging","n":${index}}\n`);
const TEXT = LINES.join('');
const FIRST = LINES.slice(0, 20).join('');
const MEMBERS = Buffer.concat([gzipSync(FIRST), gzipSync(TEXT.slice(FIRST.length))]);
/** `zstd -c` of {@link FIRST} and of the rest, the second without checksum, with skippable frames around them. */
const SKIPPABLE = Buffer.from('5a2a4d1803000000010203', 'hex');
const zstd = await zstdFrames();

async function zstdFrames(): Promise<Buffer | undefined> {
  try {
    const name = 'zstd-napi';
    const { compress } = (await import(name)) as { compress(data: Uint8Array, options?: object): Buffer };
    const frames = [FIRST, TEXT.slice(FIRST.length)].map((text, index) => compress(Buffer.from(text), { checksumFlag: index === 0 }));
    return Buffer.concat([SKIPPABLE, ...frames.flatMap((frame) => [frame, SKIPPABLE])]);
  } catch {
    process.stderr.write('SKIPPED: zstd-napi is not installed; zstd is not tested\n');
    return undefined;
  }
}

async function open(bytes: Uint8Array, size = bytes.length, allowTruncated = false) {
  const cuts = Array.from({ length: Math.ceil(bytes.length / Math.max(1, size)) }, (_, index) => index * size);
  const out: Buffer[] = [];
  try {
    for await (const chunk of decompress(chunked(bytes, cuts), { name: 'in.gz', allowTruncated })) out.push(Buffer.from(chunk));
  } catch (error) {
    return { text: Buffer.concat(out).toString(), error: error as { code: string; exit: number; place: string } };
  }
  return { text: Buffer.concat(out).toString(), error: undefined };
}

describe('decompress', () => {
  test.each(['', 'x', '{"a":1}\n', '\x1e{}', 'PK'])('%j is plain', async (text) => {
    expect(await open(Buffer.from(text), 1)).toEqual({ text, error: undefined });
  });

  const wholes: [string, Buffer][] = [['gzip', MEMBERS], ...(zstd === undefined ? [] : [['zstd', zstd] satisfies [string, Buffer]])];

  describe.each(wholes)('%s', (kind, whole) => {
    test('members and frames are read through, however the bytes arrive', async () => {
      for (const size of [1, 2, 3, 7, 64, whole.length]) expect(await open(whole, size)).toEqual({ text: TEXT, error: undefined });
    });

    test('every cut gives whole records up to it and a named error, or ends at a border', async () => {
      const ends = new Set<number>();
      // Below 4 bytes a skippable frame could be plain text.
      for (let cut = kind === 'gzip' ? 1 : 4; cut < whole.length; cut += 1) {
        const { text, error } = await open(whole.subarray(0, cut), 16);
        expect(TEXT.startsWith(text)).toBe(true);
        if (error === undefined) ends.add(cut);
        else expect(error).toMatchObject({ code: 'truncated-input', exit: 65 });
        if (error !== undefined) expect(error.place).toBe(`in.gz, decompressed byte ${Buffer.byteLength(text)}`);
        expect(await open(whole.subarray(0, cut), 16, true)).toEqual({ text, error: undefined });
      }
      expect([...ends].length).toBe(kind === 'gzip' ? 1 : 4);
    });

    test('records before the cut are read, and reading can go on from there when the file has grown', async () => {
      for (let cut = 40; cut < whole.length; cut += 23) {
        const broken = await readAll(decompress(chunked(whole.subarray(0, cut), []), { name: 'x' }), { blockSize: 8, format: 'ndjson' });
        const { position, line } = broken;
        expect(brief(broken)).toEqual(LINES.slice(0, line).map((each) => each.trim()));
        const rest = await readAll(chunked(Buffer.from(TEXT).subarray(position), []), {
          startOffset: position,
          startLine: line,
          format: 'ndjson',
        });
        expect(brief(rest)).toEqual(LINES.slice(line).map((each) => each.trim()));
      }
    });

    test.each(['x', '\0', '\0\0\0\0\0\0\0\0', '{"a":1}\n', '\x1f\x8c\x08'])('%j after it is refused, all data first', async (garbage) => {
      for (const size of [3, 4096]) {
        const { text, error } = await open(Buffer.concat([whole, Buffer.from(garbage, 'latin1')]), size);
        expect(text).toBe(TEXT);
        expect(error).toMatchObject({ code: 'trailing-garbage', exit: 65, place: `in.gz, decompressed byte ${TEXT.length}` });
      }
    });

    prop.prop([fc.nat(), fc.nat(7), fc.integer({ min: 1, max: 300 })], { numRuns: 300 })(
      'a flipped bit is never taken for the data, and never hangs',
      async (place, bit, size) => {
        const flipped = Buffer.from(whole);
        const at = place % flipped.length;
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        const { text, error } = await open(flipped, size);
        // Names, times and skippable contents may change; without a checksum (the second zstd frame) data may as well.
        if (error === undefined && kind === 'gzip' && isGzipStart(flipped)) expect(text).toBe(TEXT);
        if (error !== undefined) expect(error.exit).toBe(65);
      },
    );
  });

  test('a gzip member with all header fields is read', async () => {
    const plain = gzipSync(TEXT);
    const header = Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]);
    const bytes = Buffer.concat([header, Buffer.from('name\0comment\0'), Buffer.from([0, 0]), plain.subarray(10)]);
    for (const size of [1, 5, 1000]) expect(await open(bytes, size)).toEqual({ text: TEXT, error: undefined });
  });

  test('a gzip bomb is read in flat memory', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    let length = 0;
    let peak = 0;
    for await (const chunk of decompress(chunked(bomb, []), { name: 'bomb' })) {
      length += chunk.length;
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
    expect(length).toBe(256 * 1024 * 1024);
    expect(peak).toBeLessThan(64 * 1024 * 1024);
  });

  test.skipIf(zstd === undefined)('a zstd window over 128 MiB is refused', async () => {
    const { error } = await open(Buffer.from('28b52ffd0490010000', 'hex'));
    expect(error).toMatchObject({ code: 'zstd-window', exit: 65 });
  });

  test('who stops reading closes the source', async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield gzipSync(TEXT);
      } finally {
        closed = true;
      }
    }
    for await (const _ of decompress(source(), { name: 'x' })) break;
    expect(closed).toBe(true);
  });
});

function isGzipStart(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
