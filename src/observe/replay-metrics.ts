import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricsPage } from './metrics.ts';
import { ATTEMPT_BUCKETS, PREFIX } from './metrics.ts';

/** What a scrape is told of a replay: read when it comes. Times in milliseconds. */
export interface ReplayGauges {
  readonly delivered: () => number;
  readonly failed: () => number;
  readonly sent: () => number;
  readonly underWay: () => number;
  readonly lag: () => number;
  /** Event time of the event that was sent last, Unix milliseconds. */
  readonly position: () => number | undefined;
  readonly speed: () => number;
  readonly isPaused: () => boolean;
}

/** Metrics of a replay. */
export interface ReplayMetrics extends MetricsPage {
  attempt(outcome: string, seconds: number, events: number): void;
}

/** Metrics of one replay, in Prometheus form. */
export function createReplayMetrics(gauges: ReplayGauges): ReplayMetrics {
  const register = new Registry();
  const registers = [register];
  const deliveries = new Counter({
    name: `${PREFIX}deliveries_total`,
    help: 'Events by what came of an attempt to deliver them',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: `${PREFIX}delivery_seconds`,
    help: 'Time of an attempt to deliver',
    buckets: [...ATTEMPT_BUCKETS],
    registers,
  });
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name: `${PREFIX}replay_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('delivered_events', 'Events that were delivered, in all runs', gauges.delivered);
  gauge('failed_events', 'Events that were given up, in all runs', gauges.failed);
  gauge('sent_events', 'Events that this run has begun to send', gauges.sent);
  gauge('events_under_way', 'Events that are sent, or wait for their turn', gauges.underWay);
  gauge('lag_seconds', 'How late the last event was sent', () => gauges.lag() / 1000);
  gauge('position_timestamp_seconds', 'Event time of the event that was sent last', () => (gauges.position() ?? Number.NaN) / 1000);
  gauge('speed', 'Seconds of event time a second', gauges.speed);
  gauge('paused', '1 while it is paused', () => (gauges.isPaused() ? 1 : 0));
  return {
    attempt(outcome, time, events) {
      deliveries.inc({ outcome }, events);
      seconds.observe(time);
    },
    page: async () => ({ type: register.contentType, text: await register.metrics() }),
  };
}
