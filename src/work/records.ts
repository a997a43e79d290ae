import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import type { ShapeTree } from '../event/shape.ts';
import { createShapeTree } from '../event/shape.ts';
import type { ReadingRoom } from '../parse/intake.ts';
import { createReadingRoom, isBad, readBuffer } from '../parse/reader.ts';
import type { Arrival } from '../source/partition.ts';
import { createGlance } from '../translate/glance.ts';
import type { WorkJob } from './job.ts';

/** Records whose home is another partition carry this number of a source. */
export const FOREIGN = 1;

/** Makes records of messages. */
export interface RecordMaker {
  /** In the order of the messages; those that show nothing to this partition are left out. */
  records(arrivals: readonly Arrival[]): readonly (RecordView | BadRecord)[];
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A maker of records. Most messages are a line without line breaks: these are read together, as lines of one buffer. */
export function createRecordMaker({ maxLine, dupKeys }: Pick<WorkJob, 'maxLine' | 'dupKeys'>): RecordMaker {
  const shapes = createShapeTree({ duplicates: dupKeys === 'last' ? 'last' : 'first' });
  const room = createReadingRoom();

  const single = ({ position, home, body = '' }: Arrival): RecordView | BadRecord => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const found = readOne(bytes, shapes, { maxLine, dupKeys }, room);
    return placed(found, position, home);
  };

  return {
    records(arrivals) {
      const made: (RecordView | BadRecord)[] = [];
      let group: { readonly arrival: Arrival; readonly body: Uint8Array | string }[] = [];
      let size = 0;
      const settle = (): void => {
        if (group.length === 0) return;
        const joined = Buffer.allocUnsafe(size);
        let at = 0;
        for (const { body } of group) {
          if (typeof body === 'string') at += joined.write(body, at);
          else {
            joined.set(body, at);
            at += body.length;
          }
          joined[at] = NEWLINE;
          at += 1;
        }
        const { items } = readBuffer(joined, { source: 0, maxLine, dupKeys, shapes, format: 'ndjson' }, room);
        for (const [index, item] of items.entries()) {
          const { position, home } = (group[index] as (typeof group)[number]).arrival;
          made.push(placed(item, position, home));
        }
        group = [];
        size = 0;
      };
      for (const arrival of arrivals) {
        const { body } = arrival;
        if (body === undefined) continue;
        if (isPlain(body)) {
          group.push({ arrival, body });
          size += (typeof body === 'string' ? Buffer.byteLength(body) : body.length) + 1;
        } else {
          settle();
          made.push(single(arrival));
        }
      }
      settle();
      return made;
    },
  };
}

/** What bodies show to all partitions, see `createGlance`; null for what is no event. */
export function createGlances(job: WorkJob): (bodies: readonly Uint8Array[]) => readonly (string | null)[] {
  const maker = createRecordMaker(job);
  const glance = createGlance(job.mapping);
  return (bodies) =>
    maker.records(bodies.map((body, position) => ({ position, home: true, body }))).map((record) => {
      if (isBad(record)) return null;
      const shown = glance(record);
      releaseRecord(record);
      return shown;
    });
}

/** One line that is not blank: it becomes exactly one record. */
function isPlain(bytes: Uint8Array | string): boolean {
  if (typeof bytes === 'string') return bytes.startsWith('{') && !/[\r\n]/.test(bytes);
  return bytes[0] === 0x7b && !bytes.includes(NEWLINE) && !bytes.includes(RETURN);
}

/** The one record of a body, whatever its form. */
function readOne(
  bytes: Uint8Array,
  shapes: ShapeTree,
  { maxLine, dupKeys }: Pick<WorkJob, 'maxLine' | 'dupKeys'>,
  room: ReadingRoom,
): RecordView | BadRecord {
  const options = { source: 0, maxLine, dupKeys, shapes, format: 'concatenated' } as const;
  const { items } = readBuffer(bytes, options, room);
  const [first] = items;
  if (first !== undefined && items.length === 1) return first;
  const message = items.length === 0 ? 'the message is empty' : 'the message holds more than one value';
  const raw = new Uint8Array(bytes.subarray(0, 4096));
  return { code: 'bad-json', message, raw, length: bytes.length, crc32: 0, source: 0, offset: 0, line: 0 };
}

/** A record is found again by the number of its message; where it stood among those read together is nobody's business. */
function placed<T extends RecordView | BadRecord>(item: T, position: number, home: boolean): T {
  return { ...item, source: home ? 0 : FOREIGN, line: position, offset: 0 };
}
