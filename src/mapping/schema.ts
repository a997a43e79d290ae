import * as z from 'zod';
import { RULE_NAMES } from '../event/names.ts';
import { parseDuration } from './duration.ts';
import type { FillName, IdKind, Policies } from './model.ts';
import { FILLS, ID_KINDS } from './model.ts';

/*
 * The shapes of the YAML files of a mapping folder. Steps are checked one by one in steps.ts, where their kind is known.
 * Everything is strict: a key that is not written here is a misspelling.
 */

const word = z.string().min(1);
const words = z.array(word).min(1);
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'is no time span; write it with a unit, as in 5s or 24h' });

/** `mapping.yaml`. */
export interface MappingFile {
  readonly name: string;
  readonly version: string;
  readonly source?: '1.0' | undefined;
  readonly target?: '2.0' | undefined;
  readonly extends?: string | undefined;
  readonly policies?: (Partial<Policies> & { readonly contactId?: string | undefined }) | undefined;
  readonly waits?: WaitsFile | undefined;
  readonly steps?: Readonly<Record<string, readonly unknown[]>> | undefined;
}

/** Waits as written: time spans with units. */
export interface WaitsFile {
  readonly lateness?: string | undefined;
  readonly hold?: string | undefined;
  readonly idle?: string | undefined;
  readonly retention?: string | undefined;
}

/** Shape of `mapping.yaml`. */
export const mappingFile: z.ZodType<MappingFile> = z.strictObject({
  name: word,
  version: word,
  source: z.literal('1.0').optional(),
  target: z.literal('2.0').optional(),
  extends: word.optional(),
  policies: z
    .strictObject({
      unknownId: z.enum(['keep', 'dead-letter', 'fail']).optional(),
      unknownField: z.enum(['keep', 'drop']).optional(),
      unknownType: z.enum(['dead-letter', 'pass']).optional(),
      undecidedVersion: z.enum(['legacy', 'current']).optional(),
      contactId: z
        .string()
        .refine((text) => text.split('{contactId}').length === 2, { error: 'must contain {contactId} once, as in "job-{contactId}"' })
        .optional(),
    })
    .optional() as z.ZodType<MappingFile['policies']>,
  waits: z
    .strictObject({ lateness: duration.optional(), hold: duration.optional(), idle: duration.optional(), retention: duration.optional() })
    .optional(),
  steps: z.record(z.string(), z.array(z.unknown())).optional(),
});

/** `events/<1.0 event>.yaml`. */
export interface EventFile {
  readonly event: string;
  readonly to: string | null;
  readonly rule?: string | undefined;
  /** An event of the customer's own platform: its name may be nearly one of the vendor's. */
  readonly own?: boolean | undefined;
  readonly extra?: readonly string[] | undefined;
  readonly use?: readonly string[] | undefined;
  readonly steps?: readonly unknown[] | undefined;
}

/** Shape of an event file. */
export const eventFile: z.ZodType<EventFile> = z.strictObject({
  event: word,
  to: word.nullable(),
  rule: z.enum(RULE_NAMES).optional(),
  own: z.boolean().optional(),
  extra: words.optional(),
  use: words.optional(),
  steps: z.array(z.unknown()).optional(),
});

/** `tables/<name>.yaml`: 1.0 value → 2.0 value, or null to leave the field out. */
export type TableFile = Readonly<Record<string, string | null>>;

/** Shape of a value table. */
export const tableFile: z.ZodType<TableFile> = z.record(z.string(), z.string().nullable());

/** A fill as written: `missing`, `first`, or the long form; null takes away what the mapping below gives. */
export type FillFile = FillRuleFile | 'missing' | 'first' | null;

/** The long form of a fill. */
export interface FillRuleFile {
  readonly value?: FillName | undefined;
  readonly when?: 'missing' | 'first' | undefined;
  readonly table?: string | undefined;
}

/** A form (the fields that several 2.0 events begin with), or an event. */
export interface TargetFile {
  readonly form?: string | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly fills?: Readonly<Record<string, FillFile>> | undefined;
  readonly constants?: Readonly<Record<string, string | null>> | undefined;
  readonly closed?: boolean | undefined;
}

/** `targets.yaml`. */
export interface TargetsFile {
  readonly forms?: Readonly<Record<string, TargetFile>> | undefined;
  readonly events?: Readonly<Record<string, TargetFile>> | undefined;
}

const fill = z.union(
  [
    z.null(),
    z.enum(['missing', 'first']),
    z.strictObject({ value: z.enum(FILLS).optional(), when: z.enum(['missing', 'first']).optional(), table: word.optional() }),
  ],
  { error: 'expected missing, first, null or {value, when, table}' },
);

const target = z.strictObject({
  form: word.optional(),
  fields: z.array(word).optional(),
  fills: z.record(z.string(), fill).optional(),
  constants: z.record(z.string(), z.string().nullable()).optional(),
  closed: z.boolean().optional(),
});

/** Shape of `targets.yaml`. */
export const targetsFile: z.ZodType<TargetsFile> = z.strictObject({
  forms: z.record(z.string(), target).optional(),
  events: z.record(z.string(), target).optional(),
});

/** What may follow the new name in `rename` and `first`: how the moved value changes. */
export interface Moved {
  readonly to: string;
  readonly id?: IdKind | undefined;
  readonly table?: string | undefined;
}

/** The body of each kind of step, as written. */
export interface StepBodies {
  readonly copy: readonly string[];
  readonly rename: Moved & { readonly from: string };
  readonly time: readonly string[];
  readonly id: { readonly kind: IdKind; readonly fields: readonly string[] };
  readonly table: { readonly name: string; readonly fields: readonly string[] };
  readonly template: { readonly field: string; readonly text: string };
  readonly set: { readonly field: string; readonly value: string };
  readonly first: Moved & { readonly from: readonly string[]; readonly asIs?: readonly string[] | undefined };
  readonly drop: readonly string[];
}

const moved = { to: word, id: z.enum(ID_KINDS).optional(), table: word.optional() };
const oneChange = (body: Moved): boolean => body.id === undefined || body.table === undefined;
const twoChanges = { error: 'takes id or table, not both' };

/** Shapes of the step bodies; the keys are all the steps there are. */
export const stepBodies: { readonly [K in keyof StepBodies]: z.ZodType<StepBodies[K]> } = {
  copy: words,
  rename: z.strictObject({ from: word, ...moved }).refine(oneChange, twoChanges),
  time: words,
  id: z.strictObject({ kind: z.enum(ID_KINDS), fields: words }),
  table: z.strictObject({ name: word, fields: words }),
  template: z.strictObject({
    field: word,
    text: z.string().refine((text) => text.split('{value}').length === 2, { error: 'must contain {value} once, as in "job-{value}"' }),
  }),
  set: z.strictObject({ field: word, value: word }),
  first: z.strictObject({ from: words, asIs: words.optional(), ...moved }).refine(oneChange, twoChanges),
  drop: words,
};
