import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { textOf, valueEnd, valueStart } from '../event/record.ts';
import type { ZoneOffset } from '../event/time.ts';
import { parseTime, writeTime } from '../event/time.ts';
import type { FieldOp, IdKind } from '../mapping/model.ts';
import type { Arena } from './arena.ts';
import { ensure, writeByte, writeSpan, writeString } from './arena.ts';
import type { NoticeKind, Tally } from './tally.ts';
import type { ValueCache } from './value-cache.ts';
import { createValueCache, VALUE_ROOM } from './value-cache.ts';

const QUOTE = 0x22;
const TIME_ROOM = 40;
const TEXTS_KEPT = 10_000;

/** Writes values the way a mapping's operations say. */
export interface ValueWriter {
  /** What is known of the values that an operation makes; undefined where it is not worth remembering. */
  cacheOf(op: FieldOp): ValueCache | undefined;
  /** Counts what is to be counted whenever a value is used. */
  count(notes: readonly string[], record: RecordView): void;
  /** Writes a source field's value; false if the operation leaves it out. */
  source(op: FieldOp, record: RecordView, field: number): boolean;
  /** Writes a value that context supplies; false if the operation leaves it out. */
  text(op: FieldOp, value: string, record: RecordView): boolean;
}

interface Made {
  /** Undefined: left out. */
  readonly text: string | undefined;
  /** What is to be counted: kind and name, in turn. */
  readonly notes: readonly string[];
}

const NO_NOTES: readonly string[] = [];

/** A writer of values into an arena. */
export function createValueWriter(arena: Arena, ids: IdTable, zone: ZoneOffset, tally: Tally): ValueWriter {
  const idCaches: Readonly<Record<IdKind, ValueCache>> = {
    instance: createValueCache(),
    agent: createValueCache(),
    skillGroup: createValueCache(),
    party: createValueCache(),
  };
  const tableCaches = new Map<string, ValueCache>();
  const cacheOf = (op: FieldOp): ValueCache | undefined => {
    if (op.op === 'id') return idCaches[op.kind];
    if (op.op !== 'table') return undefined;
    let cache = tableCaches.get(op.name);
    if (cache === undefined) {
      cache = createValueCache();
      tableCaches.set(op.name, cache);
    }
    return cache;
  };
  const texts = new Map<FieldOp, Map<string, Made>>();
  /** What an operation makes of a text: the same few come again and again. */
  const known = (op: FieldOp, value: string): Made => {
    let byText = texts.get(op);
    if (byText === undefined) {
      byText = new Map();
      texts.set(op, byText);
    }
    let made = byText.get(value);
    if (made === undefined) {
      made = make(op, value, ids);
      if (byText.size >= TEXTS_KEPT) byText.clear();
      byText.set(value, made);
    }
    return made;
  };
  const count = (notes: readonly string[], record: RecordView): void => {
    for (let at = 0; at < notes.length; at += 2) tally.note(notes[at] as NoticeKind, notes[at + 1] as string, record);
  };

  const translated = (op: FieldOp, record: RecordView, field: number): boolean => {
    const { block } = record;
    const start = valueStart(record, field);
    const end = valueEnd(record, field);
    const cache = cacheOf(op);
    const place = cache === undefined ? -1 : cache.find(block.view, start, end);
    if (cache !== undefined && place >= 0) {
      ensure(arena, VALUE_ROOM);
      arena.at = cache.copy(place, arena.view, arena.at);
      count(cache.notes(place), record);
      return true;
    }
    const text = textOf(record, field);
    const made = text === undefined ? undefined : make(op, text, ids);
    if (text === undefined || made === undefined) return false;
    count(made.notes, record);
    if (made.text === undefined) return false;
    const from = arena.at;
    const chunk = arena.bytes;
    // Unchanged values leave as they came, in whatever JSON form that was.
    if (made.text === text) writeSpan(arena, block, start, end);
    else writeString(arena, made.text);
    if (chunk === arena.bytes) cache?.put(block.view, start, end, arena.view, from, arena.at, made.notes);
    return true;
  };

  return {
    cacheOf,
    count,
    source(op, record, field) {
      switch (op.op) {
        case 'copy':
          writeValue(arena, record, field);
          return true;
        case 'time': {
          const time = parseTime(record.block.bytes, valueStart(record, field), valueEnd(record, field), zone);
          if (Number.isNaN(time)) writeValue(arena, record, field);
          else writeMillis(arena, time);
          return true;
        }
        case 'id':
        case 'table':
        case 'template':
          return translated(op, record, field);
      }
    },
    text(op, value, record) {
      if (op.op === 'copy') {
        writeString(arena, value);
        return true;
      }
      const made = op.op === 'id' || op.op === 'table' ? known(op, value) : make(op, value, ids);
      if (made.notes.length > 0) count(made.notes, record);
      if (made.text === undefined) return false;
      writeString(arena, made.text);
      return true;
    },
  };
}

function make(op: FieldOp, value: string, ids: IdTable): Made {
  switch (op.op) {
    case 'copy':
    case 'time':
      return { text: value, notes: NO_NOTES };
    case 'id': {
      const parts = value.split(',');
      const mapped = parts.map((id) => ids.find(op.kind, id) ?? id);
      const { kind } = op;
      const unknown = kind === 'party' ? [] : parts.filter((id) => ids.find(kind, id) === undefined && !ids.isCurrent(kind, id));
      return { text: mapped.join(','), notes: unknown.flatMap((id) => ['unknownId', `${kind} ${id}`]) };
    }
    case 'table': {
      const found = op.values.get(value);
      if (found === null) return { text: undefined, notes: ['unknownValue', `${op.name}: ${value}`] };
      return { text: found ?? value, notes: NO_NOTES };
    }
    case 'template':
      return { text: `${op.before}${value}${op.after}`, notes: NO_NOTES };
  }
}

/** Writes a value as it came, byte for byte, on one line. */
export function writeValue(arena: Arena, record: RecordView, field: number): void {
  const { block } = record;
  const start = valueStart(record, field);
  const first = block.bytes[start];
  if (first === 0x7b || first === 0x5b) writeFlat(arena, record, start, valueEnd(record, field));
  else writeSpan(arena, block, start, valueEnd(record, field));
}

/** Line breaks can only be white space between tokens in JSON, so a blank in their place changes nothing. */
export function writeFlat(arena: Arena, record: RecordView, from: number, to: number): void {
  const length = to - from;
  writeSpan(arena, record.block, from, to);
  for (let at = arena.at - length; at < arena.at; at += 1) if ((arena.bytes[at] as number) < 0x20) arena.bytes[at] = 0x20;
}

/** Writes a time as 2.0 has it. */
export function writeMillis(arena: Arena, time: number): void {
  ensure(arena, TIME_ROOM);
  writeByte(arena, QUOTE);
  arena.at = writeTime(time, arena.bytes, arena.at);
  writeByte(arena, QUOTE);
}
