import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBufferedSink } from '../../src/sink/buffered.ts';
import { openFileSink } from '../../src/sink/file.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { createTextSink } from '../../src/sink/text.ts';

/** An output file is whole or not there, and holds the bytes that were given, in order. */
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-sink-'));
  path = join(folder, 'out.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (force = false): Sink => openFileSink(path, { force });

function put(sink: Sink, text: string): void {
  const bytes = Buffer.from(text);
  sink.line(bytes, 0, bytes.length);
}

describe('a file', () => {
  it('is NAME.partial until it is finished, and NAME then', async () => {
    const sink = open();
    put(sink, '{}\n');
    sink.flush();
    await sink.drain();
    expect([existsSync(path), readFileSync(`${path}.partial`, 'utf8')]).toEqual([false, '{}\n']);
    await sink.finish();
    expect([existsSync(`${path}.partial`), readFileSync(path, 'utf8')]).toEqual([false, '{}\n']);
    expect([sink.lines, sink.bytes, sink.path]).toEqual([1, 3, path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('without any line is an empty file', async () => {
    await open().finish();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('that is there already is refused (73), and stays as it is', async () => {
    writeFileSync(path, 'mine');
    expect(() => open()).toThrowError(expect.objectContaining({ code: 'output-exists', exit: 73, place: path }));
    expect([readFileSync(path, 'utf8'), existsSync(`${path}.partial`)]).toEqual(['mine', false]);
  });

  it('whose name somebody took while the run was stopped is refused (73) on resume, and stays as it is', async () => {
    const sink = open();
    put(sink, '{}\n');
    const resume = { ...(await sink.sync()), plain: 3 };
    await sink.abandon();
    writeFileSync(path, 'mine');
    expect(() => openFileSink(path, { force: false, resume })).toThrowError(expect.objectContaining({ code: 'output-exists', exit: 73 }));
    expect([readFileSync(path, 'utf8'), readFileSync(`${path}.partial`, 'utf8')]).toEqual(['mine', '{}\n']);
    await openFileSink(path, { force: true, resume }).finish();
    expect(readFileSync(path, 'utf8')).toBe('{}\n');
  });

  it('that is there already is replaced with force, only when the new one is complete', async () => {
    writeFileSync(path, 'mine');
    const sink = open(true);
    put(sink, 'new\n');
    sink.flush();
    await sink.drain();
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await sink.finish();
    expect(readFileSync(path, 'utf8')).toBe('new\n');
  });

  it('that is abandoned stays as NAME.partial; one that is removed is gone', async () => {
    const sink = open();
    put(sink, 'x\n');
    sink.flush();
    await sink.abandon();
    expect([existsSync(path), readFileSync(`${path}.partial`, 'utf8')]).toEqual([false, 'x\n']);
    const other = open();
    put(other, 'y\n');
    await other.remove();
    expect([existsSync(path), existsSync(`${path}.partial`)]).toEqual([false, false]);
  });

  it('replaces what an earlier run left unfinished', async () => {
    writeFileSync(`${path}.partial`, 'a long rest of an earlier run\n');
    const sink = open();
    put(sink, 'x\n');
    await sink.finish();
    expect(readFileSync(path, 'utf8')).toBe('x\n');
  });

  it('in a folder that does not exist is refused (73)', async () => {
    path = join(folder, 'missing', 'out');
    expect(() => open()).toThrowError(expect.objectContaining({ code: 'cannot-create', exit: 73, place: path }));
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  // The sink writes NAME.partial, so the device stands under that name.
  const full = async (): Promise<Sink> => {
    const { symlinkSync } = await import('node:fs');
    symlinkSync('/dev/full', `${path}.partial`);
    return open();
  };

  it('ends the run with exit 74 and says how much could not be written', async () => {
    const sink = await full();
    put(sink, 'x'.repeat(10));
    sink.flush();
    await expect(sink.drain()).rejects.toMatchObject({ code: 'disk-full', exit: 74, place: path });
    expect(() => {
      put(sink, 'y');
      sink.flush();
    }).toThrowError(expect.objectContaining({ code: 'disk-full' }));
    await sink.abandon();
    expect(existsSync(path)).toBe(false);
  });

  it('is noticed in the middle, not only at the end', async () => {
    const sink = await full();
    const line = Buffer.from(`${'x'.repeat(1000)}\n`);
    const writeMuch = async (): Promise<void> => {
      for (let count = 0; count < 5000; count += 1) {
        sink.line(new Uint8Array(line), 0, line.length);
        if (sink.pending > 0) await sink.drain();
      }
    };
    await expect(writeMuch()).rejects.toMatchObject({ code: 'disk-full', exit: 74 });
    await sink.abandon();
  });
});

describe('bytes', () => {
  const BUFFER = 1024 * 1024;

  it.each([BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 17])('of a line of %i bytes arrive whole and in their place', async (size) => {
    const sink = open();
    const large = `${'y'.repeat(size - 1)}\n`;
    for (const text of ['a\n', large, 'b\n', large, 'c\n']) put(sink, text);
    await sink.finish();
    expect(readFileSync(path, 'utf8') === `a\n${large}b\n${large}c\n`).toBe(true);
    expect([sink.lines, sink.bytes]).toEqual([5, 6 + 2 * size]);
  });

  it('of neighbouring lines and of scattered ones are the same to the file', async () => {
    const source = Buffer.from(Array.from({ length: 400 }, (_, index) => `line ${index}\n`).join(''));
    const starts = [0, ...[...source.keys()].filter((at) => source[at] === 0x0a).map((at) => at + 1)];
    const lines = starts.slice(0, -1).map((start, index) => [start, starts[index + 1] as number] as const);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: lines.length - 1 }), fc.nat({ max: 20 }), fc.boolean(), fc.boolean()), { maxLength: 60 }),
        async (runs) => {
          const written: Buffer[] = [];
          const raw = {
            wholePieces: false,
            sync: async () => ({ bytes: 0, crc32: 0 }),
            write: async (bytes: Uint8Array, length: number) => {
              // A slow disk: what is written must not have changed by then.
              await new Promise((resolve) => setImmediate(resolve));
              written.push(Buffer.from(bytes.slice(0, length)));
            },
            finish: async () => {},
            abandon: async () => {},
            remove: async () => {},
          };
          const sink = createBufferedSink('x', raw);
          const expected: Buffer[] = [];
          for (const [first, count, copied, flushed] of runs) {
            const bytes = copied ? new Uint8Array(source) : source;
            for (const [start, end] of lines.slice(first, first + count)) {
              sink.line(bytes, start, end);
              expected.push(source.subarray(start, end));
            }
            if (flushed) sink.flush();
          }
          expect(sink.bytes).toBe(Buffer.concat(expected).length);
          await sink.finish();
          expect(Buffer.concat(written).equals(Buffer.concat(expected))).toBe(true);
          expect(sink.lines).toBe(expected.length);
        },
      ),
      { numRuns: 200, seed: 20210314 },
    );
  });

  it('of text lines are its UTF-8, whatever was collected before', async () => {
    const sink = createTextSink(open());
    for (let index = 0; index < 20_000; index += 1) sink.line(`{"n":${index},"text":"通话 🎧"}\n`);
    sink.flush();
    await sink.sink.finish();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect([lines.length, lines[0], lines.at(-1), sink.sink.lines]).toEqual([
      20_000,
      '{"n":0,"text":"通话 🎧"}',
      '{"n":19999,"text":"通话 🎧"}',
      20_000,
    ]);
  });
});
