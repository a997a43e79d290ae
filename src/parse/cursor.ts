/** Bytes of a stream, taken as they are needed. */
export interface Cursor {
  /** Bytes taken so far. */
  readonly taken: number;
  /** The next `length` bytes, fewer only at the end. They are not taken. */
  peek(length: number): Promise<Buffer>;
  /** Takes bytes that were peeked at. */
  skip(length: number): void;
  /** Takes what there is at hand, at most `limit` bytes; undefined at the end. */
  next(limit?: number): Promise<Buffer | undefined>;
  /** Gives back the last `count` bytes of what the last call took. */
  giveBack(count: number): void;
  close(): Promise<void>;
}

/** A cursor at the start of a stream. */
export function createCursor(chunks: AsyncIterable<Uint8Array>): Cursor {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  let taken = 0;
  let ended = false;

  async function pull(): Promise<void> {
    const { value, done } = await source.next();
    if (done) ended = true;
    else {
      const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      held = at === held.length ? chunk : Buffer.concat([held.subarray(at), chunk]);
      at = 0;
    }
  }

  function take(length: number): Buffer {
    const bytes = held.subarray(at, at + Math.min(length, held.length - at));
    at += bytes.length;
    taken += bytes.length;
    return bytes;
  }

  return {
    get taken() {
      return taken;
    },
    async peek(length) {
      while (held.length - at < length && !ended) await pull();
      return held.subarray(at, at + length);
    },
    skip: take,
    async next(limit = Number.POSITIVE_INFINITY) {
      while (at === held.length && !ended) await pull();
      return at === held.length ? undefined : take(limit);
    },
    giveBack(count) {
      at -= count;
      taken -= count;
    },
    async close() {
      await source.return?.();
    },
  };
}
