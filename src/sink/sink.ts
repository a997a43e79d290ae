/** Where lines go. A sink that fails throws, at the next call; nothing is retried behind the caller's back. */
export interface Sink {
  readonly path: string;
  /** Takes one line, `bytes[start, end)` with its line feed. The bytes must not change before the next `flush`. */
  line(bytes: Uint8Array, start: number, end: number): void;
  /** Takes over all lines: their bytes may change. They are on their way to the operating system, which happens beside other work. */
  flush(): void;
  /** Bytes on their way. */
  readonly pending: number;
  /** Waits until the operating system has all that was flushed. */
  drain(): Promise<void>;
  /** Completes the file: all is flushed to disk and it gets its name. */
  finish(): Promise<void>;
  /** Leaves the unfinished file as it is. */
  abandon(): Promise<void>;
  /** Takes the unfinished file away. */
  remove(): Promise<void>;
  readonly lines: number;
  readonly bytes: number;
}
