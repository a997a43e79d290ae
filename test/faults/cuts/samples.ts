import { constants, gzipSync, inflateRawSync } from 'node:zlib';

/** A compressed file of which it is known what each cut leaves. */
export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly text: Buffer;
  /** How much of the text is in the first so many bytes. */
  textIn(length: number): number;
  /** True if the first so many bytes are a whole file. */
  isWhole(length: number): boolean;
}

const HEADER = 10;
const TRAILER = 8;
const LINES_PER_MEMBER = 4;
const LINES_PER_BLOCK = 2;
/** A skippable frame of four bytes (RFC 8878 section 3.1.2). */
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

/** Several gzip members. */
export function gzipSample(lines: readonly string[]): Sample {
  const members = chunks(lines, LINES_PER_MEMBER).map((part) => ({ text: Buffer.from(part.join('')), bytes: gzipSync(part.join('')) }));
  const bytes = Buffer.concat(members.map((member) => member.bytes));
  const starts = members.map((_, index) => members.slice(0, index).reduce((sum, { bytes }) => sum + bytes.length, 0));
  return {
    name: 'gz',
    bytes,
    text: Buffer.concat(members.map((member) => member.text)),
    textIn: (length) => {
      let [left, sum] = [length, 0];
      for (const member of members) {
        const size = member.bytes.length;
        sum += left >= size ? member.text.length : inflated(member.bytes.subarray(0, Math.min(left, size - TRAILER)));
        left = Math.max(0, left - size);
      }
      return sum;
    },
    isWhole: (length) => length === bytes.length || starts.includes(length),
  };
}

function inflated(start: Buffer): number {
  return start.length <= HEADER ? 0 : inflateRawSync(start.subarray(HEADER), { finishFlush: constants.Z_SYNC_FLUSH }).length;
}

interface ZstdPackage {
  readonly CompressStream: new () => NodeJS.ReadWriteStream & { flush(done: () => void): void; endFrame(done: () => void): void };
}

/** Several zstd frames of several blocks, with a skippable one between; undefined = zstd-napi is not installed. */
export async function zstdSample(lines: readonly string[]): Promise<Sample | undefined> {
  const name = 'zstd-napi';
  const zstd = (await import(name).catch(() => undefined)) as ZstdPackage | undefined;
  if (zstd === undefined) return undefined;
  const parts: Buffer[] = [];
  const blocks: { readonly at: number; readonly text: number }[] = [];
  const frames: number[] = [];
  const written = (): number => parts.reduce((sum, part) => sum + part.length, 0);
  let text = 0;
  for (const frame of chunks(lines, LINES_PER_MEMBER)) {
    const stream = new zstd.CompressStream();
    stream.on('data', (part: Buffer) => parts.push(part));
    for (const block of chunks(frame, LINES_PER_BLOCK)) {
      stream.write(block.join(''));
      await new Promise<void>((done) => stream.flush(done));
      text += Buffer.byteLength(block.join(''));
      blocks.push({ at: written(), text });
    }
    await new Promise<void>((done) => stream.endFrame(done));
    frames.push(written());
    parts.push(SKIPPABLE);
    frames.push(written());
  }
  return {
    name: 'zst',
    bytes: Buffer.concat(parts),
    text: Buffer.from(lines.join('')),
    textIn: (length) => blocks.findLast((block) => block.at <= length)?.text ?? 0,
    isWhole: (length) => length === 0 || frames.includes(length),
  };
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}
