import type { CallEntry } from './entry.ts';

const FEW = 48;

/** True if the call has seen this event before; otherwise remembers it (semantics, section 4: duplicates). */
export function seenInCall(entry: CallEntry, identity: number): boolean {
  const { seen } = entry.call;
  if (seen.length > FEW) {
    entry.seen ??= new Set(seen);
    if (entry.seen.has(identity)) return true;
    entry.seen.add(identity);
  } else if (seen.includes(identity)) return true;
  seen.push(identity);
  return false;
}

/** Duplicates among events without a call: remembered with their agent, for the retention of a call. */
export interface AgentMemory {
  /** True if the event was seen within the retention before `now`. */
  seen(agent: string, identity: number, time: number, now: number): boolean;
  /** Tells where event time stands at an event that is remembered elsewhere. */
  pass(now: number): void;
  /** What was remembered since the last call, for a checkpoint, and when all of it may be forgotten; undefined if there is nothing new. */
  takeNew(): { readonly body: Uint8Array; readonly expires: number } | undefined;
  /** Takes up what an earlier process remembered, in the order in which it was taken. */
  restore(body: Uint8Array): void;
}

/**
 * An empty memory. `retention` in milliseconds of event time. There are millions of such events a day, so they stand in flat tables: one
 * of this retention period and one of the last, which is dropped as a whole. `keepNew`: what is new is kept for `takeNew`.
 */
export function createAgentMemory(retention: number, keepNew: boolean): AgentMemory {
  let young = new SeenTable();
  let old = new SeenTable();
  let turnAt = Number.NEGATIVE_INFINITY;
  let fresh: number[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  const pass = (now: number): void => {
    if (now <= turnAt) return;
    old = young;
    young = new SeenTable();
    turnAt = now + retention;
  };
  return {
    pass,
    seen(agent, identity, time, now) {
      pass(now);
      const tag = hashText(agent);
      const before = Math.max(young.timeOf(tag, identity), old.timeOf(tag, identity));
      if (before > Number.NEGATIVE_INFINITY && before + retention >= now) return true;
      young.put(tag, identity, time);
      if (keepNew) {
        fresh.push(tag, identity, time);
        if (time > newest) newest = time;
      }
      return false;
    },
    takeNew() {
      if (fresh.length === 0) return undefined;
      const body = new Uint8Array(Float64Array.from(fresh).buffer);
      fresh = [];
      return { body, expires: newest + retention };
    },
    restore(body) {
      // A copy: the bytes may stand at an odd place.
      const numbers = new Float64Array(new Uint8Array(body).buffer);
      for (let at = 0; at < numbers.length; at += 3) {
        young.put(numbers[at] as number, numbers[at + 1] as number, numbers[at + 2] as number);
      }
    },
  };
}

const FIRST_PLACES = 64;
/** A power of two. A part that grows is copied as a whole, and for that moment stands in memory twice. */
const PARTS = 64;

/** (agent, identity) → time, in parts that grow one by one. */
class SeenTable {
  private readonly parts = Array.from({ length: PARTS }, () => new SeenPart());

  /** -Infinity if it is not known. */
  timeOf(tag: number, identity: number): number {
    return this.partOf(tag, identity).timeOf(tag, identity);
  }

  put(tag: number, identity: number, time: number): void {
    this.partOf(tag, identity).put(tag, identity, time);
  }

  private partOf(tag: number, identity: number): SeenPart {
    return this.parts[(Math.imul(identity ^ tag, 0x9e3779b1) >>> 16) & (PARTS - 1)] as SeenPart;
  }
}

/** The same in open addressing. */
class SeenPart {
  private tags = new Int32Array(FIRST_PLACES);
  private identities = new Float64Array(FIRST_PLACES);
  private times = new Float64Array(FIRST_PLACES).fill(Number.NaN);
  private count = 0;

  timeOf(tag: number, identity: number): number {
    const time = this.times[this.placeOf(tag, identity)] as number;
    return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
  }

  put(tag: number, identity: number, time: number): void {
    const place = this.placeOf(tag, identity);
    if (Number.isNaN(this.times[place])) this.count += 1;
    this.tags[place] = tag;
    this.identities[place] = identity;
    this.times[place] = time;
    if (this.count * 4 > this.times.length * 3) this.grow();
  }

  /** Where an entry stands, or would stand. */
  private placeOf(tag: number, identity: number): number {
    const { tags, identities, times } = this;
    const { length } = times;
    let place = ((identity ^ tag) >>> 0) % length;
    while (!Number.isNaN(times[place]) && (identities[place] !== identity || tags[place] !== tag))
      place = place + 1 === length ? 0 : place + 1;
    return place;
  }

  private grow(): void {
    const { tags, identities, times } = this;
    // By a quarter: there are millions of entries, and twice the room would stand half empty.
    const places = times.length + (times.length >> 2);
    this.tags = new Int32Array(places);
    this.identities = new Float64Array(places);
    this.times = new Float64Array(places).fill(Number.NaN);
    this.count = 0;
    for (let place = 0; place < times.length; place += 1) {
      const time = times[place] as number;
      if (!Number.isNaN(time)) this.put(tags[place] as number, identities[place] as number, time);
    }
  }
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
