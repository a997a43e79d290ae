import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createIdTable } from '../../src/event/ids.ts';
import type { ReplayJob, ReplayTarget, Selection } from '../../src/replay/job.ts';
import { endpoint } from '../shim/support.ts';
import { mappingNamed } from '../support/stream.ts';

/** A 2.0 event of a test. */
export interface TestEvent {
  readonly eventTime: string;
  readonly eventType: string;
  readonly contactId: string;
  readonly agentId: string;
  readonly n: number;
}

export const START: number = Date.parse('2026-03-01T08:00:00.000Z');

/** Events of some contacts in turn, `step` milliseconds apart; half as many agents. */
export function streamOf(count: number, contacts: number, step = 10): readonly TestEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    eventTime: new Date(START + n * step).toISOString(),
    eventType: n % 2 === 0 ? 'AgentRinging' : 'AgentTalk',
    contactId: `job-${n % contacts}`,
    agentId: `agent-${(n * 7) % Math.ceil(contacts / 2)}@ccc`,
    n,
  }));
}

export function linesOf(events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

export const EVERYTHING: Selection = {
  since: undefined,
  until: undefined,
  types: undefined,
  contacts: undefined,
  agents: undefined,
  sample: undefined,
  limit: undefined,
};

export function httpTarget(url: string, change: { batch?: number; concurrency?: number; deadline?: number } = {}): ReplayTarget {
  const { batch = 1, concurrency = 8, deadline = 2_000 } = change;
  return { kind: 'http', client: endpoint(url, { concurrency, deadline }), batch, maxRequests: undefined };
}

/** A job at full speed over one input in a folder, with state, receipts and dead letters beside it. */
export async function jobOf(folder: string, input: string, target: ReplayTarget, change: Partial<ReplayJob> = {}): Promise<ReplayJob> {
  const mapping = await mappingNamed('ccc-2.0');
  const path = join(folder, 'current.ndjson');
  writeFileSync(path, input);
  const selection = change.selection ?? EVERYTHING;
  return {
    inputs: [path],
    from: '2.0',
    provenance: undefined,
    selection,
    selectionText: JSON.stringify(selection),
    tempo: { speed: Number.POSITIVE_INFINITY, rate: undefined, maxGap: undefined, startAt: undefined },
    rounds: 1,
    restamp: false,
    target,
    giveUp: 60_000,
    receiverWindow: 300_000,
    state: join(folder, 'replay.state'),
    restart: false,
    force: false,
    receipts: join(folder, 'receipts.ndjson'),
    deadLetters: join(folder, 'dead.ndjson'),
    signal: undefined,
    mapping,
    ids: createIdTable([]),
    timeZone: 'Asia/Shanghai',
    ...mapping.waits,
    maxJump: 3_600_000,
    eventAt: undefined,
    maxLine: 1 << 20,
    dupKeys: 'refuse',
    allowTruncated: false,
    rs: false,
    ...change,
  };
}

/** How often an event of a contact, or of an agent, came before an earlier one; of repeats the first counts. */
export function orderBreaks(texts: readonly string[]): number {
  const last = new Map<string, number>();
  const seen = new Set<number>();
  let breaks = 0;
  for (const text of texts) {
    const { contactId, agentId, n } = JSON.parse(text) as TestEvent;
    if (seen.has(n)) continue;
    seen.add(n);
    for (const key of [contactId, agentId]) {
      if ((last.get(key) ?? -1) > n) breaks += 1;
      last.set(key, n);
    }
  }
  return breaks;
}
