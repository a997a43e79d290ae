/** Where lines go. A sink that fails throws; nothing is retried behind the caller's back. */
export interface Sink {
  readonly path: string;
  /** Takes one line, `bytes[start, end)` with its line feed. The bytes must not change before the next `flush`. */
  line(bytes: Uint8Array, start: number, end: number): void;
  /** Hands everything to the operating system. */
  flush(): void;
  /** Completes the file: all is flushed to disk and it gets its name. */
  finish(): void;
  /** Leaves the unfinished file as it is. */
  abandon(): void;
  /** Takes the unfinished file away. */
  remove(): void;
  readonly lines: number;
  readonly bytes: number;
}
