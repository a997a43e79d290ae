import type { Inspection } from '../inspect/inspection.ts';
import { findingsOf } from './findings.ts';

/** What was found in a log, for programs. Times are Unix milliseconds. */
export function inspectionToJson(found: Inspection, lateness: number): object {
  const { types, refused, ids, times, ...rest } = found;
  return {
    ...rest,
    findings: findingsOf(found, lateness).map(({ code, what, hint }) => ({ code, what, hint: hint ?? null })),
    refused: refused.map(([reason, { count, first }]) => ({ reason, count, first })),
    times:
      times === undefined
        ? null
        : { ...times, forms: times.forms.map(([form, count]) => ({ form, count })), zoneDoubt: times.zoneDoubt ?? null },
    ids: ids.map(({ kind, known, lacking, more }) => ({
      ...{ kind, known, more },
      lacking: lacking.map(([id, { count, first }]) => ({ id, count, first })),
    })),
    types: types.map(({ mapped, fields, ...type }) => ({
      ...type,
      mapped: { fate: mapped.fate, target: mapped.target ?? null },
      fields: fields.map(({ mapped: field, shapes, values, ...each }) => ({
        ...each,
        shapes: shapes.map(([shape, count]) => ({ shape, count })),
        values: values?.map(([value, count]) => ({ value, count })) ?? null,
        mapped: { fate: field.fate, target: field.target ?? null },
      })),
    })),
  };
}
