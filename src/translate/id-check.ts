import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { textOf } from '../event/record.ts';
import { canonicalKey } from '../event/slots.ts';
import type { Mapping } from '../mapping/model.ts';

/** The first id of an event that the id table lacks, as `kind id`; for the policies that do not keep unknown ids. */
export function unknownIdOf(mapping: Mapping, ids: IdTable, record: RecordView, type: string): string | undefined {
  for (const rule of mapping.events.get(type)?.fields ?? []) {
    if (rule.op.op !== 'id' || rule.op.kind === 'party') continue;
    const { kind } = rule.op;
    const field = record.shape.keys.findIndex((key) => rule.from.includes(canonicalKey(key)));
    const unknown = textOf(record, field)
      ?.split(',')
      .find((id) => ids.find(kind, id) === undefined && !ids.isCurrent(kind, id));
    if (unknown !== undefined) return `${kind} ${unknown}`;
  }
  return undefined;
}
