import { EXIT, UpcastError } from '../errors.ts';
import { receivedAt } from '../event/received.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { isBad } from '../parse/options.ts';
import { inputRow } from '../translate/account.ts';
import type { Translator } from '../translate/api.ts';
import type { ConvertJob } from './job.ts';
import type { Notes } from './notes.ts';
import type { Outputs } from './outputs.ts';

/** What takes records in and writes what becomes of them. */
export interface FeedParts {
  readonly job: ConvertJob;
  readonly translator: Translator;
  readonly outputs: Outputs;
  readonly notes: Notes;
  /** Where arrival time stands in a capture; undefined in a log. */
  received: number | undefined;
}

/** Translates one record and writes what is decided by now. */
export function feed(parts: FeedParts, item: RecordView | BadRecord): void {
  const { translator, notes } = parts;
  if (isBad(item)) {
    const row = inputRow(translator.books, '');
    row.in += 1;
    row.deadLetters += 1;
    notes.record(item.source, undefined, translator.clock());
    notes.deadLetter(item, item.code, item.message);
    parts.outputs.badRecord(item);
    refuseIfStrict(parts, item.code, item.message, notes.place(item));
    return;
  }
  const at = parts.job.asReceived ? receivedAt(item) : undefined;
  if (at !== undefined) {
    parts.received = at;
    releaseRecord(item);
    for (const outcome of translator.advance(at)) take(parts, outcome);
    return;
  }
  const outcomes = translator.push(item, parts.received);
  notes.record(item.source, translator, translator.clock());
  for (const outcome of outcomes) take(parts, outcome);
}

/** Writes what became of an event. */
export function take(parts: FeedParts, outcome: ReturnType<Translator['finish']>[number]): void {
  parts.outputs.outcome(outcome);
  if (outcome.account !== 'deadLetters') return;
  const code = outcome.reason ?? 'unknown';
  const message = outcome.message ?? code;
  parts.notes.deadLetter(outcome.record, code, message);
  if (code === 'unknown-id' && parts.job.mapping.policies.unknownId === 'fail') refuse(code, message, parts.notes.place(outcome.record));
  refuseIfStrict(parts, code, message, parts.notes.place(outcome.record));
}

function refuseIfStrict({ job }: FeedParts, code: string, message: string, place: string): void {
  if (job.strict) refuse(code, message, place);
}

function refuse(code: string, message: string, place: string): never {
  throw new UpcastError({
    code,
    exit: EXIT.damaged,
    message,
    place,
    hint: 'mend the record, or run without --strict to set it aside as a dead letter',
  });
}
