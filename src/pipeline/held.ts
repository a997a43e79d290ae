import { EXIT, UpcastError } from '../errors.ts';
import type { RecordView } from '../event/record.ts';
import { createShapeTree } from '../event/shape.ts';
import { HARD_MAX_LINE } from '../parse/options.ts';
import { isBad, readBuffer } from '../parse/reader.ts';
import type { StateStore } from '../store/store.ts';
import type { RecordReader, SavedSlot } from '../translate/snapshot.ts';
import type { ConvertJob } from './job.ts';

const SLOTS_A_ROW = 500;

/** Saves events on their way, some hundred a row. */
export function saveHeld(store: StateStore, slots: Iterable<SavedSlot>): void {
  store.setHeld(rowsOf(slots));
}

function* rowsOf(slots: Iterable<SavedSlot>): Generator<string> {
  let row: SavedSlot[] = [];
  for (const slot of slots) {
    row.push(slot);
    if (row.length < SLOTS_A_ROW) continue;
    yield JSON.stringify(row);
    row = [];
  }
  if (row.length > 0) yield JSON.stringify(row);
}

/** The events on their way that were saved. */
export function* heldOf(store: StateStore): Generator<SavedSlot> {
  for (const row of store.held()) yield* JSON.parse(row) as SavedSlot[];
}

/** Makes records of saved events. */
export function createRecordReader(job: Pick<ConvertJob, 'dupKeys'>): RecordReader {
  const shapes = createShapeTree({ duplicates: job.dupKeys === 'last' ? 'last' : 'first' });
  return ({ raw, source, offset, line }): RecordView => {
    const options = { source, maxLine: HARD_MAX_LINE, dupKeys: job.dupKeys, format: 'concatenated', shapes } as const;
    const [item] = readBuffer(Buffer.from(raw), options).items;
    if (item !== undefined && !isBad(item)) return { ...item, offset, line };
    throw new UpcastError({
      code: 'state-damaged',
      exit: EXIT.stateMismatch,
      message: 'a held event in the state cannot be read',
      hint: 'begin anew with --restart',
    });
  };
}
