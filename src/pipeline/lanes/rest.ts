import type { Ahead, Batch } from './piece.ts';

/** Lines of a lane that could not be written yet at a checkpoint. */
export interface Rest {
  readonly lane: number;
  readonly batch: Batch;
}

interface SavedBatch {
  readonly lane: number;
  readonly index: readonly number[];
  readonly output: string;
  readonly provenance: string;
  readonly dropped: string;
  readonly ahead: readonly (readonly [number, readonly Ahead[]])[];
}

/** The rest of all lanes as rows of the state. */
export function* savedRest(lanes: readonly (readonly Batch[])[]): Generator<string> {
  for (const [lane, batches] of lanes.entries()) {
    for (const { index, output, provenance, dropped, ahead } of batches) {
      const saved: SavedBatch = {
        ...{ lane, index: [...index], ahead: [...ahead] },
        ...{ output: textOf(output), provenance: textOf(provenance), dropped: textOf(dropped) },
      };
      yield JSON.stringify(saved);
    }
  }
}

/** The rest from its rows. */
export function* restOf(rows: Iterable<string>): Generator<Rest> {
  for (const row of rows) {
    const { lane, index, ahead, output, provenance, dropped } = JSON.parse(row) as SavedBatch;
    const bytes = { output: Buffer.from(output), provenance: Buffer.from(provenance), dropped: Buffer.from(dropped) };
    yield { lane, batch: { index: Float64Array.from(index), ahead: new Map(ahead), ...bytes } };
  }
}

/** Lines are UTF-8: records that are not do not become any. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
