/** How values are spread: counted in classes that are 5 % wide, so that memory does not grow and two can be added. */
export interface Histogram {
  add(value: number): void;
  merge(other: Histogram): void;
  /** The value below which this share of all lies, 0 to 1; at most 5 % too high. NaN if there is none. */
  quantile(share: number): number;
  readonly count: number;
  readonly max: number;
  /** Class and count, for {@link Histogram.merge}. */
  readonly classes: ReadonlyMap<number, number>;
}

const WIDTH = Math.log(1.05);
/** Smaller values are all the same. */
const LEAST = 0.01;

/** An empty one, for values from 0 on. */
export function createHistogram(): Histogram {
  const classes = new Map<number, number>();
  let count = 0;
  let max = 0;
  return {
    add(value) {
      const index = value <= LEAST ? 0 : Math.ceil(Math.log(value / LEAST) / WIDTH);
      classes.set(index, (classes.get(index) ?? 0) + 1);
      count += 1;
      max = Math.max(max, value);
    },
    merge(other) {
      for (const [index, times] of other.classes) classes.set(index, (classes.get(index) ?? 0) + times);
      count += other.count;
      max = Math.max(max, other.max);
    },
    quantile(share) {
      if (count === 0) return Number.NaN;
      let left = Math.max(1, Math.ceil(share * count));
      for (const [index, times] of [...classes].sort((a, b) => a[0] - b[0])) {
        left -= times;
        if (left <= 0) return Math.min(max, LEAST * Math.exp(index * WIDTH));
      }
      return max;
    },
    get count() {
      return count;
    },
    get max() {
      return max;
    },
    classes,
  };
}
