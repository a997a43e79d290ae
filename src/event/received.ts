import type { RecordView } from './record.ts';
import { textOf } from './record.ts';

/** Key of the line in a capture that says when what follows was received. */
const RECEIVED = 'ccc-upcast-received';

/** The line of a capture for an arrival time, Unix milliseconds. */
export function receivedLine(at: number): string {
  return `{"${RECEIVED}":${at}}\n`;
}

/** The arrival time that a line of a capture tells; undefined for an event. */
export function receivedAt(record: RecordView): number | undefined {
  const { keys } = record.shape;
  if (keys.length !== 1 || keys[0] !== RECEIVED) return undefined;
  const at = Number(textOf(record, 0));
  return Number.isFinite(at) ? at : undefined;
}
