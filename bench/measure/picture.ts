import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseIdTable } from '../../src/event/id-file.ts';
import { createIdTable } from '../../src/event/ids.ts';
import { explainCalls } from '../../src/explain/explain.ts';
import { ladderOf } from '../../src/report/ladder.ts';
import { ladderToSvg } from '../../src/report/ladder-svg.ts';
import { loadMapping } from '../../src/source/mapping-folder.ts';

/** An attended transfer of the sample log: two consultations, a release that 1.0 never told of, a call record. */
export const CONTACT: string = '3000000192';

const path = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

/** The ladder of the README, as SVG. */
export async function pictureOfLadder(): Promise<string> {
  const mapping = await loadMapping('ccc-2.0');
  const { calls } = await explainCalls(
    {
      ...{ inputs: [path('legacy.ndjson')], mapping, ids: createIdTable(parseIdTable(readFileSync(path('ids.csv'), 'utf8'), 'ids.csv')) },
      ...mapping.waits,
      ...{ timeZone: 'Asia/Shanghai', maxJump: 3_600_000, merge: false, maxLine: 1 << 20, dupKeys: 'refuse' },
      ...{ eventAt: undefined, rs: false, allowTruncated: false },
    },
    [CONTACT],
  );
  const [call] = calls;
  if (call === undefined) throw new Error(`the sample log has no call ${CONTACT}`);
  return `${ladderToSvg(ladderOf(call), { title: `Call ${CONTACT}: 1.0 on the left, 2.0 on the right` })}\n`;
}
