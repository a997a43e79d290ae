import type { ReadOptions, RecordBatch } from './options.ts';
export async function* readDocument(
  _chunks: AsyncIterable<Uint8Array>,
  _steps: readonly string[],
  _options: ReadOptions,
): AsyncGenerator<RecordBatch> {}
