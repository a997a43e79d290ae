import type { Sink } from './sink.ts';

const PIECE = 64 * 1024;

/** Lines made as text, collected and encoded in pieces. */
export interface TextSink {
  line(text: string): void;
  flush(): void;
  readonly sink: Sink;
}

/** Puts lines of text into a sink of bytes. */
export function createTextSink(sink: Sink): TextSink {
  let pending = '';
  const encoder = new TextEncoder();
  const settle = (): void => {
    if (pending === '') return;
    const bytes = encoder.encode(pending);
    let start = 0;
    for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, start)) {
      sink.line(bytes, start, at + 1);
      start = at + 1;
    }
    pending = '';
  };
  return {
    sink,
    line(text) {
      pending += text;
      if (pending.length > PIECE) settle();
    },
    flush() {
      settle();
      sink.flush();
    },
  };
}
