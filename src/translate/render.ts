import type { EventFacts } from '../event/facts.ts';
import type { RecordView } from '../event/record.ts';
import { isBlank, valueEnd, valueStart } from '../event/record.ts';
import { copySpan } from '../event/span.ts';
import { isCanonicalTime } from '../event/time.ts';
import type { FieldOp, FillName } from '../mapping/model.ts';
import type { Leftover, OutputPlan, Segment } from '../mapping/plan.ts';
import { ROLE, sourceField } from '../mapping/plan.ts';
import type { Arena } from './arena.ts';
import { begin, ensure, writeByte, writeRaw, writeSpan, writeString } from './arena.ts';
import type { RenderProgram, Step } from './program.ts';
import { STEP } from './program.ts';
import type { Tally } from './tally.ts';
import { countOne } from './tally.ts';
import type { ValueWriter } from './value.ts';
import { writeFlat, writeMillis, writeValue } from './value.ts';
import type { ValueCache } from './value-cache.ts';

/** Gives the value that rule and context have for a field, or undefined. */
export type Filler = (name: FillName) => string | undefined;

/** What rendering needs to know of the event that an output comes from. */
export type RenderFacts = Pick<EventFacts, 'record' | 'time' | 'type'>;

/** What rendering works with. */
export interface RenderContext {
  readonly arena: Arena;
  readonly values: ValueWriter;
  readonly tally: Tally;
  /** The contactId of the call at hand is a JSON number in 1.0, and stays one. */
  plainContact: boolean;
  /** Where it is wanted: fields of the source that the output at hand leaves out. */
  leftOut: number[] | undefined;
}

const COMMA = 0x2c;
/** Longer values are copied by the system. */
const LONG = 200;
const COPY: FieldOp = { op: 'copy' };

/**
 * Writes one 2.0 event as a line, which then stands in the arena from `start` to `at`. A value that no step touches is copied as it came,
 * byte for byte; blank values and fields without a value are left out. `record` undefined = a synthesized event.
 */
export function renderEvent(
  context: RenderContext,
  program: RenderProgram,
  facts: RenderFacts,
  record: RecordView | undefined,
  fill: Filler,
): void {
  const { arena } = context;
  begin(arena, program.room + (record === undefined ? 0 : record.end - record.start));
  writeByte(arena, 0x7b);
  for (const step of program.steps) {
    if (record !== undefined && step.code <= STEP.cached && renderSimple(context, step, record)) continue;
    if (step.code === STEP.literal) arena.at = copySpan(arena.view, arena.at, step.key, 0, step.keyLength);
    else renderStep(context, program, step, facts, record, fill);
  }
  if (record !== undefined) renderLeftovers(context, program, record);
  ensure(arena, 4);
  // Every field is followed by a comma; the last one gives way to the brace.
  if (arena.bytes[arena.at - 1] === COMMA) arena.at -= 1;
  writeByte(arena, 0x7d);
  writeByte(arena, 0x0a);
}

/**
 * The frequent case: one source field, copied, or with a value that is known already. False if it is not that simple after all.
 * The room was made at the beginning of the event.
 */
function renderSimple(context: RenderContext, step: Step, record: RecordView): boolean {
  const { arena } = context;
  const { block } = record;
  const place = record.at + 2 * step.field;
  const start = block.spans[place] as number;
  const end = block.spans[place + 1] as number;
  const first = block.bytes[start] as number;
  if (end - start <= 4 && isBlank(block.bytes, start, end)) return !step.hasFallback;
  if (step.code === STEP.copy) {
    if (first === 0x7b || first === 0x5b || end - start > LONG) return false;
    const at = copySpan(arena.view, arena.at, step.key, 0, step.keyLength);
    arena.at = copySpan(arena.view, at, block.view, start, end);
  } else {
    const cache = step.cache as ValueCache;
    const known = cache.find(block.view, start, end);
    if (known < 0) return false;
    arena.at = cache.copy(known, arena.view, copySpan(arena.view, arena.at, step.key, 0, step.keyLength));
    const notes = cache.notes(known);
    if (notes.length > 0) context.values.count(notes, record);
  }
  arena.bytes[arena.at] = COMMA;
  arena.at += 1;
  return true;
}

/** Copies an event that is already what 2.0 sends: the same bytes, on one line. */
export function renderCopy(context: RenderContext, record: RecordView): void {
  const { arena } = context;
  begin(arena, record.end - record.start + 8);
  writeFlat(arena, record, record.start, record.end);
  ensure(arena, 1);
  writeByte(arena, 0x0a);
}

