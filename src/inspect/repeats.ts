const REMEMBERED = 1 << 20;

/** How many events come again, by their content, among the last million: what is older has made room. */
export class RepeatSurvey {
  count = 0;
  private young = new Set<number>();
  private old = new Set<number>();

  take(identity: number): void {
    if (this.young.has(identity) || this.old.has(identity)) {
      this.count += 1;
      return;
    }
    this.young.add(identity);
    if (this.young.size < REMEMBERED / 2) return;
    this.old = this.young;
    this.young = new Set();
  }
}
