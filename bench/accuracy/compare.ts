import { differences, isExact } from './exactness.ts';
import { addScore, emptyScore, type Score, scoreGroup } from './recall.ts';
import { groupStreams, type TruthItem } from './streams.ts';

/** A call, or an agent outside calls, that is not as it should be. */
export interface Difference {
  readonly key: string;
  readonly lines: readonly string[];
}

/** How ours stands against the truth. */
export interface Comparison {
  readonly calls: number;
  readonly exactCalls: number;
  readonly agents: number;
  readonly exactAgents: number;
  /** Events of ours that are older than the one before: the output as a whole is in order of time. */
  readonly outOfOrder: number;
  /** The first that differ, in the order of the truth. */
  readonly differing: readonly Difference[];
  /** Scores of the synthesized and resolved events, by type. */
  readonly scores: ReadonlyMap<string, Score>;
  readonly total: Score;
}

/** Compares two 2.0 streams call by call; `show` is how many differing calls are told in detail. */
export function compareStreams(truth: Iterable<TruthItem>, ours: Iterable<string>, show = 5): Comparison {
  const counts = { calls: 0, exactCalls: 0, agents: 0, exactAgents: 0 };
  const differing: Difference[] = [];
  const scores = new Map<string, Score>();
  const { groups, outOfOrder } = groupStreams(truth, ours);
  for (const group of groups.values()) {
    const exact = isExact(group);
    if (group.key.startsWith('call ')) {
      counts.calls += 1;
      if (exact) counts.exactCalls += 1;
    } else {
      counts.agents += 1;
      if (exact) counts.exactAgents += 1;
    }
    if (!exact && differing.length < show) differing.push({ key: group.key, lines: differences(group) });
    scoreGroup(group, scores);
  }
  const total = emptyScore();
  for (const score of scores.values()) addScore(total, score);
  return { ...counts, outOfOrder, differing, scores, total };
}

/** Share of ours that is true; 1 if there is nothing. */
export function precision(score: Score): number {
  return score.ours === 0 ? 1 : score.right / score.ours;
}

/** Share of the provable that we have; 1 if there is nothing. */
export function recall(score: Score): number {
  return score.provable === 0 ? 1 : score.found / score.provable;
}
