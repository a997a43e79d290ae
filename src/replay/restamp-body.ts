import { releaseRecord } from '../event/record.ts';
import { createShapeTree } from '../event/shape.ts';
import { createReadingRoom, HARD_MAX_LINE, isBad, readBuffer } from '../parse/reader.ts';
import { createRestamp } from './restamp.ts';

/** Moves the times of events that are in memory by `shift` milliseconds. */
export function createBodyRestamp(shift: number): (body: Uint8Array) => Uint8Array {
  if (shift === 0) return (body) => body;
  const restamp = createRestamp(shift);
  const room = createReadingRoom();
  const options = { source: 0, maxLine: HARD_MAX_LINE, dupKeys: 'last', format: 'concatenated', shapes: createShapeTree() } as const;
  return (body) => {
    const [item] = readBuffer(body, options, room).items;
    if (item === undefined || isBad(item)) throw new Error('an event that was read cannot be read again');
    const moved = restamp(body, item);
    releaseRecord(item);
    return moved;
  };
}
