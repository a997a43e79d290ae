/** What a replay has done, of all its runs. */
export interface Counts {
  delivered: number;
  failed: number;
  /** Attempts, and those that did not succeed. */
  attempts: number;
  retries: number;
}

/** Plain data, for a checkpoint. */
export interface SavedProgress {
  /** Every event before this one has ended, but for those that are pending. */
  readonly high: number;
  /** Numbers of these, in order, each as its distance from the one before. */
  readonly pending: readonly number[];
  readonly counts: Counts;
}

/** Which events of a stream have ended. */
export interface Progress {
  /** True if the event ended in an earlier run. */
  hasEnded(seq: number): boolean;
  /** The next event is on its way; they come in order. */
  begin(seq: number): void;
  end(seq: number): void;
  readonly counts: Counts;
  save(): SavedProgress;
}

/** Where an earlier run stopped, or at the beginning. */
export function createProgress(saved?: SavedProgress): Progress {
  const earlier = new Set<number>();
  let at = 0;
  for (const distance of saved?.pending ?? []) {
    at += distance;
    earlier.add(at);
  }
  const before = saved?.high ?? 0;
  /** In the order of their numbers. */
  const pending = new Set<number>(earlier);
  let high = before;
  const counts = { ...(saved?.counts ?? { delivered: 0, failed: 0, attempts: 0, retries: 0 }) };
  return {
    hasEnded: (seq) => seq < before && !earlier.has(seq),
    begin(seq) {
      pending.add(seq);
    },
    end(seq) {
      pending.delete(seq);
      high = Math.max(high, seq + 1);
    },
    counts,
    save() {
      const distances: number[] = [];
      let last = 0;
      for (const seq of pending) {
        // What comes behind is read again anyway.
        if (seq >= high) break;
        distances.push(seq - last);
        last = seq;
      }
      return { high, pending: distances, counts };
    },
  };
}
