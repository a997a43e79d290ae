import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { isBad } from '../parse/options.ts';
import type { SideContext } from '../sink/side-lines.ts';
import { badRecordLine, deadLetterLine } from '../sink/side-lines.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Outcome } from '../translate/outcome.ts';
import { eventId } from '../translate/outcome.ts';
import { createTranslator } from '../translate/translator.ts';
import type { NoStreamEvent, StreamEvent } from './event.ts';
import type { ReplayJob } from './job.ts';

/** Records after which calls that have expired are forgotten. */
const FORGET_AFTER = 100_000;

/** Translates 1.0 records on the way; what comes of one may come later, with others. */
export interface LegacyReader {
  push(item: RecordView | BadRecord): readonly (StreamEvent | NoStreamEvent)[];
  /** What still waited at the end. */
  finish(): readonly (StreamEvent | NoStreamEvent)[];
}

/** The 2.0 events that `convert` would write for the same records and settings, with the same ids. */
export function createLegacyReader(job: ReplayJob, context: SideContext): LegacyReader {
  const store = createMemoryStore();
  const translator = createTranslator({ ...job, order: 'time', store });
  let records = 0;
  const taken = (outcomes: readonly Outcome[]): (StreamEvent | NoStreamEvent)[] => {
    const events: (StreamEvent | NoStreamEvent)[] = [];
    for (const outcome of outcomes) {
      for (const output of outcome.outputs) {
        const { type, time, contact, agent, bytes, start, end } = output;
        // The line feed stays behind.
        events.push({ type, time, contact, agent, body: new Uint8Array(bytes.subarray(start, end - 1)), id: eventId(output) });
        output.chunk.live -= 1;
      }
      if (outcome.account === 'deadLetters') {
        const code = outcome.reason ?? 'unknown';
        events.push({ code, message: outcome.message ?? code, line: deadLetterLine(context, outcome) });
      }
      releaseRecord(outcome.record);
    }
    return events;
  };
  return {
    push(item) {
      if (isBad(item)) return [{ code: item.code, message: item.message, line: badRecordLine(context, item) }];
      records += 1;
      if (records % FORGET_AFTER === 0) store.expire(translator.clock() - job.lateness);
      return taken(translator.push(item));
    },
    finish: () => taken(translator.finish()),
  };
}
