import type { RecordView } from '../event/record.ts';
import { isBlank, valueEnd, valueStart } from '../event/record.ts';
import type { Shape } from '../event/shape.ts';
import { canonicalKey } from '../event/slots.ts';
import type { Bytes } from '../event/span.ts';
import { bytesOf } from '../event/span.ts';
import type { EventMapping, FieldOp, FillRule, Mapping, TargetEvent } from './model.ts';

/** Fields that the engine writes in its own way, as numbers: they are looked at for every field of every event. */
export const ROLE = { plain: 0, time: 1, type: 2, contact: 3 } as const;

/** See {@link ROLE}. */
export type SegmentRole = (typeof ROLE)[keyof typeof ROLE];

/** One field of an output: where its value comes from. A fixed value; else, unless `fill.when` is `first`, a source field, the context, a constant. */
export interface Segment {
  readonly to: string;
  /** `"name":` */
  readonly key: Bytes;
  /** What the engine itself writes there. */
  readonly role: SegmentRole;
  readonly keyLength: number;
  /** Field indexes of the source shape; the first that is not blank is taken. */
  readonly sources: readonly number[];
  readonly op: FieldOp;
  /** Sources to which the operation does not apply. */
  readonly asIs: readonly number[];
  /** Given by the mapping, whatever the event says. */
  readonly fixed: string | undefined;
  readonly fill: FillRule | undefined;
  readonly constant: string | undefined;
}

/** A field of the source that a shape leaves out or keeps, and under which name that is counted. */
export interface Leftover {
  readonly field: number;
  readonly name: string;
  /** `Event.field`, as it is counted. */
  readonly noted: string;
  readonly key: Bytes;
}

/** How records of one shape become one 2.0 event type: worked out once per shape, event and target. */
export interface OutputPlan {
  readonly target: string;
  readonly segments: readonly Segment[];
  /** Left out by decision of the mapping, or because the 2.0 form has no such field. */
  readonly dropped: readonly Leftover[];
  /** Fields that the mapping does not know. */
  readonly unknown: readonly Leftover[];
  readonly keepUnknown: boolean;
}

const COPY: FieldOp = { op: 'copy' };
const ROLES: ReadonlyMap<string, SegmentRole> = new Map<string, SegmentRole>([
  ['eventTime', ROLE.time],
  ['eventType', ROLE.type],
  ['contactId', ROLE.contact],
]);

function keyBytes(name: string): Bytes {
  return bytesOf(new TextEncoder().encode(`${JSON.stringify(name)}:`));
}

/** The plan for a record's shape; `shape` undefined = a synthesized event, all of whose values come from the context. */
export function planOutput(mapping: Mapping, event: EventMapping | undefined, targetName: string, shape: Shape | undefined): OutputPlan {
  const target = mapping.targets.get(targetName);
  const fields = new FieldIndex(shape);
  const segments = order(target, event, fields).map((to) => segment(mapping, event, target, to, fields));
  const dropped: Leftover[] = [];
  const unknown: Leftover[] = [];
  for (const leftover of fields.left(event?.event ?? '')) {
    const known = event?.known.has(canonicalKey(leftover.name)) === true;
    (known ? dropped : unknown).push(leftover);
  }
  return { target: targetName, segments, dropped, unknown, keepUnknown: mapping.policies.unknownField === 'keep' };
}

/** Output fields in the vendor's order, then what the mapping produces beyond the vendor's table. */
function order(target: TargetEvent | undefined, event: EventMapping | undefined, fields: FieldIndex): readonly string[] {
  const listed = target === undefined ? ['eventTime', 'eventType', 'instanceId'] : [...target.fields];
  if (target?.closed === true || event === undefined) return listed;
  const more = event.fields.filter((rule) => rule.from.some((name) => fields.has(name))).map((rule) => rule.to);
  return [...new Set([...listed, ...more, ...event.constants.keys()])];
}

function segment(
  mapping: Mapping,
  event: EventMapping | undefined,
  target: TargetEvent | undefined,
  to: string,
  fields: FieldIndex,
): Segment {
  const rule = event?.fields.find((each) => each.to === to);
  const names = rule?.from ?? (event?.known.has(to) === true ? [] : [to]);
  const sources = names.flatMap((name) => fields.take(name));
  const asIs = names.filter((name) => rule?.asIs.includes(name)).flatMap((name) => fields.take(name));
  return {
    to,
    key: keyBytes(to),
    keyLength: keyBytes(to).bytes.length,
    role: ROLES.get(to) ?? ROLE.plain,
    sources,
    asIs,
    fixed: event?.constants.get(to),
    op: to === 'contactId' ? mapping.contactId : (rule?.op ?? COPY),
    fill: target?.fills.get(to),
    constant: target?.constants.get(to),
  };
}

/** The fields of a shape by canonical name, and which of them found a place in the output. */
class FieldIndex {
  private readonly byName = new Map<string, number>();
  private readonly taken = new Set<number>();
  private readonly shape: Shape | undefined;

  constructor(shape: Shape | undefined) {
    this.shape = shape;
    shape?.keys.forEach((key, index) => {
      const name = canonicalKey(key);
      const isRepeat = shape.keys.indexOf(key) < index;
      if (isRepeat ? shape.duplicate >= 0 : !this.byName.has(name)) this.byName.set(name, index);
    });
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  take(name: string): readonly number[] {
    const field = this.byName.get(name);
    if (field === undefined) return [];
    this.taken.add(field);
    return [field];
  }

  left(event: string): readonly Leftover[] {
    const keys = this.shape?.keys ?? [];
    return keys.flatMap((name, field) =>
      this.taken.has(field) || keys.lastIndexOf(name) > field ? [] : [{ field, name, noted: `${event}.${name}`, key: keyBytes(name) }],
    );
  }
}

/** The source field whose value a segment takes from a record, or -1. */
export function sourceField(segment: Segment, record: RecordView): number {
  const { bytes } = record.block;
  for (const field of segment.sources) {
    if (!isBlank(bytes, valueStart(record, field), valueEnd(record, field))) return field;
  }
  return -1;
}
