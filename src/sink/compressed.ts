import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { EXIT, UpcastError } from '../errors.ts';
import type { RawFile } from './buffered.ts';

/** How an output is compressed. */
export type Compression = 'gzip' | 'zstd';

/** The compression that the name of an output asks for. */
export function compressionOf(path: string): Compression | undefined {
  if (path.endsWith('.gz')) return 'gzip';
  return path.endsWith('.zst') ? 'zstd' : undefined;
}

/**
 * Compresses what is written to a file: one gzip member or zstd frame from one `sync` to the next, so that the file can be cut back to any
 * `sync` and go on there. `hasMembers`: the file holds some already.
 */
export function createCompressedFile(file: RawFile, compression: Compression, hasMembers: boolean): RawFile {
  let member: Member | undefined;
  let isEmpty = !hasMembers;
  const open = async (): Promise<Member> => {
    isEmpty = false;
    return createMember(await createEncoder(compression), file);
  };
  const end = async (): Promise<void> => {
    await member?.end();
    member = undefined;
  };
  return {
    wholePieces: true,
    async write(bytes, length) {
      member ??= await open();
      await member.write(bytes.subarray(0, length));
    },
    async sync() {
      await end();
      return file.sync();
    },
    async finish() {
      // No bytes at all would not be a compressed file.
      if (isEmpty) member = await open();
      await end();
      await file.finish();
    },
    async abandon() {
      member?.destroy();
      await file.abandon();
    },
    async remove() {
      member?.destroy();
      await file.remove();
    },
  };
}

interface Member {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  destroy(): void;
}

function createMember(encoder: Transform, file: RawFile): Member {
  let out: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => out.push(chunk));
  const failed = new Promise<never>((_, reject) => encoder.once('error', reject));
  failed.catch(() => {});
  const pass = async (): Promise<void> => {
    const ready = out;
    out = [];
    for (const chunk of ready) await file.write(chunk, chunk.length);
  };
  return {
    async write(bytes) {
      await Promise.race([failed, new Promise<void>((resolve) => encoder.write(bytes, () => resolve()))]);
      await pass();
    },
    async end() {
      await Promise.race([
        failed,
        new Promise<void>((resolve) => {
          encoder.once('end', resolve);
          encoder.end();
        }),
      ]);
      await pass();
    },
    destroy() {
      encoder.destroy();
    },
  };
}

async function createEncoder(compression: Compression): Promise<Transform> {
  if (compression === 'gzip') return zlib.createGzip();
  // Node 22.15 and later.
  const { createZstdCompress } = zlib as { createZstdCompress?: () => Transform };
  if (createZstdCompress !== undefined) return createZstdCompress();
  try {
    // Optional: a name that the compiler does not look for.
    const name = 'zstd-napi';
    const { CompressStream } = (await import(name)) as { CompressStream: new () => Transform };
    return new CompressStream();
  } catch (cause) {
    throw new UpcastError({
      code: 'zstd-unavailable',
      exit: EXIT.config,
      message: `this Node (${process.version}) cannot write zstd, and the package zstd-napi is not installed`,
      hint: 'use Node 22.15 or later, run `npm install zstd-napi`, or write .gz',
      cause,
    });
  }
}
