import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a scrape is told beside what was counted: read when it comes. */
export interface Gauges {
  readonly inputs: () => Iterable<readonly [string, number]>;
  readonly outputs: () => Iterable<readonly [string, string, number]>;
  readonly held: () => number;
  readonly openContacts: () => number;
  readonly waiting: () => Iterable<readonly [string, number]>;
  readonly breakers: () => Iterable<readonly [string, string]>;
  readonly checkpointAge: () => number;
}

/** The page of `/metrics` and its media type. */
export interface MetricsPage {
  page(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Metrics in Prometheus form: base units, never an id or a number as a label. */
export interface Metrics extends MetricsPage {
  answered(status: number, code: string): void;
  refusedConnection(): void;
  attempt(endpoint: string, outcome: string, seconds: number, events: number): void;
  dead(reason: string): void;
}

/** What the names of all metrics begin with. */
export const PREFIX = 'ccc_upcast_';
/** Bounds for the time of an attempt, seconds. */
export const ATTEMPT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const STATES = ['closed', 'open', 'half-open', 'paused', 'disabled'] as const;

/** Metrics of one shim. */
export function createMetrics(gauges: Gauges): Metrics {
  const register = new Registry();
  const registers = [register];
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  /** Counted elsewhere, and told as it stands. */
  const counted = (name: string, help: string, labelNames: string[], collect: (this: Counter) => void): Counter =>
    new Counter({ name: PREFIX + name, help, labelNames, registers, collect });
  const gauge = (name: string, help: string, labelNames: string[], collect: (this: Gauge) => void): Gauge =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers, collect });
  const requests = counter('requests_total', 'Requests answered', ['status', 'code']);
  const refused = counter('connections_refused_total', 'Connections closed at once, since their address held too many', []);
  const deliveries = counter('deliveries_total', 'Events by what came of an attempt to deliver them', ['endpoint', 'outcome']);
  const dead = counter('dead_letters_total', 'Records and events that ended as dead letters', ['reason']);
  const seconds = new Histogram({
    name: `${PREFIX}delivery_seconds`,
    help: 'Time of an attempt to deliver',
    labelNames: ['endpoint'],
    buckets: [...ATTEMPT_BUCKETS],
    registers,
  });
  counted('events_in_total', 'Events taken in', ['type'], function () {
    this.reset();
    for (const [type, count] of gauges.inputs()) this.inc({ type }, count);
  });
  counted('events_out_total', 'Events put into the outbox', ['type', 'kind'], function () {
    this.reset();
    for (const [type, kind, count] of gauges.outputs()) this.inc({ type, kind }, count);
  });
  gauge('held_events', 'Events that wait for evidence', [], function () {
    this.set(gauges.held());
  });
  gauge('open_contacts', 'Calls that have not ended', [], function () {
    this.set(gauges.openContacts());
  });
  gauge('outbox_events', 'Events that wait for an endpoint', ['endpoint'], function () {
    for (const [endpoint, count] of gauges.waiting()) this.set({ endpoint }, count);
  });
  gauge('breaker_state', '1 for the state an endpoint is in', ['endpoint', 'state'], function () {
    for (const [endpoint, current] of gauges.breakers())
      for (const state of STATES) this.set({ endpoint, state }, state === current ? 1 : 0);
  });
  gauge('checkpoint_age_seconds', 'Time since the last checkpoint', [], function () {
    this.set(gauges.checkpointAge() / 1000);
  });
  return {
    answered: (status, code) => requests.inc({ status: String(status), code }),
    refusedConnection: () => refused.inc(),
    attempt(endpoint, outcome, time, events) {
      deliveries.inc({ endpoint, outcome }, events);
      seconds.observe({ endpoint }, time);
    },
    dead: (reason) => dead.inc({ reason }),
    page: async () => ({ type: register.contentType, text: await register.metrics() }),
  };
}
