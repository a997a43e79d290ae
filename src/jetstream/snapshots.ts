import { randomUUID } from 'node:crypto';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { KV } from '@nats-io/kv';
import { EXIT, UpcastError } from '../errors.ts';
import { lost } from '../sink/batch.ts';
import type { Cursor } from '../source/partition.ts';

/** Less than the largest message that a server takes unless told otherwise (1 MiB). */
const CHUNK = 768 * 1024;

/** The state of a partition at a place of the stream. */
export interface Snapshot {
  readonly cursor: Cursor;
  readonly image: Uint8Array;
}

/** Where a partition leaves its state for whoever works on it next. */
export interface Snapshots {
  /** The place of the last snapshot, undefined where there is none. */
  cursor(): Promise<Cursor | undefined>;
  /** The last snapshot. Errors: `snapshot-damaged` (76). */
  load(): Promise<Snapshot | undefined>;
  /** Puts a snapshot in place of the last one. Errors: `lost` if somebody else has done so since this one was opened. */
  save(snapshot: Snapshot): Promise<void>;
}

interface Head {
  readonly cursor: Cursor;
  /** What its chunks are named after; no other snapshot has the same, however many are made at once. */
  readonly name: string;
  readonly chunks: number;
  readonly crc32: number;
}

/** Snapshots of a partition in a key-value bucket: a head, and the chunks that it names. `drop` removes keys, see `Link`. */
export function createSnapshots(bucket: KV, partition: number, drop: (keys: string) => Promise<void>): Snapshots {
  const key = `state.${partition}`;
  let revision: number | undefined;
  let head: Head | undefined;

  const readHead = async (): Promise<Head | undefined> => {
    const entry = await bucket.get(key);
    revision = entry?.revision;
    head = entry === null || entry.operation !== 'PUT' ? undefined : entry.json<Head>();
    return head;
  };
  const chunkKey = (name: string, chunk: number): string => `chunk.${partition}.${name}.${chunk}`;
  const forget = (name: string): Promise<void> => drop(`chunk.${partition}.${name}.>`);

  return {
    cursor: async () => (await readHead())?.cursor,
    async load() {
      const found = await readHead();
      if (found === undefined) return undefined;
      const parts: Uint8Array[] = [];
      for (let chunk = 0; chunk < found.chunks; chunk += 1) {
        const entry = await bucket.get(chunkKey(found.name, chunk));
        if (entry === null) throw damaged(partition, 'a part of it is missing');
        parts.push(entry.value);
      }
      const packed = Buffer.concat(parts);
      if (crc32(packed) !== found.crc32) throw damaged(partition, 'it is not what was saved');
      return { cursor: found.cursor, image: inflateRawSync(packed) };
    },
    async save({ cursor, image }) {
      const packed = deflateRawSync(image, { level: 1 });
      const before = head;
      const name = randomUUID();
      const chunks = Math.ceil(packed.length / CHUNK);
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        await bucket.put(chunkKey(name, chunk), packed.subarray(chunk * CHUNK, (chunk + 1) * CHUNK));
      }
      const next: Head = { cursor, name, chunks, crc32: crc32(packed) };
      try {
        const body = JSON.stringify(next);
        revision = revision === undefined ? await bucket.create(key, body) : await bucket.update(key, body, revision);
      } catch (error) {
        if (!(error instanceof Error) || !/wrong last sequence|key exists/i.test(error.message)) throw error;
        await forget(name);
        throw lost();
      }
      head = next;
      if (before !== undefined) await forget(before.name);
    },
  };
}

function damaged(partition: number, what: string): UpcastError {
  return new UpcastError({
    code: 'snapshot-damaged',
    exit: EXIT.stateMismatch,
    message: `the state of partition ${partition} in the bucket is damaged: ${what}`,
    hint: 'restore the bucket from a backup; the events themselves are still in the stream',
  });
}
