import { EXIT, UpcastError } from '../errors.ts';
import type { RecordView } from '../event/record.ts';
import { releaseRecord, slotTextOnce } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { Mapping } from '../mapping/model.ts';
import { isBad } from '../parse/options.ts';
import type { Portion } from '../pipeline/read-inputs.ts';
import type { Look } from '../pipeline/read-once.ts';
import { readOnce } from '../pipeline/read-once.ts';
import { expandInputs } from '../source/inputs.ts';
import type { Translator, TranslatorOptions } from '../translate/api.ts';
import { eventId } from '../translate/outcome.ts';
import type { CallTrace } from '../translate/trace.ts';
import { createTracer } from '../translate/tracer.ts';
import { createTranslator } from '../translate/translator.ts';

/** A log of which some calls are to be explained. */
export interface ExplainJob extends Look {
  readonly inputs: readonly string[];
  readonly mapping: Mapping;
  /** Milliseconds, like those of a conversion. */
  readonly lateness: number;
  readonly hold: number;
  readonly idle: number;
  readonly retention: number;
  readonly maxJump: number;
  /** The inputs are read by event time, not one after the other. */
  readonly merge: boolean;
  /** Records that are read at most. */
  readonly limit?: number | undefined;
}

/** Some calls of a log, decision by decision. */
export interface Explanation {
  /** Names of the inputs; a place names one by its index. */
  readonly inputs: readonly string[];
  readonly mapping: { readonly name: string; readonly version: string; readonly hash: string };
  readonly lateness: number;
  readonly hold: number;
  readonly calls: readonly CallTrace[];
}

/** Translates a log and follows some of its calls; the others are passed by. `contacts`: 1.0 contactIds. Errors: those of reading inputs. */
export async function explainCalls(job: ExplainJob, contacts: Iterable<string>): Promise<Explanation> {
  const inputs = (await expandInputs(job.inputs)).map(({ name }) => name);
  const { mapping, ids, hold, lateness } = job;
  const tracer = createTracer({ contacts: new Set(contacts), ids, hold });
  const translator = translatorOf(job, { listLeftOut: true, isHome: tracer.isHome, watcher: tracer.watcher });
  await feed(job, translator, (outcome) => tracer.take(outcome));
  const { name, version, hash } = mapping;
  return { inputs, mapping: { name, version, hash }, lateness, hold, calls: tracer.traces() };
}

/**
 * The contact of the event that became the 2.0 event with this id, or with an id that begins so. Errors: there is none (66).
 */
export async function contactOfEvent(job: ExplainJob, id: string): Promise<string> {
  let found: string | undefined;
  await feed(job, translatorOf(job, {}), ({ outputs }) => {
    for (const output of outputs) if (eventId(output).startsWith(id)) found ??= output.contact ?? '';
    return found !== undefined;
  });
  if (found === undefined)
    throw notFound(`no 2.0 event of this log has the id ${id}`, 'ids depend on the content of the 1.0 event alone: is it the right log?');
  return callOf(found, `the event ${id}`);
}

/** The contact of the event at a line. Errors: there is no such line, or what stands there has no contact (66). */
export async function contactAtLine(
  job: ExplainJob,
  { source, line }: { readonly source: number; readonly line: number },
): Promise<string> {
  for await (const { items } of portions(job)) {
    for (const item of items) {
      const isThere = item.source === source && item.line === line;
      if (isThere && isBad(item)) throw notFound(`line ${line} is no event, but a dead letter: ${item.code}, ${item.message}`);
      if (isThere && !isBad(item)) return callOf(slotTextOnce(item, SLOT.contactId) ?? '', `the event at line ${line}`);
      if (!isBad(item)) releaseRecord(item);
    }
  }
  throw notFound(`no event stands at line ${line}`);
}

function callOf(contact: string, what: string): string {
  if (contact !== '') return contact;
  throw notFound(`${what} belongs to no call: it has no contactId`, 'its agent is shown with each call: give the --contact of one');
}

function notFound(message: string, hint?: string): UpcastError {
  return new UpcastError({ code: 'no-such-event', exit: EXIT.noInput, message, hint });
}

function translatorOf(job: ExplainJob, more: Partial<TranslatorOptions>): Translator {
  const { mapping, ids, timeZone, lateness, hold, idle, retention, maxJump } = job;
  return createTranslator({ mapping, ids, timeZone, lateness, hold, idle, retention, maxJump, order: 'time', ...more });
}

/** Reads and translates; ends early if `take` says true. */
async function feed(
  job: ExplainJob,
  translator: Translator,
  take: (outcome: ReturnType<Translator['push']>[number]) => unknown,
): Promise<void> {
  const give = (outcomes: ReturnType<Translator['push']>): boolean => {
    let isEnough = false;
    for (const outcome of outcomes) {
      isEnough ||= take(outcome) === true;
      for (const { chunk } of outcome.outputs) chunk.live -= 1;
      releaseRecord(outcome.record);
    }
    return isEnough;
  };
  let left = job.limit ?? Number.POSITIVE_INFINITY;
  for await (const { items } of portions(job)) {
    for (const item of items) {
      if (left === 0) break;
      left -= 1;
      if (!isBad(item) && give(translator.push(item as RecordView))) return;
    }
    if (left === 0) break;
  }
  give(translator.finish());
}

async function* portions(job: ExplainJob): AsyncGenerator<Portion> {
  yield* readOnce(job, await expandInputs(job.inputs), { merge: job.merge });
}
