/** When events are due. Times are monotonic milliseconds; an offset is a distance in event time from the first event, milliseconds. */
export interface Pace {
  /** Where an event stands on the schedule; to be asked once for each, in order. */
  offsetOf(time: number): number;
  /** The event at this offset is the first that is sent: it is due now, or at the start that was asked for. */
  begin(offset: number, now: number): void;
  due(offset: number): number;
  /** The schedule stands still. */
  pause(now: number): void;
  resume(now: number): void;
  readonly isPaused: boolean;
  /** From now on; what is past does not move. */
  setSpeed(speed: number, now: number): void;
  readonly speed: number;
  /** The schedule moves back: so long nobody could send. */
  skip(ms: number): void;
}

/** What a pace follows. */
export interface PaceOptions {
  /** Event time a second of real time; Infinity: everything is due at once. */
  readonly speed: number;
  /** Silences are no longer than this, in event time. */
  readonly maxGap: number | undefined;
  readonly startAt: number | undefined;
}

/**
 * An absolute schedule: an event is due at the start plus its distance in event time, divided by the speed. So what comes late makes nothing
 * else late. An event with an earlier time than one before it is due with that one.
 */
export function createPace({ speed: first, maxGap = Number.POSITIVE_INFINITY, startAt }: PaceOptions): Pace {
  let speed = first;
  let last = Number.NaN;
  let offset = 0;
  /** The schedule goes through this point. */
  let anchor = { at: startAt ?? 0, offset: 0 };
  let pausedAt: number | undefined;
  const isPaused = (): boolean => pausedAt !== undefined;
  /** How far the schedule is; not further than the event that is waited for. */
  const position = (now: number): number => {
    const passed = Math.max(0, (pausedAt ?? now) - anchor.at);
    return passed === 0 ? anchor.offset : Math.min(offset, anchor.offset + passed * speed);
  };
  return {
    offsetOf(time) {
      if (Number.isNaN(last)) last = time;
      if (time > last) {
        offset += Math.min(time - last, maxGap);
        last = time;
      }
      return offset;
    },
    begin(at, now) {
      anchor = { at: Math.max(now, startAt ?? now), offset: at };
      if (isPaused()) pausedAt = Math.max(now, anchor.at);
    },
    due: (at) => anchor.at + (at - anchor.offset) / speed,
    pause(now) {
      pausedAt ??= now;
    },
    resume(now) {
      if (pausedAt === undefined) return;
      anchor = { ...anchor, at: anchor.at + Math.max(0, now - Math.max(pausedAt, anchor.at)) };
      pausedAt = undefined;
    },
    get isPaused() {
      return isPaused();
    },
    setSpeed(to, now) {
      // Before the start only the speed changes.
      if (now > anchor.at) anchor = { at: pausedAt ?? now, offset: position(now) };
      speed = to;
    },
    get speed() {
      return speed;
    },
    skip(ms) {
      anchor = { ...anchor, at: anchor.at + ms };
    },
  };
}
