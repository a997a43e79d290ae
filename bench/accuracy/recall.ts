import type { Event, Group, TruthItem } from './streams.ts';

/** The event types that 1.0 does not have under that meaning: synthesized, or resolved by context. */
export const JUDGED_TYPES = [
  ...['AgentRelease', 'StopConsultant'],
  ...['AgentDialing', 'AgentRinging', 'AgentTalk', 'InitiateConsultant', 'StartConsultant'],
] as const;

/** Counts of one event type. */
export interface Score {
  /** True events whose source or evidence survived. */
  provable: number;
  /** Provable ones that we have. */
  found: number;
  ours: number;
  /** Ours that are true, provable or not. */
  right: number;
  /** Right ones whose time is exact; and whose every byte is. */
  exactTime: number;
  exact: number;
}

/** A score of nothing. */
export function emptyScore(): Score {
  return { provable: 0, found: 0, ours: 0, right: 0, exactTime: 0, exact: 0 };
}

/** Adds one score to another. */
export function addScore(sum: Score, more: Score): void {
  sum.provable += more.provable;
  sum.found += more.found;
  sum.ours += more.ours;
  sum.right += more.right;
  sum.exactTime += more.exactTime;
  sum.exact += more.exact;
}

/**
 * Pairs events of equal call, type and agent: those of equal time first, the rest by their number. So the loss of
 * the first of two does not make the second look missing.
 */
function pair(truth: readonly TruthItem[], ours: readonly Event[]): (readonly [TruthItem, Event])[] {
  const rest = [...ours];
  const pairs: (readonly [TruthItem, Event])[] = [];
  const open: TruthItem[] = [];
  for (const event of truth) {
    const index = rest.findIndex((other) => other.time === event.time);
    const [other] = index < 0 ? [] : rest.splice(index, 1);
    if (other === undefined) open.push(event);
    else pairs.push([event, other]);
  }
  open.sort((a, b) => Number(b.survived) - Number(a.survived));
  open.slice(0, rest.length).forEach((event, index) => {
    const other = rest[index];
    if (other !== undefined) pairs.push([event, other]);
  });
  return pairs;
}

function byAgent<T extends { readonly type: string; readonly agentId: string | undefined }>(events: readonly T[]): Map<string, T[]> {
  const sorted = new Map<string, T[]>();
  for (const event of events) {
    if (!JUDGED_TYPES.some((type) => type === event.type)) continue;
    const key = `${event.type} ${event.agentId}`;
    const known = sorted.get(key);
    if (known === undefined) sorted.set(key, [event]);
    else known.push(event);
  }
  return sorted;
}

function scoreOf(truth: readonly TruthItem[], ours: readonly Event[]): Score {
  const score = emptyScore();
  score.provable = truth.filter((event) => event.survived).length;
  score.ours = ours.length;
  for (const [event, other] of pair(truth, ours)) {
    score.right += 1;
    if (event.survived) score.found += 1;
    if (event.time === other.time) score.exactTime += 1;
    if (event.line === other.line) score.exact += 1;
  }
  return score;
}

/** Adds the scores of one call to the scores by type. */
export function scoreGroup(group: Group, scores: Map<string, Score>): void {
  const [truth, ours] = [byAgent(group.truth), byAgent(group.ours)];
  for (const key of new Set([...truth.keys(), ...ours.keys()])) {
    const type = key.slice(0, key.indexOf(' '));
    const sum = scores.get(type) ?? emptyScore();
    addScore(sum, scoreOf(truth.get(key) ?? [], ours.get(key) ?? []));
    scores.set(type, sum);
  }
}
