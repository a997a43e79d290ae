import type { Histogram } from './histogram.ts';
import { createHistogram } from './histogram.ts';

/** What happened in a stretch of a replay. Times in milliseconds. */
export interface Stretch {
  /** Events that were due, that were sent for the first time, and that ended. */
  planned: number;
  sent: number;
  delivered: number;
  failed: number;
  /** Attempts that are to be repeated. */
  again: number;
  /** How late events were sent. */
  readonly lag: Histogram;
  /** From the first attempt to the answer that ended it. */
  readonly latency: Histogram;
}

/** A replay over its time, in so many stretches at most, however long it takes: they get longer. */
export interface Series {
  /** Times are milliseconds since the run began. */
  planned(at: number): void;
  sent(at: number, lag: number | undefined): void;
  answered(at: number, latency: number, status: 'delivered' | 'failed' | 'again'): void;
  /** Milliseconds that a stretch takes. */
  readonly width: number;
  readonly stretches: readonly Stretch[];
  /** All of them together. */
  total(): Stretch;
}

const MOST = 400;
const FIRST_WIDTH = 100;
/** An event that is due in a year must not make room for a year. */
const LONGEST = 400 * 86_400_000;

/** A series without anything in it. */
export function createSeries(): Series {
  let width = FIRST_WIDTH;
  let stretches: Stretch[] = [];
  const at = (time: number): Stretch => {
    const when = Math.min(Math.max(0, time), LONGEST);
    while (when >= width * MOST) {
      width *= 2;
      stretches = halved(stretches);
    }
    const index = Math.floor(when / width);
    while (stretches.length <= index) stretches.push(emptyStretch());
    return stretches[index] as Stretch;
  };
  return {
    planned(time) {
      at(time).planned += 1;
    },
    sent(time, lag) {
      const stretch = at(time);
      stretch.sent += 1;
      if (lag !== undefined) stretch.lag.add(lag);
    },
    answered(time, latency, status) {
      const stretch = at(time);
      stretch[status] += 1;
      if (status === 'delivered') stretch.latency.add(latency);
    },
    get width() {
      return width;
    },
    get stretches() {
      return stretches;
    },
    total() {
      const sum = emptyStretch();
      for (const stretch of stretches) addTo(sum, stretch);
      return sum;
    },
  };
}

function emptyStretch(): Stretch {
  return { planned: 0, sent: 0, delivered: 0, failed: 0, again: 0, lag: createHistogram(), latency: createHistogram() };
}

function addTo(sum: Stretch, stretch: Stretch): void {
  for (const name of ['planned', 'sent', 'delivered', 'failed', 'again'] as const) sum[name] += stretch[name];
  sum.lag.merge(stretch.lag);
  sum.latency.merge(stretch.latency);
}

/** Two stretches become one. */
function halved(stretches: readonly Stretch[]): Stretch[] {
  const pairs: Stretch[] = [];
  stretches.forEach((stretch, index) => {
    const sum = pairs[index >> 1];
    if (sum === undefined) pairs.push(stretch);
    else addTo(sum, stretch);
  });
  return pairs;
}
