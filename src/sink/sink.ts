/** How far a file is: its bytes on disk, what they are, and the lines in them. */
export interface FilePosition {
  readonly bytes: number;
  readonly crc32: number;
  readonly lines: number;
}

/** What takes lines. */
export interface LineSink {
  /** Takes one line, `bytes[start, end)` with its line feed, or as many as `lines` tells. The bytes must not change before the next `flush`. */
  line(bytes: Uint8Array, start: number, end: number, lines?: number): void;
}

/** Where lines go. A sink that fails throws, at the next call; nothing is retried behind the caller's back. */
export interface Sink extends LineSink {
  readonly path: string;
  /** Takes over all lines: their bytes may change. They are on their way to the operating system, which happens beside other work. */
  flush(): void;
  /** Bytes on their way. */
  readonly pending: number;
  /** Waits until the operating system has all that is on its way. */
  drain(): Promise<void>;
  /** Makes all lines durable; returns where the file then ends. A compressed file's member ends here. */
  sync(): Promise<FilePosition>;
  /** Completes the file: all is durable and it gets its name. */
  finish(): Promise<void>;
  /** Leaves the unfinished file as it is. */
  abandon(): Promise<void>;
  /** Takes the unfinished file away. */
  remove(): Promise<void>;
  readonly lines: number;
  /** Bytes of all lines, before compression. */
  readonly bytes: number;
}
