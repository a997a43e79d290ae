import type { Portion, Reading } from './read-inputs.ts';
import { readInOrder } from './read-inputs.ts';

export async function* readMerged(reading: Reading): AsyncGenerator<Portion> {
  yield* readInOrder(reading);
}
