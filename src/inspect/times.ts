import type { RecordView } from '../event/record.ts';
import { valueEnd, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { TimesFound } from './inspection.ts';

const QUOTE = 0x22;
const SECONDS_BELOW = 1e11;
/** Gaps that are shorter are told by nobody. */
const GAP = 10 * 60_000;
const GAPS_KEPT = 5;
const JUMP = 3_600_000;
/** Shares of all events for which the window is told. */
const SHARES = [0.99, 0.999, 0.9999, 1] as const;
/** Steps of the histogram of disorder: each a 16th larger than the one before, from a millisecond to a month. */
const STEP = 1 + 1 / 16;
const HOUR = 3_600_000;

/** What the times of a log are like: forms, order, gaps. */
export class TimeSurvey {
  private from = Number.POSITIVE_INFINITY;
  private to = Number.NEGATIVE_INFINITY;
  private count = 0;
  private readonly forms = new Map<string, number>();
  private readonly steps: number[] = [];
  private disordered = 0;
  private most = 0;
  private gaps: { readonly from: number; readonly to: number }[] = [];
  private jumps = 0;
  /** Latest time that other events confirm. */
  private clock = Number.NEGATIVE_INFINITY;
  private ahead: number | undefined;
  /** Events by hour of the day in the zone that is set, of those without a zone of their own. */
  private readonly hours = new Array<number>(24).fill(0);

  take(record: RecordView, time: number, localHour: number | undefined): void {
    this.count += 1;
    const form = formOf(record);
    this.forms.set(form, (this.forms.get(form) ?? 0) + 1);
    if (localHour !== undefined && form.includes('without')) this.hours[localHour] = (this.hours[localHour] ?? 0) + 1;
    if (time < this.from) this.from = time;
    if (time > this.to) this.to = time;
    if (time > this.clock) this.goOn(time);
    else if (time < this.clock) this.late(this.clock - time);
  }

  found(): TimesFound | undefined {
    if (this.count === 0) return undefined;
    const { from, to, disordered, jumps } = this;
    return {
      ...{ from, to, disordered, jumps },
      forms: [...this.forms].sort(([, a], [, b]) => b - a),
      lateness: SHARES.map((share) => ({ share, millis: this.windowFor(share) })),
      gaps: this.gaps,
      zoneDoubt: this.zoneDoubt(),
    };
  }

  private goOn(time: number): void {
    const step = time - this.clock;
    if (step > JUMP && this.clock > Number.NEGATIVE_INFINITY) {
      // A jump counts once the next event is there, too.
      const { ahead } = this;
      if (ahead === undefined || Math.abs(time - ahead) > JUMP) {
        if (ahead !== undefined) this.jumps += 1;
        this.ahead = time;
        return;
      }
      this.gap(this.clock, Math.min(time, ahead));
    } else {
      if (this.ahead !== undefined) this.jumps += 1;
      if (step > GAP && this.clock > Number.NEGATIVE_INFINITY) this.gap(this.clock, time);
    }
    this.ahead = undefined;
    this.clock = time;
  }

  private gap(from: number, to: number): void {
    this.gaps = [...this.gaps, { from, to }].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, GAPS_KEPT);
  }

  private late(millis: number): void {
    this.disordered += 1;
    if (millis > this.most) this.most = millis;
    const step = Math.ceil(Math.log(millis) / Math.log(STEP));
    this.steps[step] = (this.steps[step] ?? 0) + 1;
  }

  /** The smallest step of the histogram with which so many events are in order; what all need is known exactly. */
  private windowFor(share: number): number {
    if (share === 1) return this.most;
    let left = this.disordered;
    const allowed = this.count * (1 - share);
    for (let step = 0; step < this.steps.length; step += 1) {
      if (left <= allowed) return step === 0 ? 0 : Math.ceil(STEP ** (step - 1));
      left -= this.steps[step] ?? 0;
    }
    return this.most;
  }

  /** People call by day: where the quietest six hours lie in the afternoon, the zone is probably another. */
  private zoneDoubt(): string | undefined {
    const all = this.hours.reduce((sum, count) => sum + count, 0);
    if (all < 1000 || this.to - this.from < 24 * HOUR) return undefined;
    let quietest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let hour = 0; hour < 24; hour += 1) {
      let six = 0;
      for (let next = 0; next < 6; next += 1) six += this.hours[(hour + next) % 24] ?? 0;
      if (six < least) [least, quietest] = [six, hour];
    }
    if (least > all / 12) return undefined;
    // Nights are quiet from about 23 to 7.
    const isNight = quietest >= 20 || quietest <= 5;
    const until = (quietest + 6) % 24;
    return isNight
      ? undefined
      : `hardly any events from ${quietest}:00 to ${until}:00 in the zone that is set: times may be in another one`;
  }
}

function formOf(record: RecordView): string {
  const field = record.shape.slots[SLOT.eventTime] as number;
  const { bytes } = record.block;
  const start = valueStart(record, field);
  const end = valueEnd(record, field);
  const text = bytes[start] === QUOTE;
  if (!text || end - start < 18) {
    const whole = Number(record.block.text(text ? start + 1 : start, text ? end - 1 : end));
    return `${Math.abs(whole) < SECONDS_BELOW ? 'seconds' : 'milliseconds'} since 1970, as ${text ? 'text' : 'number'}`;
  }
  const last = bytes[end - 2] as number;
  if (last === 0x5a) return 'ISO 8601, UTC (Z)';
  // A sign behind the time of day, not one in the date.
  for (let at = end - 2; at > start + 11; at -= 1) if (bytes[at] === 0x2b || bytes[at] === 0x2d) return 'ISO 8601 with an offset';
  return 'ISO 8601 without a zone';
}
