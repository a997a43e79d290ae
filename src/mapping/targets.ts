import { CURRENT_EVENTS } from '../event/names.ts';
import { didYouMean } from '../nearest.ts';
import type { MappingIssue, Place } from './issue.ts';
import { issueAt } from './issue.ts';
import type { FieldOp, FillName, FillRule, TargetEvent } from './model.ts';
import { FILLS } from './model.ts';
import type { FillRuleFile } from './schema.ts';
import type { Source, Table, TargetSource } from './source.ts';
import type { Word } from './steps.ts';

/** The 2.0 events of a mapping, their forms laid out, and the tables that their fills use. */
export interface CompiledTargets {
  readonly targets: ReadonlyMap<string, TargetEvent>;
  readonly tables: readonly Word[];
}

/** Lays the forms of targets.yaml out into complete 2.0 events. */
export function compileTargets(source: Source, issues: MappingIssue[]): CompiledTargets {
  const tables: Word[] = [];
  const targets = new Map<string, TargetEvent>();
  for (const [name, target] of source.targets) {
    if (!(CURRENT_EVENTS as readonly string[]).includes(name))
      issues.push(issueAt(target.place, `unknown 2.0 event "${name}"`, didYouMean(name, CURRENT_EVENTS)));
    targets.set(name, compileTarget(name, chainOf(target, source.forms, issues), source.tables, tables, issues));
  }
  checkForms(source, issues);
  return { targets, tables };
}

/** A target and the forms it stands on, the lowest first. */
function chainOf(target: TargetSource, forms: ReadonlyMap<string, TargetSource>, issues: MappingIssue[]): TargetSource[] {
  const chain = [target];
  for (let at = target; at.form !== undefined; ) {
    const below = forms.get(at.form.name);
    if (below === undefined) {
      issues.push(issueAt(at.form.place, `unknown form "${at.form.name}"`, didYouMean(at.form.name, forms.keys())));
      break;
    }
    if (chain.includes(below)) {
      issues.push(issueAt(at.form.place, `form "${at.form.name}" stands on itself`));
      break;
    }
    chain.unshift(below);
    at = below;
  }
  return chain;
}

function compileTarget(
  name: string,
  chain: readonly TargetSource[],
  known: ReadonlyMap<string, Table>,
  tables: Word[],
  issues: MappingIssue[],
): TargetEvent {
  const fields: string[] = [];
  const fills = new Map<string, FillRule>();
  const constants = new Map<string, string>();
  let closed = false;
  for (const part of chain) {
    for (const field of part.fields) {
      if (fields.includes(field.name)) issues.push(issueAt(field.place, `field "${field.name}" stands twice in ${name}`));
      else fields.push(field.name);
    }
    for (const [field, { fill, place }] of part.fills) {
      const rule = fillRule(field, place, typeof fill === 'string' ? { when: fill } : fill, known, tables, issues);
      if (rule === undefined) fills.delete(field);
      else fills.set(field, rule);
    }
    for (const [field, { value }] of part.constants) {
      if (value === null) constants.delete(field);
      else constants.set(field, value);
    }
    closed = part.closed ?? closed;
  }
  for (const part of chain) checkOrder(name, part, fields, issues);
  return { name, fields, fills, constants, closed };
}

function fillRule(
  field: string,
  place: Place,
  fill: FillRuleFile | null,
  known: ReadonlyMap<string, Table>,
  tables: Word[],
  issues: MappingIssue[],
): FillRule | undefined {
  if (fill === null) return undefined;
  const name = fill.value ?? field;
  if (!(FILLS as readonly string[]).includes(name)) {
    issues.push(issueAt(place, `the context of a call knows no "${name}"`, didYouMean(name, FILLS)));
    return undefined;
  }
  let op: FieldOp = { op: 'copy' };
  if (fill.table !== undefined) {
    tables.push({ name: fill.table, place });
    op = { op: 'table', name: fill.table, values: known.get(fill.table)?.values ?? new Map() };
  }
  return { name: name as FillName, when: fill.when ?? 'missing', op };
}

function checkOrder(name: string, part: TargetSource, fields: readonly string[], issues: MappingIssue[]): void {
  for (const [kind, entries] of [['fill', part.fills] as const, ['constant', part.constants] as const]) {
    for (const [field, { place }] of entries) {
      if (!fields.includes(field)) issues.push(issueAt(place, `${kind} "${field}" is no field of ${name}`, didYouMean(field, fields)));
    }
  }
}

function checkForms(source: Source, issues: MappingIssue[]): void {
  const used = new Set([...source.targets.values(), ...source.forms.values()].map((each) => each.form?.name));
  for (const [name, form] of source.forms)
    if (form.top && !used.has(name)) issues.push(issueAt(form.place, `form "${name}" is used by no event`));
}
