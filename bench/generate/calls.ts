import { deliver, type Item } from './delivery.ts';
import { type GenerateOptions, resolveOptions } from './options.ts';
import { createRandom } from './random.ts';
import { playDay } from './schedule.ts';
import { buildWorld, type IdRow, idTable } from './world.ts';

/** A generated call centre: its id table, and its day as 1.0 stream and 2.0 truth. */
export interface Generated {
  readonly options: GenerateOptions;
  readonly ids: readonly IdRow[];
  /** Plays the day; may be read once. */
  readonly items: Iterable<Item>;
}

/** Generates both streams, item by item; equal options give equal bytes. */
export function generateCalls(options: Partial<GenerateOptions> = {}): Generated {
  const resolved = resolveOptions(options);
  const world = buildWorld(createRandom(`${resolved.seed}/world`), resolved.agents);
  return { options: resolved, ids: idTable(world), items: deliver(playDay(world, resolved), resolved, world.instance.current) };
}
