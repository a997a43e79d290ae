import type { ExampleCase, ExampleEvent } from '../mapping/examples.ts';
import type { EventMapping, Mapping } from '../mapping/model.ts';
import { LEGACY_FIELDS } from '../mapping/vocabulary.ts';
import type { Why } from '../rules/why.ts';
import { WHY } from '../rules/why.ts';
import { translateExample } from './examples.ts';

/** What the examples of a mapping reach, and what they leave unproven. */
export interface Coverage {
  /** Reasons of rules that decided in an example. */
  readonly reasons: Share;
  /** Steps that an example gave a value, as `Event.field`. */
  readonly steps: Share;
  /** Documented 1.0 fields that no step names, as `Event.field`: they are unknown fields to the mapping. */
  readonly unnamed: readonly string[];
}

/** How much of something was reached, and what was not. */
export interface Share {
  readonly total: number;
  readonly missed: readonly string[];
}

/** Runs examples and looks at what they reach. */
export function coverageOf(mapping: Mapping, examples: readonly ExampleCase[]): Coverage {
  const reached = new Set<Why>();
  const fields = new Set<string>();
  for (const example of examples) {
    for (const event of [...example.given, example.when, ...example.after]) noteFields(event, fields);
    translateExample(mapping, example, {
      watcher: {
        deciding(_call, _facts, { why, before, after }) {
          if (why !== undefined) reached.add(why);
          for (const made of [...before, ...after]) reached.add(made.why);
        },
        decided() {},
      },
    });
  }
  const events = [...mapping.events.values()];
  const rules = new Set<string>(['AgentElsewhere', ...events.flatMap(({ rule }) => rule ?? [])]);
  const reasons = (Object.keys(WHY) as Why[]).filter((why) => rules.has(WHY[why].rule));
  const steps = events.flatMap((event) => stepsOf(event));
  return {
    reasons: {
      total: reasons.length,
      missed: reasons.filter((why) => !reached.has(why)).map((why) => `${WHY[why].rule}: ${WHY[why].says}`),
    },
    steps: { total: steps.length, missed: steps.filter(({ from }) => !from.some((name) => fields.has(name))).map(({ name }) => name) },
    unnamed: events.flatMap(unnamedOf),
  };
}

interface Step {
  readonly name: string;
  /** What reaches it, as `Event.field`. */
  readonly from: readonly string[];
}

/** Steps that take something of a 1.0 event: those that only fill in need none. */
function stepsOf({ event, fields, dropped }: EventMapping): Step[] {
  const of = (name: string): string => `${event}.${name}`;
  return [
    ...fields
      .filter(({ from }) => from.length > 0)
      .map(({ to, from }) => ({ name: `${from.map(of).join(' or ')} → ${to}`, from: from.map(of) })),
    ...[...dropped].map((name) => ({ name: `${of(name)} dropped`, from: [of(name)] })),
  ];
}

function unnamedOf({ event, known }: EventMapping): string[] {
  const documented: readonly string[] = (LEGACY_FIELDS as Readonly<Record<string, readonly string[]>>)[event] ?? [];
  return documented.filter((name) => name !== 'eventType' && !known.has(name)).map((name) => `${event}.${name}`);
}

function noteFields(event: ExampleEvent, fields: Set<string>): void {
  const type = String(event.EventType ?? event.eventType ?? '');
  for (const [name, value] of Object.entries(event)) {
    if (value !== null && value !== '') fields.add(`${type}.${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  }
}
