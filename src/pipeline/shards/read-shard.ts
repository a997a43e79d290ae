import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { EXIT, UpcastError } from '../../errors.ts';
import type { Cursor } from '../../parse/cursor.ts';
import { createCursor } from '../../parse/cursor.ts';
import { decompress } from '../../parse/decompress.ts';
import { expandInputs } from '../../source/inputs.ts';
import type { Ahead, Batch, DeadLetter, Piece } from '../lanes/piece.ts';
import { AT, FIELDS } from '../lanes/piece.ts';
import type { PlacesHead, PlacesNote, SavedEntry, ShardEnd, ShardFile } from './places.ts';
import { PLACES, PLACES_FORMAT, SHARD_FILES } from './places.ts';

/** One shard of a conversion, read piece by piece. */
export interface ShardReader {
  /** Name of its places file. */
  readonly name: string;
  readonly head: PlacesHead;
  /** Items of the inputs up to where it was read. */
  readonly items: number;
  /** The next piece, undefined behind the last. Errors: `shard-damaged` (65), those of reading files. */
  next(): Promise<Piece | undefined>;
  /** What it came to, once all pieces were read. */
  end(): ShardEnd;
  /** Bytes read of its files, and bytes they have in all. */
  readonly bytesRead: number;
  readonly size: number;
  close(): Promise<void>;
}

/** The numbers of the places file, and what stands in the shard's files at them. */
interface Segment {
  readonly entries: SavedEntry[];
  readonly late: SavedEntry[];
  /** In the order of the files: which of the two comes next. */
  readonly order: ('entries' | 'late')[];
  readonly dead: Omit<DeadLetter, 'text'>[];
}

/**
 * Opens a shard by its output or its places file. Errors: `no-shard` (66) where there is no places file, `shard-damaged` (65) where it is
 * none.
 */
