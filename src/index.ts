/**
 * ccc-upcast as a library: Alibaba Cloud CCC event push 1.0 → 2.0. `ccc-upcast convert` is made of what stands here and of nothing else.
 *
 * ```ts
 * import { createIdTable, createShapeTree, createTranslator, isBad, loadMapping, outputText, readBuffer } from 'ccc-upcast';
 *
 * const ids = createIdTable([{ kind: 'agent', legacy: '2001@acme-domain', current: 'wangwei@acme' }]);
 * const translator = createTranslator({ mapping: await loadMapping('ccc-2.0'), ids });
 * const options = { source: 0, maxLine: 1 << 20, dupKeys: 'refuse', shapes: createShapeTree() } as const;
 * const lines = Buffer.from('{"EventTime":"2021-03-01T01:00:00Z","EventType":"AgentReady","agentId":"2001@acme-domain"}\n');
 * const outcomes = [];
 * for (const item of readBuffer(lines, options).items) {
 *   if (isBad(item)) throw new Error(item.message);
 *   outcomes.push(...translator.push(item)); // what is decided by now
 * }
 * outcomes.push(...translator.finish()); // the rest
 * for (const { outputs } of outcomes) for (const output of outputs) process.stdout.write(outputText(output));
 * // {"eventTime":"2021-03-01T01:00:00.000Z","eventType":"AgentReady","agentId":"wangwei@acme"}
 * ```
 *
 * Whoever writes an output enters it in the books, `outputRow(translator.books, output.type).out += 1`; then `findImbalances` proves them.
 * Errors that end a run are {@link UpcastError}; trouble with one event is an {@link Outcome} with its reason.
 */

export type { ExitCode } from './errors.ts';
export { EXIT, UpcastError } from './errors.ts';
export type { Evidence } from './event/facts.ts';
export { homeOf } from './event/home.ts';
export { parseIdTable } from './event/id-file.ts';
export { outputId } from './event/identity.ts';
export type { IdRow, IdTable, IdTableKind } from './event/ids.ts';
export { createIdTable } from './event/ids.ts';
export type { EventReader, ReadContext } from './event/read.ts';
export { createEventReader } from './event/read.ts';
export { receivedAt, receivedLine } from './event/received.ts';
export type { BadRecord, BadRecordCode, RecordBlock, RecordView } from './event/record.ts';
export { releaseRecord, textOf, valueEnd, valueStart } from './event/record.ts';
export type { Shape, ShapeTree } from './event/shape.ts';
export { createShapeTree } from './event/shape.ts';
export { createZone } from './event/zone.ts';
export { compileMapping } from './mapping/compile.ts';
export type { MappingIssue } from './mapping/issue.ts';
export { MappingError, renderIssue } from './mapping/issue.ts';
export type { Mapping } from './mapping/model.ts';
export type { Layer } from './mapping/source.ts';
export { createCursor } from './parse/cursor.ts';
export { decompress } from './parse/decompress.ts';
export { parsePointer } from './parse/pointer.ts';
export type { ReadOptions, RecordBatch, RecordFormat } from './parse/reader.ts';
export { DEFAULT_MAX_LINE, detachRecord, HARD_MAX_LINE, isBad, readBuffer, readRecords } from './parse/reader.ts';
export type { ConvertJob, DeadLetterSample, Progress, ProvenanceTarget, RunResult, WrittenFile } from './pipeline/job.ts';
export { runConvert } from './pipeline/run.ts';
export type { InputSource } from './source/inputs.ts';
export { expandInputs } from './source/inputs.ts';
export { builtInMappings, loadMapping, readMappingFolder } from './source/mapping-folder.ts';
export { createMemoryStore } from './store/memory.ts';
export { openSqlite, openSqliteAnew, removeSqlite } from './store/sqlite.ts';
export type { StateStore } from './store/store.ts';
export type { Books, InputCounts } from './translate/account.ts';
export { createBooks, findImbalances, heldOf, inputRow, outputRow } from './translate/account.ts';
export type { Translator, TranslatorOptions } from './translate/api.ts';
export type { ContextStore } from './translate/contexts.ts';
export type { DecisionCounts, OutputCounts, OutputKind, OutputLabel } from './translate/label.ts';
export type { Account, Outcome, Output, Reason } from './translate/outcome.ts';
export { eventId, outputText } from './translate/outcome.ts';
export type { Bucket, Oddity, Specimen, SurveyState } from './translate/survey.ts';
export { surveyOf } from './translate/survey.ts';
export type { Count, NoticeKind, Tally } from './translate/tally.ts';
export { createTally } from './translate/tally.ts';
export type { CallState, CallTrace, Held, TracedEvent, TracedOutput, TracedStep } from './translate/trace.ts';
export type { Tracer, TracerOptions } from './translate/tracer.ts';
export { createTracer } from './translate/tracer.ts';
export { createTranslator } from './translate/translator.ts';
export type { Watcher } from './translate/watch.ts';
