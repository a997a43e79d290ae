import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { textOf } from '../event/record.ts';
import { canonicalKey } from '../event/slots.ts';
import type { FieldRule, Mapping } from '../mapping/model.ts';

/** The first id of an event that the id table lacks, as `kind id`; for the policies that do not keep unknown ids. */
export function unknownIdOf(mapping: Mapping, ids: IdTable, record: RecordView, type: string): string | undefined {
  for (const rule of mapping.events.get(type)?.fields ?? []) {
    if (rule.op.op !== 'id' || rule.op.kind === 'party') continue;
    const { kind } = rule.op;
    const unknown = takenValue(rule, record)
      ?.split(',')
      .find((id) => ids.find(kind, id) === undefined && !ids.isCurrent(kind, id));
    if (unknown !== undefined) return `${kind} ${unknown}`;
  }
  return undefined;
}

/** The value that a rule takes, unless it is one that stays as it is. */
function takenValue(rule: FieldRule, record: RecordView): string | undefined {
  for (const name of rule.from) {
    const value = textOf(
      record,
      record.shape.keys.findIndex((key) => canonicalKey(key) === name),
    );
    if (value !== undefined) return rule.asIs.includes(name) ? undefined : value;
  }
  return undefined;
}