export async function openShard(argument: string): Promise<ShardReader> {
  const name = argument.endsWith(PLACES) ? argument : `${argument}${PLACES}`;
  const counter = { read: 0, size: 0 };
  const places = await open(name, name, counter);
  const lines = createInterface({ input: Readable.from(places, { objectMode: false }), crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  let number = 0;
  const nextLine = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next();
    number += 1;
    return done === true ? undefined : value;
  };
  const damaged = (what: string, place = `${name}, line ${number}`): UpcastError =>
    new UpcastError({
      code: 'shard-damaged',
      exit: EXIT.damaged,
      message: what,
      place,
      hint: 'bring the files of the shard here again, or convert the shard anew with --restart --force',
    });
  const parse = (line: string): unknown => {
    try {
      return JSON.parse(line) as unknown;
    } catch (cause) {
      throw Object.assign(damaged('this is no line of a places file'), { cause });
    }
  };
  const head = parse((await nextLine()) ?? '') as PlacesHead;
  if (head['ccc-upcast-places'] !== PLACES_FORMAT) throw damaged('this is no places file of this version of ccc-upcast');
  const files = new Map<ShardFile, { readonly path: string; readonly cursor: Cursor }>();
  for (const kind of SHARD_FILES) {
    const file = head.files[kind];
    if (file === undefined) continue;
    const path = join(dirname(name), file);
    files.set(kind, { path, cursor: createCursor(await open(path, name, counter, kind === 'deadLetters')) });
  }
  let items = 0;
  let end: ShardEnd | undefined;
  let isOver = false;

  const bytesOf = async (kind: ShardFile, mark: PlacesNote): Promise<Uint8Array<ArrayBuffer>> => {
    const at = SHARD_FILES.indexOf(kind);
    const length = mark.bytes?.[at] ?? 0;
    const file = files.get(kind);
    if (length === 0 || file === undefined) return new Uint8Array(0);
    const from = file.cursor.taken;
    const bytes = await readExactly(file.cursor, length);
    if (bytes === undefined) throw damaged('the file of a shard is shorter than when it was written', file.path);
    if (crc32(bytes) !== mark.crc32?.[at]) {
      throw damaged('the file of a shard is not as it was written', `${file.path}, bytes ${from} to ${from + length}`);
    }
    return bytes;
  };

  const readSegment = async (): Promise<{ readonly segment: Segment; readonly mark: PlacesNote }> => {
    const segment: Segment = { entries: [], late: [], order: [], dead: [] };
    for (;;) {
      const line = await nextLine();
      if (line === undefined) throw damaged('the shard is not finished: run its command to the end');
      const found = parse(line) as SavedEntry | PlacesNote;
      if (isEntry(found)) {
        segment.entries.push(found);
        segment.order.push('entries');
      } else if (found.late !== undefined) {
        segment.late.push(found.late);
        segment.order.push('late');
      } else if (found.dead !== undefined) segment.dead.push(found.dead);
      else return { segment, mark: found };
    }
  };

  return {
    name,
    head,
    get items() {
      return items;
    },
    async next() {
      if (isOver) return undefined;
      const { segment, mark } = await readSegment();
      const bytes = {
        output: await bytesOf('output', mark),
        provenance: await bytesOf('provenance', mark),
        dropped: await bytesOf('dropped', mark),
      };
      const dead = deadOf(segment.dead, files.has('deadLetters') ? await bytesOf('deadLetters', mark) : undefined);
      if (dead === undefined || !isCovered(segment, bytes)) throw damaged('the places do not fit the files of the shard');
      isOver = mark.at === null;
      if (isOver) {
        const last = parse((await nextLine()) ?? '{}') as PlacesNote;
        if (last.end === undefined) throw damaged('the shard is not finished: run its command to the end');
        ({ end } = last);
      }
      items = isOver ? Number.POSITIVE_INFINITY : (mark.at?.[2] ?? 0);
      const frontier = isOver ? { time: Number.POSITIVE_INFINITY, seq: 0 } : { time: timeOf(mark.at?.[0]), seq: mark.at?.[1] ?? -1 };
      return { ...piecesOf(segment, bytes), dead, frontier, items };
    },
    end() {
      if (end === undefined) throw new Error('a shard ends behind its last piece');
      return end;
    },
    get bytesRead() {
      return counter.read;
    },
    get size() {
      return counter.size;
    },
    async close() {
      await lines.return?.();
      for (const { cursor } of files.values()) await cursor.close();
    },
  };
}

type Bytes = { readonly [file in 'output' | 'provenance' | 'dropped']: Uint8Array<ArrayBuffer> };

async function open(
  path: string,
  places: string,
  counter: { read: number; size: number },
  isOptional = false,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    const [input] = await expandInputs([path]);
    counter.size += input?.size ?? 0;
    return decompress(counted(input?.open() ?? nothing(), counter), { name: path });
  } catch (error) {
    if (!(error instanceof UpcastError) || error.exit !== EXIT.noInput) throw error;
    // Dead letters that nobody asked for leave no file where there are none.
    if (isOptional) return nothing();
    const hint = path === places ? 'name the outputs of convert --shard' : 'the files of a shard stay together';
    throw new UpcastError({
      code: 'no-shard',
      exit: EXIT.noInput,
      message: 'a file of a shard is not there',
      place: path,
      hint,
      cause: error,
    });
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, counter: { read: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    counter.read += chunk.length;
    yield chunk;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function readExactly(cursor: Cursor, length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const chunk = await cursor.next(length - at);
    if (chunk === undefined) return undefined;
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function isEntry(found: SavedEntry | PlacesNote): found is SavedEntry {
  return Array.isArray(found);
}

/** A time before all others is written as null. */
function timeOf(time: number | null | undefined): number {
  return time ?? Number.NEGATIVE_INFINITY;
}

const TEXTS = new TextDecoder();

/** Dead letters with their lines; without the file, the lines are not needed either. Undefined if there are not as many. */
function deadOf(letters: Segment['dead'], bytes: Uint8Array | undefined): DeadLetter[] | undefined {
  if (bytes === undefined) return letters.map((letter) => ({ ...letter, text: '' }));
  const texts = TEXTS.decode(bytes).split('\n');
  if (texts.length - 1 !== letters.length) return undefined;
  return letters.map((letter, index) => ({ ...letter, text: `${texts[index]}\n` }));
}

function isCovered({ entries, late }: Segment, { output, provenance, dropped }: Bytes): boolean {
  const sums = [0, 0, 0];
  for (const entry of [...entries, ...late])
    for (const [at, field] of [2, 4, 5].entries()) sums[at] = (sums[at] ?? 0) + Number(entry[field]);
  return sums[0] === output.length && sums[1] === provenance.length && sums[2] === dropped.length;
}

/** The lines of a segment, those of late events apart. */
function piecesOf(segment: Segment, bytes: Bytes): { readonly entries: Batch; readonly late: Batch } {
  if (segment.late.length === 0) return { entries: batchOf(segment.entries, bytes), late: batchOf([], NO_BYTES) };
  const parts = { entries: partsOf(), late: partsOf() };
  const at = { output: 0, provenance: 0, dropped: 0 };
  const next = { entries: 0, late: 0 };
  for (const which of segment.order) {
    const entry = segment[which][next[which]] as SavedEntry;
    next[which] += 1;
    const lengths = { output: entry[2], provenance: entry[4], dropped: entry[5] };
    for (const file of ['output', 'provenance', 'dropped'] as const) {
      parts[which][file].push(bytes[file].subarray(at[file], at[file] + lengths[file]));
      at[file] += lengths[file];
    }
  }
  return { entries: batchOf(segment.entries, joined(parts.entries)), late: batchOf(segment.late, joined(parts.late)) };
}

const NO_BYTES: Bytes = { output: new Uint8Array(0), provenance: new Uint8Array(0), dropped: new Uint8Array(0) };

type Parts = { readonly [file in keyof Bytes]: Uint8Array[] };

function partsOf(): Parts {
  return { output: [], provenance: [], dropped: [] };
}

function joined({ output, provenance, dropped }: Parts): Bytes {
  const join = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));
  return { output: join(output), provenance: join(provenance), dropped: join(dropped) };
}

function batchOf(entries: readonly SavedEntry[], bytes: Bytes): Batch {
  const index = new Float64Array(entries.length * FIELDS);
  const ahead = new Map<number, readonly Ahead[]>();
  for (const [number, entry] of entries.entries()) {
    const at = number * FIELDS;
    index[at + AT.time] = timeOf(entry[0]);
    for (const [offset, field] of NUMBERS.entries()) index[at + field] = entry[offset + 1] as number;
    if (entry[7] !== undefined) {
      ahead.set(
        number,
        entry[7].map(([contact, output, lines, provenance]) => ({ contact, output, lines, provenance })),
      );
    }
  }
  return { index, ahead, ...bytes };
}

const NUMBERS = [AT.seq, AT.output, AT.lines, AT.provenance, AT.dropped, AT.droppedLines] as const;
