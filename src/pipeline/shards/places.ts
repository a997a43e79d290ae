import { relative } from 'node:path';
import { crc32 } from 'node:zlib';
import type { LineSink } from '../../sink/sink.ts';
import type { Outcome, Output } from '../../translate/outcome.ts';
import type { TranslatorState } from '../../translate/snapshot.ts';
import type { Frontier } from '../../translate/turns.ts';
import type { Shard } from '../job.ts';
import type { DeadLetter } from '../lanes/piece.ts';

/**
 * The file beside a shard's output that tells where its lines belong in the whole (`OUTPUT.places`). It is NDJSON: a head; then for each
 * event that left lines behind an array, in the order of the output; now and then a mark; at the end what the shard came to.
 */
export const PLACES = '.places';
export const PLACES_FORMAT = 1;

/** Files of a shard, in the order in which marks tell of them. */
export const SHARD_FILES = ['output', 'provenance', 'dropped', 'deadLetters'] as const;
export type ShardFile = (typeof SHARD_FILES)[number];

/** The first line. */
export interface PlacesHead {
  readonly 'ccc-upcast-places': number;
  readonly shard: Shard;
  /** What the bytes of all shards depend on. */
  readonly job: Readonly<Record<string, unknown>>;
  readonly mapping: { readonly name: string; readonly version: string; readonly hash: string };
  readonly inputs: readonly string[];
  /** Where they are, from the folder of this file on. */
  readonly files: { readonly [kind in ShardFile]?: string | undefined };
}

/** Event time, input order, then lengths: output bytes and lines, provenance bytes, dropped bytes and lines; last {@link SavedAhead}. */
export type SavedEntry = readonly [number, number, number, number, number, number, number, (readonly SavedAhead[])?];

/** Contact, output bytes and lines, provenance bytes. */
export type SavedAhead = readonly [string, number, number, number];

/** A line that is no array. */
export interface PlacesNote {
  /** A late event of any shard; it stands behind all before its place. */
  readonly late?: SavedEntry;
  readonly dead?: Omit<DeadLetter, 'text'>;
  /** All before this place has been told, and so many items of the inputs were taken; null = all. */
  readonly at?: readonly [number, number, number] | null;
  /** With a mark: bytes of each file since the last one, and their CRC-32. */
  readonly bytes?: readonly number[];
  readonly crc32?: readonly number[];
  readonly end?: ShardEnd;
}

/** What a shard came to. */
export interface ShardEnd {
  readonly translator: TranslatorState;
  readonly unfinished: readonly string[];
  readonly warnings: readonly string[];
  readonly records: number;
  readonly blanks: number;
  readonly bytesRead: number;
}

/** Tells where what is written belongs. */
export interface Places {
  /** The same sinks, which count what goes through them. */
  readonly output: LineSink;
  provenance(sink: LineSink): LineSink;
  /** A line of text for one of the other files. */
  text(kind: 'dropped' | 'deadLetters', line: string): void;
  /** `write` writes what became of an event. */
  entry(outcome: Outcome, write: () => void): void;
  /** A late event came, of whatever shard, when all before `frontier` had been told. */
  late(frontier: Frontier, write: () => void): void;
  /** An output of the event at hand was written; `own` = the call of that event. */
  wrote(output: Output, own: string | undefined): void;
  dead(at: { readonly source: number; readonly line: number; readonly offset: number }, code: string, message: string): void;
  /** All before `frontier` was told. */
  mark(frontier: Frontier): void;
  end(end: ShardEnd): void;
}

/** How the parts of {@link Places} are put together. */
export interface PlacesParts {
  /** Takes the lines of the places file. */
  readonly write: (line: string) => void;
  readonly output: LineSink;
  /** Items of the inputs taken so far. */
  readonly items: () => number;
}

interface Counted {
  bytes: number;
  lines: number;
  /** Of the bytes since the last mark. */
  crc32: number;
  marked: number;
}

