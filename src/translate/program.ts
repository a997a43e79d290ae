import type { Bytes } from '../event/span.ts';
import { bytesOf } from '../event/span.ts';
import type { FieldOp } from '../mapping/model.ts';
import type { Leftover, OutputPlan, Segment } from '../mapping/plan.ts';
import { ROLE } from '../mapping/plan.ts';
import type { Count } from './tally.ts';
import type { ValueWriter } from './value.ts';
import type { ValueCache } from './value-cache.ts';
import { VALUE_ROOM } from './value-cache.ts';

/** How a step is carried out: as numbers, since they are looked at for every field of every event. */
export const STEP = { copy: 0, cached: 1, time: 2, literal: 3, other: 4 } as const;

/** One field of an output, ready to be written. */
export interface Step {
  readonly code: (typeof STEP)[keyof typeof STEP];
  /** `"name":`, and for `literal` the value and a comma behind it. */
  readonly key: DataView;
  readonly keyLength: number;
  /** The only source field, or -1 if there are none or several. */
  readonly field: number;
  /** What is known of the values that the operation makes, for `cached`. */
  readonly cache: ValueCache | undefined;
  readonly op: FieldOp;
  /** Something else may give the value where the source is blank. */
  readonly hasFallback: boolean;
  readonly segment: Segment;
}

/** A field that is left out and counted. */
export interface LeftOut {
  readonly leftover: Leftover;
  /** Made when it is first needed. */
  counter: Count | undefined;
}

/** A plan, ready to be carried out. */
export interface RenderProgram {
  readonly plan: OutputPlan;
  readonly steps: readonly Step[];
  readonly dropped: readonly LeftOut[];
  /** Bytes that an output needs at most, besides those of its record and of what is not copied or cached. */
  readonly room: number;
}

/** Makes a plan ready. */
export function programOf(plan: OutputPlan, values: ValueWriter): RenderProgram {
  const steps = plan.segments.filter((segment) => mayGiveValue(segment)).map((segment) => stepOf(segment, plan.target, values));
  const room = steps.reduce((sum, step) => sum + step.keyLength + (step.code === STEP.cached ? VALUE_ROOM : 1) + 1, 64);
  const dropped = plan.dropped.map((leftover) => ({ leftover, counter: undefined }));
  return { plan, steps, dropped, room };
}

function mayGiveValue(segment: Segment): boolean {
  const { sources, fill, fixed, constant } = segment;
  return segment.role !== ROLE.plain || sources.length > 0 || fill !== undefined || fixed !== undefined || constant !== undefined;
}

function stepOf(segment: Segment, target: string, values: ValueWriter): Step {
  const { fill, fixed, op } = segment;
  const isSimple = segment.sources.length === 1 && fixed === undefined && fill?.when !== 'first' && segment.asIs.length === 0;
  const cache = values.cacheOf(op);
  const literal = literalOf(segment, target);
  const key = literal ?? segment.key;
  return {
    code: literal === undefined ? codeOf(segment, isSimple, cache) : STEP.literal,
    key: key.view,
    keyLength: key.bytes.length,
    field: segment.sources.length === 1 ? (segment.sources[0] as number) : -1,
    cache,
    op,
    hasFallback: fill !== undefined || segment.constant !== undefined,
    segment,
  };
}

/** `"name":"value",` where the value is the same in every event. */
function literalOf(segment: Segment, target: string): Bytes | undefined {
  const value = segment.role === ROLE.type ? target : segment.fixed;
  return value === undefined ? undefined : bytesOf(new TextEncoder().encode(`${JSON.stringify(segment.to)}:${JSON.stringify(value)},`));
}

function codeOf(segment: Segment, isSimple: boolean, cache: ValueCache | undefined): Step['code'] {
  if (segment.role === ROLE.time) return STEP.time;
  if (!isSimple) return STEP.other;
  if (segment.op.op === 'copy') return STEP.copy;
  return cache === undefined ? STEP.other : STEP.cached;
}
