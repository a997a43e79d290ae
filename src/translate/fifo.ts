/** A queue in a ring: what was taken is not kept alive, and adding at the end and taking from the front move nothing. */
export class Fifo<T> {
  private items: (T | undefined)[] = new Array<T | undefined>(64).fill(undefined);
  private head = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The item at a place from the front, which must be less than `size`. */
  at(index: number): T {
    return this.items[(this.head + index) & (this.items.length - 1)] as T;
  }

  first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    if (this.count === this.items.length) this.grow();
    this.items[(this.head + this.count) & (this.items.length - 1)] = item;
    this.count += 1;
  }

  take(): T | undefined {
    const item = this.items[this.head];
    if (this.count === 0) return undefined;
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.count -= 1;
    return item;
  }

  /** Keeps only the items for which `keep` is true; asked in order. */
  filter(keep: (item: T) => boolean): void {
    const kept = this.all().filter(keep);
    this.items.fill(undefined);
    this.head = 0;
    this.count = 0;
    for (const item of kept) this.push(item);
  }

  all(): T[] {
    return Array.from({ length: this.count }, (_, index) => this.at(index));
  }

  private grow(): void {
    const all = this.all();
    this.items = [...all, ...new Array<T | undefined>(all.length).fill(undefined)];
    this.head = 0;
  }
}