/** The head of a places file at `path`. */
export function placesHead(path: string, head: Omit<PlacesHead, 'ccc-upcast-places'>): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1) || '.';
  const files = Object.fromEntries(SHARD_FILES.map((kind) => [kind, head.files[kind]] as const).filter(([, file]) => file !== undefined));
  const beside = Object.fromEntries(Object.entries(files).map(([kind, file]) => [kind, relative(folder, file ?? '')]));
  return `${JSON.stringify({ 'ccc-upcast-places': PLACES_FORMAT, ...head, files: beside })}\n`;
}

/** Places of what a shard writes from here on. */
export function createPlaces({ write, output, items }: PlacesParts): Places {
  const fresh = (): Counted => ({ bytes: 0, lines: 0, crc32: 0, marked: 0 });
  const counts: { readonly [kind in ShardFile]: Counted } = {
    output: fresh(),
    provenance: fresh(),
    dropped: fresh(),
    deadLetters: fresh(),
  };
  const { output: out, provenance, dropped } = counts;
  let ahead: SavedAhead[] = [];
  /** Where the output before this one ended. */
  let before = { output: 0, lines: 0, provenance: 0 };

  const counted = (count: Counted, sink: LineSink): LineSink => ({
    line(bytes, start, end, lines) {
      count.bytes += end - start;
      count.lines += 1;
      count.crc32 = crc32(bytes.subarray(start, end), count.crc32);
      sink.line(bytes, start, end, lines);
    },
  });

  const here = (): typeof before => ({ output: out.bytes, lines: out.lines, provenance: provenance.bytes });

  /** Writes something, and returns its lengths behind the place where it belongs. */
  const placed = ({ time, seq }: Frontier, action: () => void): SavedEntry => {
    const start = here();
    const from = { bytes: dropped.bytes, lines: dropped.lines };
    before = start;
    ahead = [];
    action();
    const lengths = [out.bytes - start.output, out.lines - start.lines, provenance.bytes - start.provenance] as const;
    const entry = [time, seq, ...lengths, dropped.bytes - from.bytes, dropped.lines - from.lines] as const;
    return ahead.length === 0 ? entry : [...entry, ahead];
  };

  let isEnded = false;
  const mark = (at: PlacesNote['at']): void => {
    if (isEnded) return;
    const all = SHARD_FILES.map((kind) => counts[kind]);
    const note = { at, bytes: all.map(({ bytes, marked }) => bytes - marked), crc32: all.map((count) => count.crc32) };
    write(`${JSON.stringify(note)}\n`);
    for (const count of all) {
      count.crc32 = 0;
      count.marked = count.bytes;
    }
  };

  return {
    output: counted(out, output),
    provenance: (sink) => counted(provenance, sink),
    text(kind, line) {
      const bytes = Buffer.from(line);
      counts[kind].bytes += bytes.length;
      counts[kind].lines += 1;
      counts[kind].crc32 = crc32(bytes, counts[kind].crc32);
    },
    entry(outcome, action) {
      const entry = placed(outcome, action);
      // What leaves nothing behind needs no place.
      if (entry[2] > 0 || entry[5] > 0) write(`${JSON.stringify(entry)}\n`);
    },
    late: (frontier, action) => write(`${JSON.stringify({ late: placed(frontier, action) })}\n`),
    wrote({ contact }, own) {
      const from = before;
      before = here();
      if (contact === own || contact === undefined) return;
      ahead.push([contact, before.output - from.output, before.lines - from.lines, before.provenance - from.provenance]);
    },
    dead: ({ source, line, offset }, code, message) =>
      write(`${JSON.stringify({ dead: { item: items() - 1, code, message, source, line, offset } })}\n`),
    mark: ({ time, seq }) => mark([time, seq, items()]),
    end(end) {
      mark(null);
      isEnded = true;
      write(`${JSON.stringify({ end })}\n`);
    },
  };
}
