import { LEGACY_EVENTS } from '../event/names.ts';
import { canonicalKey } from '../event/slots.ts';
import { didYouMean, nearest } from '../nearest.ts';
import type { MappingIssue } from './issue.ts';
import { issueAt } from './issue.ts';
import type { TargetEvent } from './model.ts';
import type { EventResult } from './run.ts';
import { partsOf } from './run.ts';
import type { Source } from './source.ts';
import type { StepResult, Word } from './steps.ts';
import { LEGACY_FIELDS, RULE_EVENTS, RULE_TARGETS } from './vocabulary.ts';

/** What the checks look at. */
export interface Checked {
  readonly source: Source;
  readonly results: readonly EventResult[];
  readonly targets: ReadonlyMap<string, TargetEvent>;
  /** Tables named by fills. */
  readonly fillTables: readonly Word[];
}

/** Every mistake that a mapping's shape lets through: names that do not fit together, parts that do nothing, events left out. */
export function checkMapping(checked: Checked, issues: MappingIssue[]): void {
  checkEventNames(checked, issues);
  checkTables(checked, issues);
  checkStepLists(checked, issues);
  for (const result of checked.results) {
    if (result.source.broken) continue;
    checkTarget(result, checked, issues);
    checkRule(result, checked, issues);
    checkConflicts(result, issues);
    checkFields(result.own, [result], checked, issues);
  }
}

function checkEventNames({ source, results }: Checked, issues: MappingIssue[]): void {
  for (const { source: event } of results) {
    const { doc, name, place } = event;
    if (doc.event !== name)
      issues.push(
        issueAt(
          place,
          `event "${doc.event}" stands in a file named ${name}.yaml`,
          `name the file ${doc.event}.yaml, or write event: ${name}`,
        ),
      );
    else if (doc.own !== true && !isLegacy(name) && nearest(name, LEGACY_EVENTS) !== undefined)
      issues.push(issueAt(place, `unknown 1.0 event "${name}"`, didYouMean(name, LEGACY_EVENTS)));
  }
  for (const event of LEGACY_EVENTS) {
    if (!source.events.has(event))
      issues.push(issueAt(source.root, `no file for the 1.0 event ${event}`, `add events/${event}.yaml; "to: null" drops it by decision`));
  }
}

function isLegacy(name: string): name is keyof typeof LEGACY_FIELDS {
  return Object.hasOwn(LEGACY_FIELDS, name);
}

function checkTables({ source, results, fillTables }: Checked, issues: MappingIssue[]): void {
  const used = [...fillTables, ...results.flatMap((result) => partsOf(result).flatMap((part) => part.tables))];
  for (const table of used) {
    if (!source.tables.has(table.name))
      issues.push(issueAt(table.place, `unknown table "${table.name}"`, didYouMean(table.name, source.tables.keys())));
  }
  for (const [name, table] of source.tables) {
    if (table.top && !used.some((each) => each.name === name))
      issues.push(issueAt(table.place, `table "${name}" is used by no step and no fill`));
  }
}

function checkStepLists(checked: Checked, issues: MappingIssue[]): void {
  for (const [name, list] of checked.source.stepLists) {
    const users = checked.results.filter((result) => result.shared.some((each) => each.list === name));
    const [first] = users;
    const run = first?.shared.find((each) => each.list === name);
    if (first !== undefined && run !== undefined) checkFields(run.result, users, checked, issues);
    else if (list.top) issues.push(issueAt(list.place, `step list "${name}" is used by no event`));
  }
}

function checkTarget({ source: { doc, file, steps } }: EventResult, { targets }: Checked, issues: MappingIssue[]): void {
  if (doc.to !== null) {
    if (!targets.has(doc.to))
      issues.push(issueAt(file.placeOf(['to']), `targets.yaml has no event "${doc.to}"`, didYouMean(doc.to, targets.keys())));
  } else if (doc.rule === undefined && (steps.length > 0 || doc.use !== undefined)) {
    issues.push(
      issueAt(
        file.placeOfKey([doc.use === undefined ? 'steps' : 'use']),
        `unreachable steps: ${doc.event} is dropped`,
        'remove them, or give "to" or "rule"',
      ),
    );
  }
}

