import { createIdTable } from '../event/ids.ts';
import { createShapeTree } from '../event/shape.ts';
import type { ExampleCase, ExampleEvent, ExampleOutcome } from '../mapping/examples.ts';
import type { Mapping } from '../mapping/model.ts';
import { DEFAULT_MAX_LINE, isBad, readBuffer } from '../parse/reader.ts';
import type { Account, Outcome } from '../translate/outcome.ts';
import { createTranslator } from '../translate/translator.ts';
import type { Watcher } from '../translate/watch.ts';

/** How an example ended. */
export interface ExampleResult {
  readonly example: ExampleCase;
  readonly passed: boolean;
  /** What `when` became, one line of JSON each. */
  readonly got: readonly string[];
  readonly expected: readonly string[];
  readonly gotOutcome: ExampleOutcome | undefined;
}

const OUTCOME_OF: Readonly<Record<Account, ExampleOutcome>> = {
  translated: 'translated',
  dropped: 'dropped',
  setAside: 'set-aside',
  duplicates: 'duplicate',
  deadLetters: 'dead-letter',
};

/** Runs the examples of a mapping, each on a translator of its own with the mapping's waits, as for a file. */
export function runExamples(mapping: Mapping, examples: readonly ExampleCase[]): readonly ExampleResult[] {
  return examples.map((example) => runExample(mapping, example));
}

/** Runs one example: translates all its events and compares what came of `when`, byte by byte. */
export function runExample(mapping: Mapping, example: ExampleCase): ExampleResult {
  const outcome = outcomeOfWhen(mapping, example);
  const got = outcome === undefined ? [] : outputsOf(outcome);
  const gotOutcome = outcome === undefined ? undefined : OUTCOME_OF[outcome.account];
  const expected = example.then.map((event) => JSON.stringify(event));
  const isSame = got.length === expected.length && got.every((line, index) => line === expected[index]);
  return { example, passed: isSame && (example.outcome === undefined || example.outcome === gotOutcome), got, expected, gotOutcome };
}

/** What an example expected and what came, for a person; nothing where it passed. */
export function renderFailure(result: ExampleResult): string {
  const { example } = result;
  if (result.passed) return '';
  const list = (lines: readonly string[]): string => (lines.length === 0 ? '    (nothing)' : lines.map((line) => `    ${line}`).join('\n'));
  const outcome =
    example.outcome === undefined || example.outcome === result.gotOutcome
      ? []
      : [`  outcome: expected ${example.outcome}, got ${result.gotOutcome ?? 'none'}`];
  return [
    `${example.path}:${example.line}: ${example.title}`,
    '  expected',
    list(result.expected),
    '  got',
    list(result.got),
    ...outcome,
  ].join('\n');
}

function outcomeOfWhen(mapping: Mapping, example: ExampleCase): Outcome | undefined {
  const when = example.given.length;
  return translateExample(mapping, example, {}).find((outcome) => outcome.record.line === when + 1);
}

/** How an example is translated, where not just as a file would be. */
export interface ExampleRun {
  readonly watcher?: Watcher;
  /** Indexes of its events (given, when, after) in the order in which they arrive. */
  readonly order?: readonly number[];
}

/** Translates all events of an example; an outcome's line says which event it is, from 1. */
export function translateExample(mapping: Mapping, example: ExampleCase, { watcher, order }: ExampleRun): readonly Outcome[] {
  const events: readonly ExampleEvent[] = [...example.given, example.when, ...example.after];
  const bytes = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
  const { items } = readBuffer(bytes, {
    source: 0,
    maxLine: DEFAULT_MAX_LINE,
    dupKeys: 'refuse',
    shapes: createShapeTree(),
    format: 'ndjson',
  });
  const translator = createTranslator({ mapping, ids: createIdTable(example.ids), watcher });
  const outcomes: Outcome[] = [];
  for (const index of order ?? items.keys()) {
    const item = items[index];
    if (item !== undefined && !isBad(item)) outcomes.push(...translator.push(item));
  }
  outcomes.push(...translator.finish());
  return outcomes;
}

/** The lines of an outcome's outputs. */
export function outputsOf(outcome: Outcome): readonly string[] {
  return outcome.outputs.map(({ bytes, start, end }) => Buffer.from(bytes.subarray(start, end)).toString('utf8').trimEnd());
}
