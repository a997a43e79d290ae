import type { RecordView } from '../event/record.ts';
import { isBlank, textOf, valueEnd, valueStart } from '../event/record.ts';
import type { Shape } from '../event/shape.ts';
import { canonicalKey } from '../event/slots.ts';
import { SpanTable } from '../event/span-table.ts';
import type { FieldFound } from './inspection.ts';
import type { ShapeName } from './value-shape.ts';
import { mayBeTold, SHAPES, shapeOf } from './value-shape.ts';

/** Values of a field that are told apart; a field with more has no set of values. */
const MOST_VALUES = 24;
/** Values of one field whose shape is looked at: more would tell nothing new. */
const MOST_LOOKED_AT = 2_000;
/** Fields of one type; hostile input must not fill the memory. */
const MOST_FIELDS = 500;
const SPELLINGS_KEPT = 8;
const LONGEST_VALUE = 512;

/** What the fields of one event type hold. */
export class FieldSurvey {
  private readonly fields = new Map<string, OneField>();
  /** The fields of a shape, by field index: records of one kind follow each other. */
  private readonly byShape = new WeakMap<Shape, readonly (OneField | undefined)[]>();

  take(record: RecordView, placeOf: (record: RecordView) => string): void {
    const { shape, block } = record;
    const fields = this.byShape.get(shape) ?? this.fieldsOf(shape, placeOf(record));
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index];
      if (field === undefined) continue;
      field.count += 1;
      const start = valueStart(record, index);
      const end = valueEnd(record, index);
      if (!isBlank(block.bytes, start, end)) field.take(record, index, start, end);
    }
  }

  /** The fields, in the order in which they were met. */
  found(): readonly Omit<FieldFound, 'mapped'>[] {
    return [...this.fields.values()].map((field) => field.found());
  }

  private fieldsOf(shape: Shape, first: string): readonly (OneField | undefined)[] {
    const fields = shape.keys.map((key) => {
      const name = canonicalKey(key);
      const known = this.fields.get(name);
      if (known !== undefined) {
        known.spelled(key);
        return known;
      }
      if (this.fields.size === MOST_FIELDS) return undefined;
      const made = new OneField(name, first);
      made.spelled(key);
      this.fields.set(name, made);
      return made;
    });
    this.byShape.set(shape, fields);
    return fields;
  }
}

class OneField {
  count = 0;
  private readonly name: string;
  private readonly first: string;
  private readonly spellings = new Set<string>();
  private filled = 0;
  private lookedAt = 0;
  private readonly shapes = new Map<ShapeName, number>();
  private values: { readonly table: SpanTable; readonly texts: string[]; readonly counts: number[] } | undefined = {
    table: new SpanTable(32, 64),
    texts: [],
    counts: [],
  };

  constructor(name: string, first: string) {
    this.name = name;
    this.first = first;
  }

  spelled(key: string): void {
    if (this.spellings.size < SPELLINGS_KEPT) this.spellings.add(key);
  }

  take(record: RecordView, field: number, start: number, end: number): void {
    this.filled += 1;
    const { values } = this;
    const known = values === undefined ? -1 : values.table.find(record.block.view, start, end);
    if (known >= 0) {
      (values as { counts: number[] }).counts[known] = (values?.counts[known] ?? 0) + 1;
      return;
    }
    if (values === undefined && this.lookedAt >= MOST_LOOKED_AT) return;
    this.lookAt(record, field, start, end);
  }

  found(): Omit<FieldFound, 'mapped'> {
    const { name, first, count, filled, values } = this;
    const shapes = SHAPES.flatMap((shape) => (this.shapes.has(shape) ? [[shape, this.shapes.get(shape) ?? 0] as const] : []));
    const told = values?.texts.map((text, index) => [text, values.counts[index] ?? 0] as const);
    return {
      ...{ name, first, count, filled, spellings: [...this.spellings] },
      shapes: shapes.sort(([, a], [, b]) => b - a),
      values: told?.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
    };
  }

  private lookAt(record: RecordView, field: number, start: number, end: number): void {
    const text = textOf(record, field) ?? '';
    const shape = shapeOf(record.block.bytes[start] as number, text);
    this.lookedAt += 1;
    this.shapes.set(shape, (this.shapes.get(shape) ?? 0) + 1);
    const { values } = this;
    if (values === undefined) return;
    if (values.texts.length === MOST_VALUES || end - start > LONGEST_VALUE || !mayBeTold(shape, text)) {
      this.values = undefined;
      return;
    }
    const number = values.table.add(record.block.view, start, end);
    if (number < 0) this.values = undefined;
    else {
      values.texts[number] = text;
      values.counts[number] = 1;
    }
  }
}
