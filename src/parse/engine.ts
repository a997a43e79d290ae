import type { Transform } from 'node:stream';

/** A decompressor fed by hand: what it gives for each piece is known before the next is fed, so no failure loses data. */
export interface Engine {
  /** Feeds a piece and yields what comes out. Throws the decompressor's error after all that came before it. */
  feed(piece: Uint8Array): AsyncGenerator<Uint8Array, void>;
  /** True once the stream has ended by what it said itself. */
  readonly ended: boolean;
  close(): void;
}

/** Wraps a decompressing stream. It is read in paused mode: a bomb waits in it until its output is taken. */
export function createEngine(stream: Transform): Engine {
  let ended = false;
  let fault: Error | undefined;
  let wake: () => void = () => {};
  const woken = (change?: () => void) => () => {
    change?.();
    wake();
  };
  stream.on('readable', woken());
  stream.on(
    'end',
    woken(() => {
      ended = true;
    }),
  );
  stream.on('error', (error: Error) => {
    fault = error;
    wake();
  });
  return {
    get ended() {
      return ended;
    },
    async *feed(piece) {
      let written = false;
      stream.write(
        piece,
        woken(() => {
          written = true;
        }),
      );
      for (;;) {
        // Read even if all was written: the state that makes 'end' come is only looked at by reading.
        const settled = written || ended || fault !== undefined;
        for (let out = stream.read() as Uint8Array | null; out !== null; out = stream.read() as Uint8Array | null) yield out;
        if (settled) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (written || ended || fault !== undefined || stream.readableLength > 0) resolve();
        });
      }
      if (fault !== undefined) throw fault;
    },
    close() {
      stream.destroy();
    },
  };
}
