import type { EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { isBlank, textOf, valueEnd, valueStart } from '../event/record.ts';
import { isCanonicalTime, parseTime, writeTime } from '../event/time.ts';
import type { ZoneOffset } from '../event/time.ts';
import type { FieldOp, FillName, IdKind } from '../mapping/model.ts';
import type { Leftover, OutputPlan, Segment } from '../mapping/plan.ts';
import { sourceField } from '../mapping/plan.ts';
import type { Arena } from './arena.ts';
import { ensure, writeRaw, writeSpan, writeString } from './arena.ts';
import type { Tally } from './tally.ts';

/** Gives the value that rule and context have for a field, or undefined. */
export type Filler = (name: FillName) => string | undefined;

/** What rendering works with. */
export interface RenderContext {
  readonly arena: Arena;
  readonly ids: IdTable;
  readonly zone: ZoneOffset;
  readonly tally: Tally;
  /** The contactId of the call at hand is a JSON number in 1.0, and stays one. */
  plainContact: boolean;
  /** Where it is wanted: fields of the source that the output at hand leaves out. */
  leftOut: number[] | undefined;
}

const COMMA = 0x2c;
const COPY: FieldOp = { op: 'copy' };
const TIME_ROOM = 40;

/** Where a rendered line stands in the arena. */
export interface Rendered {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Writes one 2.0 event as a line. A value that no step touches is copied as it came, byte for byte; blank values and fields
 * without a value are left out. `record` undefined = a synthesized event.
 */
export function renderEvent(context: RenderContext, plan: OutputPlan, facts: EventFacts, record: RecordView | undefined, fill: Filler): Rendered {
  const { arena } = context;
  let start = arena.at;
  start = ensure(arena, start, (record === undefined ? 0 : record.end - record.start) + 1024);
  arena.bytes[arena.at++] = 0x7b;
  for (const segment of plan.segments) start = renderSegment(context, plan, segment, facts, record, fill, start);
  if (record !== undefined) start = renderLeftovers(context, plan, record, start);
  start = ensure(arena, start, 4);
  // Every field is followed by a comma; the last one gives way to the brace.
  if (arena.bytes[arena.at - 1] === COMMA) arena.at -= 1;
  arena.bytes[arena.at++] = 0x7d;
  arena.bytes[arena.at++] = 0x0a;
  return { bytes: arena.bytes, start, end: arena.at };
}

/** Copies an event that is already what 2.0 sends: the same bytes, on one line. */
export function renderCopy(context: RenderContext, record: RecordView): Rendered {
  const { arena } = context;
  const start = ensure(arena, arena.at, record.end - record.start + 2);
  writeFlat(arena, record.block.bytes, record.start, record.end);
  arena.bytes[arena.at++] = 0x0a;
  return { bytes: arena.bytes, start, end: arena.at };
}

/** Line breaks can only be white space between tokens in JSON, so a blank in their place changes nothing. */
function writeFlat(arena: Arena, bytes: Uint8Array, from: number, to: number): void {
  const begin = arena.at;
  writeSpan(arena, bytes, from, to);
  for (let at = begin; at < arena.at; at += 1) if ((arena.bytes[at] as number) < 0x20) arena.bytes[at] = 0x20;
}

function renderSegment(
  context: RenderContext,
  plan: OutputPlan,
  segment: Segment,
  facts: EventFacts,
  record: RecordView | undefined,
  fill: Filler,
  from: number,
): number {
  const { arena } = context;
  if (segment.to === 'eventTime') return renderTime(arena, segment, facts, record, from);
  if (segment.to === 'eventType') return renderText(arena, segment, plan.target, from);
  if (segment.fixed !== undefined) return renderText(arena, segment, segment.fixed, from);
  const rule = segment.fill;
  if (rule?.when === 'first') {
    const value = fill(rule.name);
    if (value !== undefined) return renderFill(context, segment, facts, rule.op, value, from);
  }
  const field = record === undefined ? -1 : sourceField(segment, record);
  if (record !== undefined && field >= 0) {
    if (segment.sources.length > 1) noteNotTaken(context, segment, facts, record, field);
    return renderSource(context, segment, facts, record, field, from);
  }
  if (rule !== undefined && rule.when === 'missing') {
    const value = fill(rule.name);
    if (value !== undefined) return renderFill(context, segment, facts, rule.op, value, from);
  }
  return segment.constant === undefined ? from : renderText(arena, segment, segment.constant, from);
}

/** Of several sources one is taken (`downloadURL` before `url`); what the others say is left out, counted. */
function noteNotTaken(context: RenderContext, segment: Segment, facts: EventFacts, record: RecordView, taken: number): void {
  for (const field of segment.sources) {
    if (field === taken || isBlank(record.block.bytes, valueStart(record, field), valueEnd(record, field))) continue;
    context.tally.note('droppedField', `${facts.type}.${record.shape.keys[field]}`, record);
    context.leftOut?.push(field);
  }
}

function renderTime(arena: Arena, segment: Segment, facts: EventFacts, record: RecordView | undefined, from: number): number {
  const start = ensure(arena, from, segment.key.length + TIME_ROOM);
  writeSpan(arena, segment.key, 0, segment.key.length);
  const field = record === undefined ? -1 : sourceField(segment, record);
  if (record !== undefined && field >= 0) {
    const { bytes } = record.block;
    const begin = valueStart(record, field);
    const end = valueEnd(record, field);
    if (isCanonicalTime(bytes, begin, end)) {
      writeSpan(arena, bytes, begin, end);
      arena.bytes[arena.at++] = COMMA;
      return start;
    }
  }
  writeMillis(arena, facts.time);
  return start;
}

function writeMillis(arena: Arena, time: number): void {
  arena.bytes[arena.at++] = 0x22;
  arena.at = writeTime(time, arena.bytes, arena.at);
  arena.bytes[arena.at++] = 0x22;
  arena.bytes[arena.at++] = COMMA;
}

function renderText(arena: Arena, segment: Segment, text: string, from: number): number {
  const start = ensure(arena, from, segment.key.length + text.length * 6 + 4);
  writeSpan(arena, segment.key, 0, segment.key.length);
  writeString(arena, text);
  arena.bytes[arena.at++] = COMMA;
  return start;
}

function renderFill(context: RenderContext, segment: Segment, facts: EventFacts, op: FieldOp, value: string, from: number): number {
  const chosen = segment.to === 'contactId' ? segment.op : op;
  const text = applyOp(context, chosen, value, facts.record);
  if (text === undefined) return from;
  if (segment.to !== 'contactId' || !context.plainContact || text !== value) return renderText(context.arena, segment, text, from);
  const start = ensure(context.arena, from, segment.key.length + text.length + 4);
  writeSpan(context.arena, segment.key, 0, segment.key.length);
  writeRaw(context.arena, `${text},`);
  return start;
}

function renderSource(
  context: RenderContext,
  segment: Segment,
  facts: EventFacts,
  record: RecordView,
  field: number,
  from: number,
): number {
  const { arena, zone } = context;
  const { bytes } = record.block;
  const begin = valueStart(record, field);
  const end = valueEnd(record, field);
  const op = segment.asIs.includes(field) ? COPY : segment.op;
  switch (op.op) {
    case 'copy':
      return renderRaw(arena, segment.key, bytes, begin, end, from);
    case 'time': {
      const time = parseTime(bytes, begin, end, zone);
      if (Number.isNaN(time)) return renderRaw(arena, segment.key, bytes, begin, end, from);
      const start = ensure(arena, from, segment.key.length + TIME_ROOM);
      writeSpan(arena, segment.key, 0, segment.key.length);
      writeMillis(arena, time);
      return start;
    }
    case 'id':
    case 'table':
    case 'template': {
      const text = textOf(record, field);
      if (text === undefined) return from;
      const made = applyOp(context, op, text, facts.record);
      if (made === undefined) return from;
      // Unchanged values leave as they came, in whatever JSON form that was.
      return made === text ? renderRaw(arena, segment.key, bytes, begin, end, from) : renderText(arena, segment, made, from);
    }
  }
}

function renderRaw(arena: Arena, key: Uint8Array, bytes: Uint8Array, begin: number, end: number, from: number): number {
  const start = ensure(arena, from, key.length + end - begin + 2);
  writeSpan(arena, key, 0, key.length);
  const first = bytes[begin];
  if (first === 0x7b || first === 0x5b) writeFlat(arena, bytes, begin, end);
  else writeSpan(arena, bytes, begin, end);
  arena.bytes[arena.at++] = COMMA;
  return start;
}

function applyOp(context: RenderContext, op: FieldOp, value: string, record: RecordView): string | undefined {
  switch (op.op) {
    case 'copy':
    case 'time':
      return value;
    case 'id':
      return value.includes(',') ? value.split(',').map((each) => mapId(context, op.kind, each, record)).join(',') : mapId(context, op.kind, value, record);
    case 'table': {
      const made = op.values.get(value);
      if (made === null) context.tally.note('unknownValue', `${op.name}: ${value}`, record);
      return made === undefined ? value : (made ?? undefined);
    }
    case 'template':
      return `${op.before}${value}${op.after}`;
  }
}

function mapId(context: RenderContext, kind: IdKind, id: string, record: RecordView): string {
  const found = context.ids.find(kind, id);
  if (found !== undefined) return found;
  if (kind !== 'party' && !context.ids.isCurrent(kind, id)) context.tally.note('unknownId', `${kind} ${id}`, record);
  return id;
}

function renderLeftovers(context: RenderContext, plan: OutputPlan, record: RecordView, from: number): number {
  let start = from;
  for (const leftover of plan.dropped) {
    if (isLeftBlank(record, leftover)) continue;
    context.tally.note('droppedField', leftover.noted, record);
    context.leftOut?.push(leftover.field);
  }
  for (const leftover of plan.unknown) {
    if (isLeftBlank(record, leftover)) continue;
    context.tally.note('unknownField', leftover.noted, record);
    if (!plan.keepUnknown) {
      context.leftOut?.push(leftover.field);
      continue;
    }
    start = renderRaw(context.arena, leftover.key, record.block.bytes, valueStart(record, leftover.field), valueEnd(record, leftover.field), start);
  }
  return start;
}

function isLeftBlank(record: RecordView, leftover: Leftover): boolean {
  return isBlank(record.block.bytes, valueStart(record, leftover.field), valueEnd(record, leftover.field));
}
