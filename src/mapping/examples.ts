import * as z from 'zod';
import { UpcastError } from '../errors.ts';
import { idRowsOf } from '../event/id-file.ts';
import type { IdRow } from '../event/ids.ts';
import { didYouMean } from '../nearest.ts';
import type { MappingIssue } from './issue.ts';
import { issueAt, MappingError } from './issue.ts';
import { prefixOf } from './layers.ts';
import type { NodePath, YamlFile } from './parse.ts';
import { parseYaml } from './parse.ts';
import { readShape } from './shapes.ts';
import type { Layer } from './source.ts';

/** An event of an example: its fields in the order in which they are written. */
export interface ExampleEvent {
  readonly EventType?: unknown;
  readonly eventType?: unknown;
  readonly EventTime?: unknown;
  readonly eventTime?: unknown;
  readonly [field: string]: unknown;
}

/** What becomes of an event beside its outputs. */
export const EXAMPLE_OUTCOMES = ['translated', 'dropped', 'set-aside', 'duplicate', 'dead-letter'] as const;

/** One of {@link EXAMPLE_OUTCOMES}. */
export type ExampleOutcome = (typeof EXAMPLE_OUTCOMES)[number];

/** One example: after the events `given`, and with the events `after` still to come, `when` becomes exactly the events `then`. */
export interface ExampleCase {
  readonly path: string;
  readonly line: number;
  readonly title: string;
  /** Id table; empty where the example names none. */
  readonly ids: readonly IdRow[];
  readonly given: readonly ExampleEvent[];
  readonly when: ExampleEvent;
  readonly after: readonly ExampleEvent[];
  /** What 2.0 gets of `when`, synthesized events included, in order. */
  readonly then: readonly ExampleEvent[];
  /** In which account `when` ends; undefined = not asked. */
  readonly outcome: ExampleOutcome | undefined;
}

type EventRef = string | ExampleEvent;

interface CaseFile {
  readonly title: string;
  readonly ids?: unknown;
  readonly given?: readonly EventRef[] | undefined;
  readonly when: EventRef;
  readonly after?: readonly EventRef[] | undefined;
  readonly then: readonly ExampleEvent[];
  readonly outcome?: ExampleOutcome | undefined;
}

interface ExampleFile {
  readonly ids?: unknown;
  readonly events?: Readonly<Record<string, ExampleEvent>> | undefined;
  readonly cases?: readonly CaseFile[] | undefined;
}

const event = z.record(z.string(), z.unknown());
const ref = z.union([z.string(), event], { error: 'expected an event, or the name of one' });

const exampleFile: z.ZodType<ExampleFile> = z.strictObject({
  ids: z.unknown().optional(),
  events: z.record(z.string(), event).optional(),
  cases: z
    .array(
      z.strictObject({
        title: z.string().min(1),
        ids: z.unknown().optional(),
        given: z.array(ref).optional(),
        when: ref,
        after: z.array(ref).optional(),
        // biome-ignore lint/suspicious/noThenProperty: the word of given / when / then; never awaited.
        then: z.array(event),
        outcome: z.enum(EXAMPLE_OUTCOMES).optional(),
      }),
    )
    .optional(),
});

const SHARED = 'shared.yaml';

/**
 * The examples of one mapping folder. Its `examples/shared.yaml` gives all the others an id table and named events.
 * Only the folder's own: the examples of a mapping that it extends describe that one. Throws a {@link MappingError}.
 */
export function exampleCases(layer: Layer): readonly ExampleCase[] {
  const issues: MappingIssue[] = [];
  const folder = `${prefixOf(layer)}examples/`;
  const files = [...layer].filter(([path]) => path.startsWith(folder));
  const read = ([path, text]: readonly [string, string]): { file: YamlFile; doc: ExampleFile } => {
    const file = parseYaml(path, text, issues);
    return { file, doc: (file.value === undefined ? undefined : readShape(file, [], file.value, exampleFile, issues)) ?? {} };
  };
  const shared = files.filter(([path]) => path === folder + SHARED).map(read)[0];
  const base: Scope = {
    ids: idsOf(shared?.file, [], shared?.doc.ids, issues) ?? [],
    events: new Map(Object.entries(shared?.doc.events ?? {})),
  };
  const cases = files
    .filter(([path]) => path !== folder + SHARED)
    .flatMap((each) => {
      const { file, doc } = read(each);
      const name = each[0].slice(folder.length).replace(/\.yaml$/, '');
      const scope: Scope = {
        ids: idsOf(file, [], doc.ids, issues) ?? base.ids,
        events: new Map([...base.events, ...Object.entries(doc.events ?? {})]),
      };
      return (doc.cases ?? []).map((one, index) => readCase(file, ['cases', index], one, name, scope, issues));
    });
  if (issues.length > 0) throw new MappingError(folder.slice(0, -1), issues);
  return cases;
}

/** What the names in a file stand for. */
interface Scope {
  readonly ids: readonly IdRow[];
  readonly events: ReadonlyMap<string, ExampleEvent>;
}

function readCase(file: YamlFile, at: NodePath, one: CaseFile, name: string, scope: Scope, issues: MappingIssue[]): ExampleCase {
  const resolve = (each: EventRef, ...path: NodePath): ExampleEvent => {
    if (typeof each !== 'string') return each;
    const found = scope.events.get(each);
    if (found === undefined)
      issues.push(issueAt(file.placeOf([...at, ...path]), `unknown event "${each}"`, didYouMean(each, scope.events.keys())));
    return found ?? {};
  };
  const list = (key: 'given' | 'after'): ExampleEvent[] => (one[key] ?? []).map((each, index) => resolve(each, key, index));
  const when = resolve(one.when, 'when');
  const type = when.EventType ?? when.eventType;
  if (type !== undefined && type !== name) {
    issues.push(
      issueAt(
        file.placeOf([...at, 'when']),
        `an example of ${String(type)} stands in ${name}.yaml`,
        `move it to examples/${String(type)}.yaml`,
      ),
    );
  }
  const place = file.placeOf(at);
  return {
    path: place.path,
    line: place.line,
    title: one.title,
    ids: idsOf(file, at, one.ids, issues) ?? scope.ids,
    given: list('given'),
    when,
    after: list('after'),
    // biome-ignore lint/suspicious/noThenProperty: the word of given / when / then; never awaited.
    then: one.then,
    outcome: one.outcome,
  };
}

function idsOf(file: YamlFile | undefined, at: NodePath, ids: unknown, issues: MappingIssue[]): readonly IdRow[] | undefined {
  if (file === undefined || ids === undefined) return undefined;
  try {
    return idRowsOf(ids, 'ids');
  } catch (error) {
    if (!(error instanceof UpcastError)) throw error;
    const [, ...lines] = error.message.split('\n');
    for (const line of lines) issues.push(issueAt(file.placeOf([...at, 'ids']), line.trim()));
    return [];
  }
}