function renderStep(
  context: RenderContext,
  program: RenderProgram,
  step: Step,
  facts: RenderFacts,
  record: RecordView | undefined,
  fill: Filler,
): void {
  const { arena } = context;
  const { segment } = step;
  const from = arena.at - arena.start;
  writeSpan(arena, segment.key, 0, step.keyLength);
  if (renderValue(context, step, facts, record, fill)) {
    // What was not foreseen may have used the room up: make sure of the rest again.
    ensure(arena, program.room + (record === undefined ? 0 : record.end - record.start));
    writeByte(arena, COMMA);
  } else arena.at = arena.start + from;
}

/** Writes the value of a field; false if there is none. */
function renderValue(context: RenderContext, step: Step, facts: RenderFacts, record: RecordView | undefined, fill: Filler): boolean {
  const { arena } = context;
  const { segment } = step;
  if (step.code === STEP.time) return renderTime(arena, segment, facts, record);
  const rule = segment.fill;
  if (rule?.when === 'first') {
    const value = fill(rule.name);
    if (value !== undefined) return context.values.text(rule.op, value, facts.record);
  }
  const field = record === undefined ? -1 : sourceField(segment, record);
  if (record !== undefined && field >= 0) {
    if (segment.sources.length > 1) noteNotTaken(context, segment, facts, record, field);
    return context.values.source(segment.asIs.length > 0 && segment.asIs.includes(field) ? COPY : segment.op, record, field);
  }
  if (rule !== undefined && rule.when === 'missing') {
    const value = fill(rule.name);
    if (value !== undefined) return renderFill(context, segment, facts, rule.op, value);
  }
  return segment.constant === undefined ? false : renderText(arena, segment.constant);
}

function renderText(arena: Arena, text: string): boolean {
  writeString(arena, text);
  return true;
}

function renderTime(arena: Arena, segment: Segment, facts: RenderFacts, record: RecordView | undefined): boolean {
  const field = record === undefined ? -1 : sourceField(segment, record);
  if (record !== undefined && field >= 0) {
    const start = valueStart(record, field);
    const end = valueEnd(record, field);
    if (isCanonicalTime(record.block.bytes, start, end)) {
      writeSpan(arena, record.block, start, end);
      return true;
    }
  }
  writeMillis(arena, facts.time);
  return true;
}

function renderFill(context: RenderContext, segment: Segment, facts: RenderFacts, op: FieldOp, value: string): boolean {
  if (segment.role !== ROLE.contact) return context.values.text(op, value, facts.record);
  if (!context.plainContact || segment.op.op !== 'copy') return context.values.text(segment.op, value, facts.record);
  writeRaw(context.arena, value);
  return true;
}

/** Of several sources one is taken (`downloadURL` before `url`); what the others say is left out, counted. */
function noteNotTaken(context: RenderContext, segment: Segment, facts: RenderFacts, record: RecordView, taken: number): void {
  for (const field of segment.sources) {
    if (field === taken || isFieldBlank(record, field)) continue;
    context.tally.note('droppedField', `${facts.type}.${record.shape.keys[field]}`, record);
    context.leftOut?.push(field);
  }
}

function renderLeftovers(context: RenderContext, program: RenderProgram, record: RecordView): void {
  for (const left of program.dropped) {
    const { field, noted } = left.leftover;
    if (isFieldBlank(record, field)) continue;
    left.counter ??= context.tally.counter('droppedField', noted, record);
    countOne(left.counter, record);
    context.leftOut?.push(field);
  }
  const { plan } = program;
  for (const leftover of plan.unknown) {
    if (!isFieldBlank(record, leftover.field)) renderUnknown(context, plan, record, leftover);
  }
}

function renderUnknown(context: RenderContext, plan: OutputPlan, record: RecordView, leftover: Leftover): void {
  const { arena } = context;
  context.tally.note('unknownField', leftover.noted, record);
  if (!plan.keepUnknown) {
    context.leftOut?.push(leftover.field);
    return;
  }
  writeSpan(arena, leftover.key, 0, leftover.key.bytes.length);
  writeValue(arena, record, leftover.field);
  ensure(arena, 1);
  writeByte(arena, COMMA);
}

function isFieldBlank(record: RecordView, field: number): boolean {
  return isBlank(record.block.bytes, valueStart(record, field), valueEnd(record, field));
}
