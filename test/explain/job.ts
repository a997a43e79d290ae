import { createIdTable } from '../../src/event/ids.ts';
import type { ExplainJob } from '../../src/explain/explain.ts';
import { mappingNamed } from '../support/stream.ts';

/** A job with the mapping's own waits. */
export async function explainJob(inputs: readonly string[], change: Partial<ExplainJob> = {}): Promise<ExplainJob> {
  const mapping = change.mapping ?? (await mappingNamed('ccc-2.0'));
  return {
    inputs,
    mapping,
    ids: createIdTable([]),
    ...mapping.waits,
    timeZone: 'Asia/Shanghai',
    maxJump: 3_600_000,
    merge: false,
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    eventAt: undefined,
    rs: false,
    allowTruncated: false,
    ...change,
  };
}
