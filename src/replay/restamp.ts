import { TextEncoder } from 'node:util';
import type { RecordView } from '../event/record.ts';
import { valueEnd, valueStart } from '../event/record.ts';
import { createZone, formatTime, parseTime } from '../event/time.ts';

/** Fields of 2.0 events that name an instant (the vendor's page of 2021, and live events of 2026): durations and offsets are none. */
const TIMES: ReadonlySet<string> = new Set(['eventTime', 'startTime', 'establishedTime', 'endTime', 'beginTime', 'beginTimeMS']);
/** 2.0 is written in UTC. */
const UTC = createZone('UTC');
const QUOTE = 0x22;
const WHOLE = /^-?\d+$/;
const SECONDS_BELOW = 1e11;

/**
 * Moves the times of events by `shift` milliseconds: texts stay texts, numbers stay numbers in their unit. `record` lies over `body`.
 * What is no time stays as it is.
 */
export function createRestamp(shift: number): (body: Uint8Array, record: RecordView) => Uint8Array {
  const encoder = new TextEncoder();
  return (body, record) => {
    const parts: Uint8Array[] = [];
    let done = 0;
    record.shape.keys.forEach((key, field) => {
      if (!TIMES.has(key)) return;
      const [start, end] = [valueStart(record, field), valueEnd(record, field)];
      const moved = movedText(record.block.bytes, start, end, record.block.text(start, end), shift);
      if (moved === undefined) return;
      parts.push(body.subarray(done, start - record.start), encoder.encode(moved));
      done = end - record.start;
    });
    return parts.length === 0 ? body : Buffer.concat([...parts, body.subarray(done)]);
  };
}

function movedText(bytes: Uint8Array, start: number, end: number, text: string, shift: number): string | undefined {
  const time = parseTime(bytes, start, end, UTC);
  if (Number.isNaN(time)) return undefined;
  const isText = bytes[start] === QUOTE;
  const plain = isText ? text.slice(1, -1) : text;
  const quote = isText ? '"' : '';
  if (!isText || WHOLE.test(plain)) return `${quote}${movedNumber(plain, time + shift)}${quote}`;
  return `"${formatTime(time + shift)}"`;
}

/** Unix time in the unit in which it was written. */
function movedNumber(plain: string, time: number): string {
  const isSeconds = Math.abs(Number(plain)) < SECONDS_BELOW;
  if (!isSeconds) return String(time);
  return WHOLE.test(plain) ? String(Math.floor(time / 1000)) : String(time / 1000);
}