function checkRule({ source: { doc, file } }: EventResult, { targets }: Checked, issues: MappingIssue[]): void {
  if (doc.rule === undefined) return;
  const rule = doc.rule as keyof typeof RULE_EVENTS;
  const events: readonly string[] = RULE_EVENTS[rule];
  if (!events.includes(doc.event))
    issues.push(issueAt(file.placeOf(['rule']), `rule ${rule} is written for ${events.join(' and ')}, not for ${doc.event}`));
  for (const target of RULE_TARGETS[rule]) {
    if (!targets.has(target))
      issues.push(issueAt(file.placeOf(['rule']), `rule ${rule} can make ${target}, which targets.yaml does not have`));
  }
}

/** `asIs` speaks of sources of its own step. */
function checkAsIs(part: StepResult, issues: MappingIssue[]): void {
  for (const { rule, to } of part.fields) {
    const stray = rule.asIs.find((name) => !rule.from.includes(name));
    if (stray !== undefined) issues.push(issueAt(to.place, `asIs names "${stray}", which "from" does not`, didYouMean(stray, rule.from)));
  }
}

/** One operation per output field, and no field both used and dropped: else the order of the steps would decide in silence. */
function checkConflicts(result: EventResult, issues: MappingIssue[]): void {
  const parts = partsOf(result);
  const outputs = new Map<string, Word>();
  for (const to of parts.flatMap((part) => [...part.fields, ...part.constants].map((each) => each.to))) {
    const first = outputs.get(to.name);
    if (first === undefined) outputs.set(to.name, to);
    else
      issues.push(
        issueAt(
          to.place,
          `field "${to.name}" of ${result.source.name} already comes from the step at ${first.place.path}:${first.place.line}`,
        ),
      );
  }
  const read = new Map(parts.flatMap((part) => part.read.map((field) => [field.name, field] as const)));
  const dropped = new Set<string>();
  for (const field of parts.flatMap((part) => part.dropped)) {
    const used = read.get(field.name);
    if (used !== undefined)
      issues.push(
        issueAt(
          field.place,
          `field "${field.name}" of ${result.source.name} is dropped here and used at ${used.place.path}:${used.place.line}`,
        ),
      );
    else if (dropped.has(field.name))
      issues.push(issueAt(field.place, `unreachable step: field "${field.name}" of ${result.source.name} is dropped already`));
    dropped.add(field.name);
  }
}

/** Fields that no event among `users` has: a shared list may name what only some of its events bring. */
function checkFields(part: StepResult, users: readonly EventResult[], { targets }: Checked, issues: MappingIssue[]): void {
  checkAsIs(part, issues);
  const unknown = new Set<Word['place']>();
  const who = (names: readonly (string | null)[]): string => (names.length === 1 ? String(names[0]) : 'any event that uses this list');
  const docs = users.map((user) => user.source.doc);
  const known = new Set(docs.flatMap((doc) => sourceFields(doc.event, doc.extra)));
  for (const field of docs.every((doc) => isLegacy(doc.event)) ? [...part.read, ...part.dropped] : []) {
    if (known.has(field.name)) continue;
    unknown.add(field.place);
    issues.push(
      issueAt(field.place, `unknown field "${field.name}" of ${who(docs.map((doc) => doc.event))}`, fieldHint(field.name, known)),
    );
  }
  const rendered = docs.filter((doc) => doc.to !== null && targets.has(doc.to));
  if (rendered.length === 0) return;
  const fields = new Set(rendered.flatMap((doc) => [...(targets.get(doc.to ?? '')?.fields ?? []), ...(doc.extra ?? []).map(canonicalKey)]));
  for (const { to } of [...part.fields, ...part.constants]) {
    if (fields.has(to.name) || unknown.has(to.place)) continue;
    issues.push(
      issueAt(to.place, `unknown target field "${to.name}" of ${who(rendered.map((doc) => doc.to))}`, didYouMean(to.name, fields)),
    );
  }
}

function fieldHint(name: string, known: ReadonlySet<string>): string {
  const hint = didYouMean(name, known);
  return nearest(name, known) === undefined ? `${hint}; a field of your own platform is declared with "extra"` : hint;
}

function sourceFields(event: string, extra: readonly string[] | undefined): string[] {
  return [...(isLegacy(event) ? LEGACY_FIELDS[event] : []), ...(extra ?? []).map(canonicalKey)];
}
