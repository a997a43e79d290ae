import type { Ahead, Piece } from './piece.ts';

/** What of a lane's lines could not be written yet at a checkpoint. */
export interface Rest {
  readonly lane: number;
  readonly piece: Piece;
}

interface SavedPiece {
  readonly lane: number;
  readonly index: readonly number[];
  readonly output: string;
  readonly provenance: string;
  readonly dropped: string;
  readonly ahead: readonly (readonly [number, readonly Ahead[]])[];
}

/** The rest of all lanes as rows of the state. */
export function* savedRest(lanes: readonly (readonly Piece[])[]): Generator<string> {
  for (const [lane, pieces] of lanes.entries()) {
    for (const { index, output, provenance, dropped, ahead } of pieces) {
      if (index.length === 0) continue;
      const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      const saved: SavedPiece = {
        ...{ lane, index: [...index], ahead: [...ahead] },
        ...{ output: text(output), provenance: text(provenance), dropped: text(dropped) },
      };
      yield JSON.stringify(saved);
    }
  }
}

/** The rest from its rows. */
export function* restOf(rows: Iterable<string>): Generator<Rest> {
  for (const row of rows) {
    const { lane, index, ahead, output, provenance, dropped } = JSON.parse(row) as SavedPiece;
    const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
    yield {
      lane,
      piece: {
        index: Float64Array.from(index),
        ...{ output: bytes(output), provenance: bytes(provenance), dropped: bytes(dropped) },
        ahead: new Map(ahead),
        dead: [],
        // Nothing is written before the lane has told how far it is.
        frontier: { time: Number.NEGATIVE_INFINITY, seq: -1 },
        items: 0,
      },
    };
  }
}
