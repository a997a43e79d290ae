import { didYouMean } from '../nearest.ts';
import type { MappingIssue } from './issue.ts';
import { issueAt } from './issue.ts';
import type { EventSource, Source } from './source.ts';
import type { StepResult } from './steps.ts';
import { runSteps } from './steps.ts';

/** An event's steps, run: its own and those of the shared lists. */
export interface EventResult {
  readonly source: EventSource;
  readonly own: StepResult;
  readonly shared: readonly { readonly list: string; readonly result: StepResult }[];
}

/** Runs the steps of one event file; an unknown step list becomes an issue. */
export function runEvent(event: EventSource, source: Source, issues: MappingIssue[]): EventResult {
  const tables = (name: string): ReadonlyMap<string, string | null> | undefined => source.tables.get(name)?.values;
  const shared = (event.doc.use ?? []).flatMap((list, index) => {
    const found = source.stepLists.get(list);
    if (found !== undefined) return [{ list, result: runSteps(found.steps, tables) }];
    issues.push(issueAt(event.file.placeOf(['use', index]), `unknown step list "${list}"`, didYouMean(list, source.stepLists.keys())));
    return [];
  });
  return { source: event, own: runSteps(event.steps, tables), shared };
}

/** All the parts of an event's steps, the shared ones first. */
export function partsOf(result: EventResult): readonly StepResult[] {
  return [...result.shared.map((each) => each.result), result.own];
}
