import type { RuleName } from '../event/names.ts';
import { checkMapping } from './check.ts';
import { parseDuration } from './duration.ts';
import type { MappingIssue } from './issue.ts';
import { MappingError } from './issue.ts';
import { readLayers } from './layers.ts';
import type { EventMapping, FieldOp, Mapping, Policies, Waits } from './model.ts';
import type { EventResult } from './run.ts';
import { partsOf, runEvent } from './run.ts';
import type { MappingFile } from './schema.ts';
import type { Layer } from './source.ts';
import { cut } from './steps.ts';
import { compileTargets } from './targets.ts';

/** What {@link compileMapping} needs from outside. */
export interface CompileOptions {
  /** SHA-256 in hex; comes in as an argument because this floor has no `node:*`. */
  hash(text: string): string;
  /** The mapping's name in error messages, before its own is known. */
  readonly name: string;
}

const POLICIES: Policies = { unknownId: 'keep', unknownField: 'keep', unknownType: 'dead-letter', undecidedVersion: 'legacy' };
const WAITS = { lateness: '5s', hold: '3s', idle: '24h', retention: '26h' };

/** Compiles the files of a mapping (layers from the lowest base to the top) or throws a {@link MappingError} that lists every issue. */
export function compileMapping(layers: readonly Layer[], options: CompileOptions): Mapping {
  const issues: MappingIssue[] = [];
  const source = readLayers(layers, issues);
  if (!source.complete) throw new MappingError(options.name, issues);
  const results = [...source.events.values()].map((event) => runEvent(event, source, issues));
  const { targets, tables } = compileTargets(source, issues);
  checkMapping({ source, results, targets, fillTables: tables }, issues);
  if (issues.length > 0 || source.head === undefined) throw new MappingError(options.name, issues);
  const { doc } = source.head;
  const body: Omit<Mapping, 'hash'> = {
    name: doc.name,
    version: doc.version,
    policies: policiesOf(doc),
    waits: waitsOf(doc),
    events: new Map(results.map((result) => [result.source.doc.event, eventMapping(result)])),
    targets,
    contactId: contactIdOp(doc.policies?.contactId),
  };
  return freeze({ ...body, hash: options.hash(canonical(body)) });
}

function eventMapping(result: EventResult): EventMapping {
  const parts = partsOf(result);
  const { event, to, rule } = result.source.doc;
  const dropped = new Set(parts.flatMap((part) => part.dropped.map((field) => field.name)));
  return {
    event,
    to,
    rule: rule as RuleName | undefined,
    fields: parts.flatMap((part) => part.fields.map((field) => field.rule)),
    constants: new Map(parts.flatMap((part) => part.constants.map((each) => [each.to.name, each.value] as const))),
    dropped,
    known: new Set([...dropped, ...parts.flatMap((part) => part.read.map((field) => field.name))]),
  };
}

function policiesOf(doc: MappingFile): Policies {
  const given = doc.policies ?? {};
  return {
    unknownId: given.unknownId ?? POLICIES.unknownId,
    unknownField: given.unknownField ?? POLICIES.unknownField,
    unknownType: given.unknownType ?? POLICIES.unknownType,
    undecidedVersion: given.undecidedVersion ?? POLICIES.undecidedVersion,
  };
}

function waitsOf(doc: MappingFile): Waits {
  const wait = (key: keyof Waits): number => parseDuration(doc.waits?.[key] ?? WAITS[key]) ?? 0;
  return { lateness: wait('lateness'), hold: wait('hold'), idle: wait('idle'), retention: wait('retention') };
}

/** The value change that a `contactId` template such as `job-{contactId}` stands for. */
export function contactIdOp(template: string | undefined): FieldOp {
  if (template === undefined || template === '{contactId}') return { op: 'copy' };
  return { op: 'template', ...cut(template, '{contactId}') };
}

/** Everything a mapping says, in one text: comments, layers and file names do not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Map) return [...each].sort(byFirst);
    return each instanceof Set ? [...each].sort() : each;
  });
}

function byFirst(a: readonly [unknown, unknown], b: readonly [unknown, unknown]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const each of value instanceof Map || value instanceof Set ? value.values() : Object.values(value)) freeze(each);
  return Object.freeze(value);
}
