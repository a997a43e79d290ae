import type { EventFacts } from '../event/facts.ts';
import type { RecordView } from '../event/record.ts';
import { isBlank, valueEnd, valueStart } from '../event/record.ts';
import { isCanonicalTime } from '../event/time.ts';
import type { FieldOp, FillName } from '../mapping/model.ts';
import type { Leftover, OutputPlan, Segment } from '../mapping/plan.ts';
import { ROLE, sourceField } from '../mapping/plan.ts';
import type { Arena } from './arena.ts';
import { begin, ensure, writeByte, writeRaw, writeSpan, writeString } from './arena.ts';
import type { Tally } from './tally.ts';
import type { ValueWriter } from './value.ts';
import { writeFlat, writeMillis, writeValue } from './value.ts';

/** Gives the value that rule and context have for a field, or undefined. */
export type Filler = (name: FillName) => string | undefined;

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
const COPY: FieldOp = { op: 'copy' };

/**
 * Writes one 2.0 event as a line, which then stands in the arena from `start` to `at`. A value that no step touches is copied as it came,
 * byte for byte; blank values and fields without a value are left out. `record` undefined = a synthesized event.
 */
export function renderEvent(
  context: RenderContext,
  plan: OutputPlan,
  facts: EventFacts,
  record: RecordView | undefined,
  fill: Filler,
): void {
  const { arena } = context;
  begin(arena, 512);
  writeByte(arena, 0x7b);
  for (const segment of plan.segments) renderSegment(context, plan, segment, facts, record, fill);
  if (record !== undefined) renderLeftovers(context, plan, record);
  ensure(arena, 4);
  // Every field is followed by a comma; the last one gives way to the brace.
  if (arena.bytes[arena.at - 1] === COMMA) arena.at -= 1;
  writeByte(arena, 0x7d);
  writeByte(arena, 0x0a);
}

/** Copies an event that is already what 2.0 sends: the same bytes, on one line. */
export function renderCopy(context: RenderContext, record: RecordView): void {
  const { arena } = context;
  begin(arena, record.end - record.start + 8);
  writeFlat(arena, record, record.start, record.end);
  ensure(arena, 1);
  writeByte(arena, 0x0a);
}

function renderSegment(
  context: RenderContext,
  plan: OutputPlan,
  segment: Segment,
  facts: EventFacts,
  record: RecordView | undefined,
  fill: Filler,
): void {
  const { arena } = context;
  const from = arena.at - arena.start;
  writeSpan(arena, segment.key, 0, segment.keyLength);
  if (renderValue(context, plan, segment, facts, record, fill)) {
    ensure(arena, 1);
    writeByte(arena, COMMA);
  } else arena.at = arena.start + from;
}

/** Writes the value of a segment; false if there is none. */
function renderValue(
  context: RenderContext,
  plan: OutputPlan,
  segment: Segment,
  facts: EventFacts,
  record: RecordView | undefined,
  fill: Filler,
): boolean {
  const { arena } = context;
  if (segment.role === ROLE.time) return renderTime(arena, segment, facts, record);
  const fixed = segment.role === ROLE.type ? plan.target : segment.fixed;
  if (fixed !== undefined) {
    writeString(arena, fixed);
    return true;
  }
  const { fill: rule } = segment;
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
  if (segment.constant === undefined) return false;
  writeString(arena, segment.constant);
  return true;
}

function renderTime(arena: Arena, segment: Segment, facts: EventFacts, record: RecordView | undefined): boolean {
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

function renderFill(context: RenderContext, segment: Segment, facts: EventFacts, op: FieldOp, value: string): boolean {
  if (segment.role !== ROLE.contact) return context.values.text(op, value, facts.record);
  if (!context.plainContact || segment.op.op !== 'copy') return context.values.text(segment.op, value, facts.record);
  writeRaw(context.arena, value);
  return true;
}

/** Of several sources one is taken (`downloadURL` before `url`); what the others say is left out, counted. */
function noteNotTaken(context: RenderContext, segment: Segment, facts: EventFacts, record: RecordView, taken: number): void {
  for (const field of segment.sources) {
    if (field === taken || isFieldBlank(record, field)) continue;
    context.tally.note('droppedField', `${facts.type}.${record.shape.keys[field]}`, record);
    context.leftOut?.push(field);
  }
}

function renderLeftovers(context: RenderContext, plan: OutputPlan, record: RecordView): void {
  for (const leftover of plan.dropped) {
    if (isFieldBlank(record, leftover.field)) continue;
    context.tally.note('droppedField', leftover.noted, record);
    context.leftOut?.push(leftover.field);
  }
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
