import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { EXIT, UpcastError } from '../errors.ts';
import type { Cursor } from './cursor.ts';
import type { Faults } from './decompress-faults.ts';
import type { Engine } from './engine.ts';
import { createEngine } from './engine.ts';

/** Largest window taken, as a power of two (what `zstd -d` takes without --long): 128 MiB. */
const WINDOW_LOG_MAX = 27;
const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const LAST_BLOCK = 1;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** Block_Maximum_Size (RFC 8878 section 3.1.1.2.4). */
const BLOCK_MAX = 128 * 1024;

/** True if bytes start a zstd frame or a skippable one (RFC 8878 section 3.1). */
export function isZstd(head: Uint8Array): boolean {
  const magic = magicOf(head);
  return magic === MAGIC || isSkippable(magic);
}

function magicOf(head: Uint8Array): number {
  return head.length < 4 ? 0 : Buffer.from(head).readUInt32LE(0);
}

function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE;
}

/**
 * Zstd frames one after another. They are walked block by block here, so that the output of each step is at most one block, truncation
 * and what follows a frame are seen, and all decoders behave alike.
 */
export async function* unzstd(cursor: Cursor, faults: Faults): AsyncGenerator<Uint8Array> {
  let engine: Engine | undefined;
  try {
    for (let head = await cursor.peek(4); head.length > 0; head = await cursor.peek(4)) {
      const magic = magicOf(head);
      if (isSkippable(magic)) await skipFrame(cursor, faults);
      else if (magic === MAGIC) {
        engine ??= createEngine(await createDecoder());
        yield* readFrame(cursor, faults, engine);
      } else if (head.length < 4 && startsFrame(head)) throw faults.truncated();
      else throw faults.garbage('another zstd frame', head[0] as number);
    }
  } finally {
    engine?.close();
  }
}

function startsFrame(head: Buffer): boolean {
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]).subarray(0, head.length);
  const skippable = Buffer.from([(head[0] as number) & 0xf0, 0x2a, 0x4d, 0x18]).subarray(0, head.length);
  return head.equals(frame) || ((head[0] as number) >> 4 === 5 && head.subarray(1).equals(skippable.subarray(1)));
}

async function skipFrame(cursor: Cursor, faults: Faults): Promise<void> {
  let left = (await need(cursor, 8, faults)).readUInt32LE(4);
  cursor.skip(8);
  while (left > 0) {
    const bytes = await cursor.next(left);
    if (bytes === undefined) throw faults.truncated();
    left -= bytes.length;
  }
}

async function need(cursor: Cursor, length: number, faults: Faults): Promise<Buffer> {
  const bytes = await cursor.peek(length);
  if (bytes.length < length) throw faults.truncated();
  return bytes;
}

async function* readFrame(cursor: Cursor, faults: Faults, engine: Engine): AsyncGenerator<Uint8Array> {
  const descriptor = (await need(cursor, 5, faults))[4] as number;
  const header = await need(cursor, headerSize(descriptor), faults);
  checkWindow(header, descriptor);
  yield* step(cursor, faults, engine, header.length);
  for (let last = false; !last; ) {
    const block = (await need(cursor, 3, faults)).readUIntLE(0, 3);
    const type = (block >> 1) & 3;
    const size = type === RLE_BLOCK ? 1 : block >> 3;
    if (type === RESERVED_BLOCK || size > BLOCK_MAX) throw faults.damaged('a zstd block of a known kind was expected');
    yield* step(cursor, faults, engine, 3 + size);
    last = (block & LAST_BLOCK) !== 0;
  }
  const checksum = descriptor & 0x04;
  if (checksum) yield* step(cursor, faults, engine, 4);
}

/** Size of magic number and frame header, from the frame header descriptor (RFC 8878 section 3.1.1.1). */
function headerSize(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
  return 5 + (single ? 0 : 1) + dictionary + contentSize;
}

function checkWindow(header: Buffer, descriptor: number): void {
  const single = (descriptor & 0x20) !== 0;
  const exponent = 10 + ((header[5] as number) >> 3);
  // A frame in a single segment has no window of its own: its size is in the last bytes of the header.
  const window = single ? contentSizeAt(header, descriptor >> 6) : 2 ** exponent * (1 + ((header[5] as number) & 7) / 8);
  if (window <= 2 ** WINDOW_LOG_MAX) return;
  throw new UpcastError({
    code: 'zstd-window',
    message: `expected a zstd window of at most ${2 ** WINDOW_LOG_MAX} bytes, got ${window}`,
    exit: EXIT.damaged,
    hint: 'it was compressed with --long; decompress it with the zstd program and read its output as -',
  });
}

function contentSizeAt(header: Buffer, kind: number): number {
  if (kind === 3) return Number(header.readBigUInt64LE(header.length - 8));
  return header.readUIntLE(header.length - 2 ** kind, 2 ** kind);
}

async function* step(cursor: Cursor, faults: Faults, engine: Engine, length: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.from(await need(cursor, length, faults));
  cursor.skip(length);
  try {
    for await (const out of engine.feed(piece)) yield faults.count(out);
  } catch (error) {
    throw faults.damaged((error as Error).message, error);
  }
}

/** What node has from 22.15 on; the types here are those of node 20. */
interface ZstdInNode {
  createZstdDecompress?(options: object): Transform;
  readonly constants: { readonly Z_OK: number; readonly ZSTD_d_windowLogMax?: number };
}

interface ZstdPackage {
  readonly DecompressStream: new (parameters: { windowLogMax: number }) => Transform;
}

async function createDecoder(): Promise<Transform> {
  const node: ZstdInNode = zlib;
  const windowLogMax = node.constants.ZSTD_d_windowLogMax;
  if (node.createZstdDecompress !== undefined && windowLogMax !== undefined) {
    return node.createZstdDecompress({ params: { [windowLogMax]: WINDOW_LOG_MAX } });
  }
  const { DecompressStream } = await loadPackage();
  return new DecompressStream({ windowLogMax: WINDOW_LOG_MAX });
}

async function loadPackage(): Promise<ZstdPackage> {
  const name = 'zstd-napi';
  try {
    return (await import(name)) as ZstdPackage;
  } catch (cause) {
    throw new UpcastError({
      code: 'zstd-unavailable',
      message: `this Node (${process.version}) cannot read zstd, and the package zstd-napi is not installed`,
      exit: EXIT.config,
      hint: 'use Node 22.15 or later, run `npm install zstd-napi`, or pipe through it: zstd -dc FILE | ccc-upcast … -',
      cause,
    });
  }
}
