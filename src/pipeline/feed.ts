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
    notes.record(item.source, undefined, translator.clock());
    if (isElsewhere(parts)) return;
    const row = inputRow(translator.books, '');
    row.in += 1;
    row.deadLetters += 1;
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
  const lateBefore = translator.lateEvents();
  const outcomes = translator.push(item, parts.received);
  notes.record(item.source, translator, translator.clock());
  if (parts.job.shard === undefined || translator.lateEvents() === lateBefore) {
    for (const outcome of outcomes) take(parts, outcome);
  } else takeLate(parts, outcomes);
  if (parts.job.shard !== undefined && notes.records() % MARK_EVERY === 0) parts.outputs.mark(translator.frontier());
}

/** Items of the inputs from one mark of a shard to the next: shards are put together in such pieces. */
const MARK_EVERY = 10_000;

/** What is no event belongs to no contact: the first shard tells of it. */
function isElsewhere({ job }: FeedParts): boolean {
  return job.shard !== undefined && job.shard.index > 0;
}

/** What became of a late event comes first, if it is of this shard. */
function takeLate(parts: FeedParts, [first, ...others]: ReturnType<Translator['push']>): void {
  parts.outputs.late(parts.translator.lateFrontier(), first?.late === true ? first : undefined);
  if (first !== undefined && !first.late) take(parts, first);
  for (const outcome of others) take(parts, outcome);
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
