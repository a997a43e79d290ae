import { canonicalKey } from '../event/slots.ts';
import { didYouMean } from '../nearest.ts';
import type { MappingIssue, Place } from './issue.ts';
import { issueAt } from './issue.ts';
import type { FieldOp, FieldRule, IdKind } from './model.ts';
import type { NodePath, YamlFile } from './parse.ts';
import type { Moved, StepBodies } from './schema.ts';
import { stepBodies } from './schema.ts';
import { readShape } from './shapes.ts';

/** A name in a mapping, and where it is written. */
export interface Word {
  readonly name: string;
  readonly place: Place;
}

/** How a moved value changes. */
type Change = { readonly op: 'copy' } | { readonly op: 'id'; readonly kind: IdKind } | { readonly op: 'table'; readonly table: Word };

/** One step of a mapping: a closed union, run by one exhaustive switch ({@link runSteps}). */
export type Step =
  | { readonly step: 'copy' | 'time' | 'drop'; readonly fields: readonly Word[] }
  | { readonly step: 'id'; readonly kind: IdKind; readonly fields: readonly Word[] }
  | { readonly step: 'table'; readonly table: Word; readonly fields: readonly Word[] }
  | { readonly step: 'template'; readonly field: Word; readonly before: string; readonly after: string }
  | { readonly step: 'set'; readonly field: Word; readonly value: string }
  | { readonly step: 'move'; readonly to: Word; readonly from: readonly Word[]; readonly asIs: readonly Word[]; readonly change: Change };

/** The steps at `at` in a file; what is no step becomes an issue. */
export function readSteps(file: YamlFile, at: NodePath, raw: readonly unknown[], issues: MappingIssue[]): Step[] {
  return raw.flatMap((item, index) => readStep(file, [...at, index], item, issues) ?? []);
}

function readStep(file: YamlFile, at: NodePath, raw: unknown, issues: MappingIssue[]): Step | undefined {
  const keys = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? Object.keys(raw) : [];
  const [kind] = keys;
  if (kind === undefined) {
    issues.push(issueAt(file.placeOf(at), 'a step is written as "kind: what"', `steps: ${Object.keys(stepBodies).join(', ')}`));
    return undefined;
  }
  if (keys.length > 1) {
    issues.push(
      issueAt(
        file.placeOfKey([...at, keys[1] as string]),
        `a step has one kind; "${kind}" and "${keys[1]}" are two`,
        'put a "- " before each',
      ),
    );
    return undefined;
  }
  if (!Object.hasOwn(stepBodies, kind)) {
    issues.push(issueAt(file.placeOfKey([...at, kind]), `unknown step "${kind}"`, didYouMean(kind, Object.keys(stepBodies))));
    return undefined;
  }
  return readBody(file, [...at, kind], kind as keyof StepBodies, (raw as Record<string, unknown>)[kind], issues);
}

function readBody(file: YamlFile, at: NodePath, kind: keyof StepBodies, raw: unknown, issues: MappingIssue[]): Step | undefined {
  const body = <K extends keyof StepBodies>(key: K): StepBodies[K] | undefined =>
    readShape<StepBodies[K]>(file, at, raw, stepBodies[key], issues);
  const word = (name: string, ...path: NodePath): Word => ({ name, place: file.placeOf([...at, ...path]) });
  const field = (name: string, ...path: NodePath): Word => word(canonicalKey(name), ...path);
  const list = (names: readonly string[], ...path: NodePath): Word[] => names.map((name, index) => field(name, ...path, index));
  switch (kind) {
    case 'copy':
    case 'time':
    case 'drop': {
      const read = body(kind);
      return read && { step: kind, fields: list(read) };
    }
    case 'id': {
      const read = body(kind);
      return read && { step: kind, kind: read.kind, fields: list(read.fields, 'fields') };
    }
    case 'table': {
      const read = body(kind);
      return read && { step: kind, table: word(read.name, 'name'), fields: list(read.fields, 'fields') };
    }
    case 'template': {
      const read = body(kind);
      return read && { step: kind, field: field(read.field, 'field'), ...cut(read.text, '{value}') };
    }
    case 'set': {
      const read = body(kind);
      return read && { step: kind, field: field(read.field, 'field'), value: read.value };
    }
    case 'rename':
    case 'first': {
      const moved = kind === 'rename' ? body(kind) : body('first');
      if (moved === undefined) return undefined;
      const from = typeof moved.from === 'string' ? [field(moved.from, 'from')] : list(moved.from, 'from');
      const asIs = 'asIs' in moved ? list(moved.asIs ?? [], 'asIs') : [];
      return { step: 'move', to: word(moved.to, 'to'), from, asIs, change: changeOf(moved, word) };
    }
  }
}

function changeOf(moved: Moved, word: (name: string, ...path: NodePath) => Word): Change {
  if (moved.id !== undefined) return { op: 'id', kind: moved.id };
  return moved.table === undefined ? { op: 'copy' } : { op: 'table', table: word(moved.table, 'table') };
}

/** A template's text before and after its slot. */
export function cut(text: string, slot: string): { before: string; after: string } {
  const at = text.indexOf(slot);
  return { before: text.slice(0, at), after: text.slice(at + slot.length) };
}

/** What the steps of one event come to. */
export interface StepResult {
  readonly fields: { readonly rule: FieldRule; readonly to: Word }[];
  readonly constants: { readonly to: Word; readonly value: string }[];
  readonly dropped: Word[];
  /** 1.0 fields that the steps read. */
  readonly read: Word[];
  readonly tables: Word[];
}

/** Looks up a value table; undefined when there is none, which the checks report. */
export type TableLookup = (name: string) => ReadonlyMap<string, string | null> | undefined;

/** Runs the steps symbolically: not on an event, but on the names of its fields. */
export function runSteps(steps: readonly Step[], tables: TableLookup): StepResult {
  const result: StepResult = { fields: [], constants: [], dropped: [], read: [], tables: [] };
  const tableOp = (table: Word): FieldOp => {
    result.tables.push(table);
    return { op: 'table', name: table.name, values: tables(table.name) ?? new Map() };
  };
  const same = (fields: readonly Word[], op: FieldOp): void => {
    for (const field of fields) result.fields.push({ to: field, rule: { to: field.name, from: [field.name], op, asIs: [] } });
    result.read.push(...fields);
  };
  for (const step of steps) {
    switch (step.step) {
      case 'copy':
      case 'time':
        same(step.fields, { op: step.step });
        break;
      case 'id':
        same(step.fields, { op: 'id', kind: step.kind });
        break;
      case 'table':
        same(step.fields, tableOp(step.table));
        break;
      case 'template':
        same([step.field], { op: 'template', before: step.before, after: step.after });
        break;
      case 'set':
        result.constants.push({ to: step.field, value: step.value });
        break;
      case 'move':
        result.fields.push({ to: step.to, rule: moveRule(step, step.change.op === 'table' ? tableOp(step.change.table) : step.change) });
        result.read.push(...step.from);
        break;
      case 'drop':
        result.dropped.push(...step.fields);
        break;
      default:
        step satisfies never;
    }
  }
  return result;
}

function moveRule(step: Extract<Step, { step: 'move' }>, op: FieldOp): FieldRule {
  return { to: step.to.name, from: step.from.map((each) => each.name), op, asIs: step.asIs.map((each) => each.name) };
}
