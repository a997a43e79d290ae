import type { Shape } from '../event/shape.ts';
import type { EventMapping, Mapping } from '../mapping/model.ts';
import { planOutput } from '../mapping/plan.ts';
import type { OutputLabel } from './label.ts';
import type { RenderProgram } from './program.ts';
import { programOf } from './program.ts';
import type { ValueWriter } from './value.ts';

/** How records of one shape become one output type. */
export interface PlanEntry {
  readonly event: EventMapping;
  readonly rule: string;
  readonly target: string;
  readonly program: RenderProgram;
  /** Made when they are first needed: a label has its line in the books. */
  renamed: OutputLabel | undefined;
  resolved: OutputLabel | undefined;
}

/** Knows how events are written by a mapping. */
export interface Shaper {
  plan(shape: Shape, event: EventMapping, rule: string, target: string): PlanEntry;
  /** For an event of this type that has no record of its own. */
  synthesized(type: string): RenderProgram;
}

/** A shaper for one mapping; what it has worked out once is known. */
export function createShaper(mapping: Mapping, values: ValueWriter): Shaper {
  const plans = new WeakMap<Shape, PlanEntry[]>();
  const synthesizedPlans = new Map<string, RenderProgram>();
  return {
    plan(shape, event, rule, target) {
      let entries = plans.get(shape);
      if (entries === undefined) {
        entries = [];
        plans.set(shape, entries);
      }
      for (const entry of entries) if (entry.event === event && entry.target === target && entry.rule === rule) return entry;
      const program = programOf(planOutput(mapping, event, target, shape), values);
      const entry: PlanEntry = { event, rule, target, program, renamed: undefined, resolved: undefined };
      entries.push(entry);
      return entry;
    },
    synthesized(type) {
      let program = synthesizedPlans.get(type);
      if (program === undefined) {
        program = programOf(planOutput(mapping, undefined, type, undefined), values);
        synthesizedPlans.set(type, program);
      }
      return program;
    },
  };
}
