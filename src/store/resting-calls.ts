import { createCallIndex } from './call-index.ts';
import type { RestingCall } from './segment.ts';
import { lengthOf, readCall, SegmentWriter } from './segment.ts';

/** Rows of segments, in a table or wherever they are kept. */
export interface SegmentRows {
  insert(id: number, body: Buffer): void;
  /** At most `length` bytes of a row that was inserted, from an offset on. */
  read(id: number, offset: number, length: number): Buffer;
  remove(id: number): void;
  /** The error for what is not as it was saved. */
  damaged(): Error;
  /** All rows, in the order of their ids. */
  all(): Iterable<{ readonly id: number; readonly body: Buffer }>;
}

/** Calls that are not hot. */
export interface RestingCalls {
  load(key: string): Uint8Array | undefined;
  save(key: string, body: Uint8Array, expires: number, ended: boolean): void;
  /** Forgets calls that expired before `now`. */
  expire(now: number): void;
  unfinished(limit: number): readonly string[];
  /** Writes the segment that is being filled, so that the rows hold everything. */
  flush(): void;
  /** All segments. */
  packs(): Iterable<Buffer>;
  /** Takes in segments of other calls, which were forgotten up to a time. */
  absorb(packs: Iterable<Uint8Array>, forgotten: number): void;
  /** The latest time up to which calls were forgotten. */
  expiredTo(): number;
}

/** A segment is written once it has so many bytes. */
const SEGMENT = 16 * 1024;
/** Offsets in a segment are smaller: a call that begins in it may be longer. */
const OFFSETS = 64 * 1024;
/** More than any segment has. */
const WHOLE = 0x7fffffff;
/** Most calls are shorter. */
const CALL = 1536;

interface SegmentFacts {
  expires: number;
  /** Calls in it that were not saved again since. */
  live: number;
  /** A call in it had not ended when it was saved. */
  hasOpen: boolean;
}

/**
 * Calls by the dozen in a row: one by one, each in a row of its own with its indexes, they would be the most expensive thing of a
 * conversion. A call that is saved again goes into a new segment; a segment whose calls have all been saved again, or have expired, is removed.
 * `forgotten`: what an earlier process told by `expiredTo`.
 */
export function createRestingCalls(rows: SegmentRows, forgotten: number): RestingCalls {
  const segments = new Map<number, SegmentFacts>();
  const index = createCallIndex((place) => segments.has(segmentOf(place)));
  const filling = new SegmentWriter();
  let current = 1;
  let expiredTo = forgotten;
  let isIndexed = false;

  /** Takes a call into the index; returns the segment that held it before, or -1. */
  const note = (id: number, offset: number, { key, expires, ended }: Pick<RestingCall, 'key' | 'expires' | 'ended'>): number => {
    let facts = segments.get(id);
    if (facts === undefined) {
      facts = { expires: Number.NEGATIVE_INFINITY, live: 0, hasOpen: false };
      segments.set(id, facts);
    }
    facts.live += 1;
    if (!ended) facts.hasOpen = true;
    if (expires > facts.expires) facts.expires = expires;
    const before = index.set(key, id * OFFSETS + offset);
    const old = before < 0 ? undefined : segments.get(segmentOf(before));
    if (old === undefined) return -1;
    old.live -= 1;
    return segmentOf(before);
  };
  const remove = (id: number): void => {
    segments.delete(id);
    rows.remove(id);
  };
  const removeEmpty = (id: number): void => {
    if (segments.get(id)?.live === 0 && id !== current) remove(id);
  };
  /** Of rows that an earlier process wrote; only who needs calls pays for it. */
  const prepare = (): void => {
    if (isIndexed) return;
    isIndexed = true;
    for (const { id, body } of rows.all()) {
      for (const [offset, call] of callsOf(body)) note(id, offset, call);
      current = id + 1;
    }
    for (const id of [...segments.keys()]) removeEmpty(id);
  };
  /** The call at a place. Not the whole segment: where many calls are open, each event would read one for one call of it. */
  const callAt = (place: number): RestingCall => {
    const id = segmentOf(place);
    const offset = place % OFFSETS;
    if (id === current) return sound(readCall(filling.bytes(), offset));
    const bytes = rows.read(id, offset, CALL);
    const length = bytes.length < CALL ? bytes.length : lengthOf(bytes, 0);
    return sound(readCall(length > CALL ? rows.read(id, offset, length) : bytes, 0));
  };
  const sound = (call: RestingCall | undefined): RestingCall => {
    if (call === undefined) throw rows.damaged();
    return call;
  };
  const callsOf = function* (segment: Buffer): Generator<readonly [number, RestingCall]> {
    for (let at = 0; at < segment.length; ) {
      const call = sound(readCall(segment, at));
      yield [at, call];
      at = call.next;
    }
  };
  const flush = (): void => {
    if (filling.length === 0) return;
    rows.insert(current, filling.bytes());
    filling.clear();
    current += 1;
    removeEmpty(current - 1);
  };

  return {
    load(key) {
      prepare();
      const place = index.get(key);
      if (place < 0 || !segments.has(segmentOf(place))) return undefined;
      const call = callAt(place);
      return call.key === key && call.expires >= expiredTo ? call.body : undefined;
    },
    save(key, body, expires, ended) {
      prepare();
      removeEmpty(note(current, filling.add(key, body, expires, ended), { key, expires, ended }));
      if (filling.length >= SEGMENT) flush();
    },
    expire(now) {
      prepare();
      expiredTo = Math.max(expiredTo, now);
      for (const [id, { expires }] of [...segments]) if (expires < now && id !== current) remove(id);
    },
    unfinished(limit) {
      prepare();
      flush();
      const found: string[] = [];
      for (const [id, { hasOpen }] of segments) {
        if (!hasOpen) continue;
        for (const [offset, { key, ended, expires }] of callsOf(rows.read(id, 0, WHOLE))) {
          if (!ended && expires >= expiredTo && index.get(key) === id * OFFSETS + offset) found.push(key);
        }
        if (found.length > limit) found.sort().splice(limit);
      }
      return found.sort();
    },
    flush,
    *packs() {
      flush();
      for (const { body } of rows.all()) yield body;
    },
    absorb(packs, forgotten) {
      prepare();
      flush();
      for (const pack of packs) {
        const segment = Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength);
        rows.insert(current, segment);
        for (const [offset, call] of callsOf(segment)) note(current, offset, call);
        current += 1;
      }
      for (const id of [...segments.keys()]) removeEmpty(id);
      expiredTo = Math.max(expiredTo, forgotten);
    },
    expiredTo: () => expiredTo,
  };
}

function segmentOf(place: number): number {
  return Math.floor(place / OFFSETS);
}
