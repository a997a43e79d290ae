import type { FieldFound, Inspection, TypeFound } from '../inspect/inspection.ts';
import { formatCount, formatSeconds, formatShare } from './figures.ts';

/** Something about a log that whoever converts it should know, and what to do about it. */
export interface Finding {
  /** Machine-readable, kebab-case. */
  readonly code: string;
  readonly what: string;
  readonly hint: string | undefined;
}

const NAMES_SHOWN = 6;

/** What is to be known before a log is converted, what costs most first. `lateness`: the window that would be used, milliseconds. */
export function findingsOf(found: Inspection, lateness: number): readonly Finding[] {
  return [
    ...refused(found),
    ...unknownTypes(found),
    ...unknownFields(found),
    ...lackingIds(found),
    ...order(found, lateness),
    ...zone(found),
    ...jumps(found),
    ...legs(found),
    ...found.missing.map(({ type, means }) => ({
      code: 'type-missing',
      what: `there is no ${type} at all: it was probably not subscribed to`,
      hint: `it would tell ${means}`,
    })),
    ...mixed(found),
    ...repeats(found),
  ];
}

function refused({ refused: reasons, records }: Inspection): Finding[] {
  return reasons.map(([code, { count, first }]) => ({
    code: 'refused',
    what: `${formatCount(count)} of ${formatCount(records)} records would be dead letters: ${code}`,
    hint: `the first is at ${first}`,
  }));
}

/** Types that the mapping does not know; 2.0 events pass through. */
export function unknownTypesOf({ types }: Inspection): readonly TypeFound[] {
  return types.filter(({ mapped, count, current }) => mapped.fate === 'unknown' && current < count);
}

function unknownTypes(found: Inspection): Finding[] {
  return unknownTypesOf(found).map(({ type, count, current, first }) => ({
    code: 'unknown-type',
    what: `the mapping has no event ${type}: ${formatCount(count - current)} events would be dead letters`,
    hint: `--draft-mapping DIR writes a mapping that names it; the first is at ${first}`,
  }));
}

/** Fields that no step of the mapping names, with their types. */
export function unknownFieldsOf({ types }: Inspection): readonly { readonly type: TypeFound; readonly field: FieldFound }[] {
  return types.flatMap((type) => type.fields.flatMap((field) => (field.mapped.fate === 'unknown' ? [{ type, field }] : [])));
}

function unknownFields(found: Inspection): Finding[] {
  return unknownFieldsOf(found).map(({ type, field }) => ({
    code: 'unknown-field',
    what: `no step names ${type.type}.${field.name} (${formatCount(field.filled)} times): ${field.mapped.target === undefined ? 'it would be dropped' : 'it would be kept as it is'}`,
    hint: `the first is at ${field.first}`,
  }));
}

function lackingIds({ ids }: Inspection): Finding[] {
  return ids.flatMap(({ kind, known, lacking, more }) => {
    if (lacking.length === 0) return [];
    const names = lacking.slice(0, NAMES_SHOWN).map(([id]) => id);
    const all = known + lacking.length;
    const least = more ? 'at least ' : '';
    return [
      {
        code: 'id-lacking',
        what: `the id table lacks ${least}${formatCount(lacking.length)} of ${formatCount(all)} ids (${kind}): ${names.join(', ')}${lacking.length > names.length ? ' …' : ''}`,
        hint: 'they would be kept as they are; --draft-ids FILE writes a table to be filled in',
      },
    ];
  });
}

function order({ times, records }: Inspection, lateness: number): Finding[] {
  const most = times?.lateness.find(({ share }) => share === 1)?.millis ?? 0;
  if (times === undefined || most <= lateness) return [];
  const enough = times.lateness.filter(({ share }) => share < 1).map(({ share, millis }) => `${100 * share} % need ${millis} ms`);
  return [
    {
      code: 'disorder',
      what: `${formatCount(times.disordered)} events (${formatShare(times.disordered, records)}) come after a later one, by up to ${formatSeconds(most / 1000)}`,
      hint: `--lateness ${most}ms puts all of them in order (${enough.join(', ')}); it is ${lateness}ms now`,
    },
  ];
}

function zone({ times }: Inspection): Finding[] {
  return times?.zoneDoubt === undefined ? [] : [{ code: 'zone', what: times.zoneDoubt, hint: 'give the zone of the log with --time-zone' }];
}

function jumps({ times }: Inspection): Finding[] {
  if (times === undefined || times.jumps === 0) return [];
  return [
    {
      code: 'jump',
      what: `${formatCount(times.jumps)} times are more than an hour ahead of all others`,
      hint: 'such an event does not move the clock (--max-jump); look at the clock of what wrote it',
    },
  ];
}

function legs({ connectIds: { verdict, perCall } }: Inspection): Finding[] {
  if (verdict !== 'call') return [];
  return [
    {
      code: 'one-leg-per-call',
      what: `connectId stands for a call, not for a party (${formatCount(perCall)} calls with several parties have one)`,
      hint: 'the rules hold for that, too; legs of one agent cannot always be told apart',
    },
  ];
}

function mixed({ types }: Inspection): Finding[] {
  const current = types.reduce((sum, type) => sum + type.current, 0);
  if (current === 0) return [];
  return [{ code: 'mixed', what: `${formatCount(current)} events are 2.0 already`, hint: 'they pass through unchanged' }];
}

function repeats({ repeats: count, records }: Inspection): Finding[] {
  if (count === 0) return [];
  return [
    {
      code: 'repeats',
      what: `${formatCount(count)} events (${formatShare(count, records)}) came before: sent again by the platform, or inputs that overlap`,
      hint: 'they are counted and not translated again',
    },
  ];
}
