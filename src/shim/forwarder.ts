import PQueue from 'p-queue';
import type { Breaker, BreakerState } from '../deliver/breaker.ts';
import { createBreaker } from '../deliver/breaker.ts';
import type { Attempt, Client } from '../deliver/client.ts';
import type { Keyed } from '../deliver/keyed-queue.ts';
import { createKeyedQueue } from '../deliver/keyed-queue.ts';
import { waitAfter } from '../deliver/schedule.ts';
import type { Outbox, PendingDelivery } from '../store/outbox.ts';

/** What a forwarder works with. Times in milliseconds. */
export interface ForwarderOptions {
  readonly name: string;
  /** Number of the endpoint in the outbox. */
  readonly endpoint: number;
  readonly client: Client;
  readonly concurrency: number;
  readonly schedule: readonly number[];
  readonly outbox: () => Outbox;
  /** Does something to the outbox with the next commit. */
  readonly change: (work: (outbox: Outbox) => void) => void;
  /** Unix time that never goes back. */
  readonly now: () => number;
  readonly random: () => number;
  readonly disabled: boolean;
  readonly watch: ForwarderWatch;
}

/** Who wants to know what a forwarder does: logs and metrics. */
export interface ForwarderWatch {
  attempt(attempt: Attempt, seconds: number): void;
  state(state: ForwarderState, detail: string): void;
  dead(delivery: PendingDelivery, code: string, detail: string): void;
}

/** `paused`: the endpoint answers 401 or 403; `disabled`: 410. */
export type ForwarderState = BreakerState | 'paused' | 'disabled';

/** Sends the events that wait for one endpoint, in order for each contact and each agent. */
export interface Forwarder {
  readonly name: string;
  /** There may be more to send. */
  wake(): void;
  /** An event that was given up is to be sent after all, behind those of its contact and its agent that are on their way. */
  again(row: PendingDelivery): void;
  /** Sends again to an endpoint that was paused or disabled. */
  resume(): void;
  readonly state: ForwarderState;
  /** Starts nothing more and waits for what is under way, so long at most. */
  stop(patience: number): Promise<void>;
}

interface Delivery extends Keyed {
  readonly row: PendingDelivery;
  attempts: number;
  due: number;
  /** Attempts that were refused, and those that met nobody: the process counts them for itself. */
  refusals: number;
  misses: number;
}

/** Events in memory: enough to keep all connections busy while the others rest on disk. */
const WINDOW = 2_000;
/** "Other 4xx": so often, then it is given up. */
const REFUSALS = 3;
const REFUSAL_WAIT = 1_000;
/** Between two attempts, whatever the endpoint says. */
const LEAST_WAIT = 100;
const LONGEST_MISS = 30_000;
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 15 * 60_000;
/** A longer timer would run out at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A forwarder; it begins when it is woken. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { endpoint, client, concurrency, schedule, now, random, watch, change } = options;
  const breaker: Breaker = createBreaker(random);
  const queue = createKeyedQueue<Delivery>();
  const sending = new PQueue({ concurrency });
  const timers = new Set<NodeJS.Timeout>();
  let loaded = 0;
  let isStopping = false;
  let isDisabled = options.disabled;
  let pausedUntil = 0;
  let pause = FIRST_PAUSE;
  let told: ForwarderState = isDisabled ? 'disabled' : 'closed';
  let isMore = true;

  const state = (): ForwarderState => (isDisabled ? 'disabled' : pausedUntil > 0 ? 'paused' : breaker.state);
  const tell = (detail: string): void => {
    const current = state();
    if (current === told) return;
    told = current;
    watch.state(current, detail);
  };
  const later = (wait: number, work: () => void): void => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        work();
      },
      Math.min(Math.max(wait, 1), LONGEST_TIMER),
    );
    timers.add(timer);
  };
  const enqueue = (row: PendingDelivery): void =>
    queue.add({ row, keys: keysOf(row), attempts: row.attempts, due: row.due, refusals: 0, misses: 0 });
  const load = (): void => {
    if (!isMore || queue.size > WINDOW / 2) return;
    const rows = options.outbox().pending(endpoint, loaded, WINDOW - queue.size);
    isMore = rows.length === WINDOW - queue.size;
    for (const row of rows) {
      loaded = row.event;
      enqueue(row);
    }
  };
  /** Somebody looks again after a while, once, however often it is asked for. */
  let isLooking = false;
  const lookIn = (wait: number): void => {
    if (isLooking) return;
    isLooking = true;
    later(wait, () => {
      isLooking = false;
      pump();
    });
  };
  /** It is free again after a while; until then it holds those behind it. */
  const putOff = (delivery: Delivery, wait: number): void => {
    later(wait, () => giveBack(delivery));
  };
  const giveBack = (delivery: Delivery): void => {
    queue.back(delivery);
    pump();
  };
  const finish = (delivery: Delivery, work: (outbox: Outbox) => void): void => {
    change(work);
    queue.done(delivery);
  };
  const giveUp = (delivery: Delivery, code: string, detail: string): void => {
    const { event, key, type, contact, agent, place, body } = delivery.row;
    watch.dead(delivery.row, code, detail);
    const letter = {
      stage: 'deliver',
      code,
      message: `${options.name} answered ${detail}`,
      at: now(),
      body,
      endpoint: options.name,
      key,
      type,
      contact,
      agent,
      place,
    } as const;
    finish(delivery, (outbox) => {
      outbox.dead(letter);
      outbox.settled(endpoint, event);
    });
  };
  const tryAgain = (delivery: Delivery, { wait, detail }: Attempt): void => {
    // An outage is not the event's fault: only where others get through does an attempt count.
    if (breaker.state === 'closed') delivery.attempts += 1;
    const next = waitAfter(Math.max(delivery.attempts, 1), schedule, random());
    if (next === undefined) {
      giveUp(delivery, 'gave-up', detail);
      return;
    }
    // The endpoint knows better than our schedule.
    delivery.due = now() + (wait === undefined ? next : Math.max(wait, LEAST_WAIT));
    const { attempts, due } = delivery;
    change((outbox) => outbox.failed(endpoint, delivery.row.event, attempts, due));
    putOff(delivery, due - now());
  };
  const miss = (delivery: Delivery): void => {
    delivery.misses += 1;
    // While the circuit is open its probes decide; an event that alone meets nobody must not be sent in a loop.
    const wait = Math.min(250 * 2 ** Math.min(delivery.misses, 10), LONGEST_MISS);
    putOff(delivery, breaker.state === 'closed' ? (wait / 2) * (1 + random()) : 1);
  };
  const settle = (delivery: Delivery, attempt: Attempt): void => {
    const { outcome, detail, wait } = attempt;
    const { event } = delivery.row;
    switch (outcome) {
      case 'delivered':
        breaker.succeeded();
        pausedUntil = 0;
        pause = FIRST_PAUSE;
        finish(delivery, (outbox) => outbox.settled(endpoint, event));
        break;
      case 'again':
        breaker.failed(performance.now(), wait);
        tryAgain(delivery, attempt);
        break;
      case 'unreachable':
        breaker.failed(performance.now(), undefined);
        miss(delivery);
        break;
      case 'unauthorized':
        // It answers, so the way is open; a wrong secret must not drain the outbox into the dead letters.
        breaker.succeeded();
        pausedUntil = performance.now() + pause;
        pause = Math.min(2 * pause, LONGEST_PAUSE);
        queue.back(delivery);
        break;
      case 'gone':
        breaker.succeeded();
        isDisabled = true;
        change((outbox) => outbox.disable(endpoint, true));
        queue.back(delivery);
        break;
      case 'refused':
        breaker.succeeded();
        delivery.refusals += 1;
        if (delivery.refusals >= REFUSALS) giveUp(delivery, 'refused', detail);
        else putOff(delivery, REFUSAL_WAIT * delivery.refusals ** 2);
        break;
    }
    tell(detail);
  };
  const send = async (delivery: Delivery): Promise<void> => {
    const started = performance.now();
    const attempt = await client.send(delivery.row.key, delivery.row.body, Date.now());
    watch.attempt(attempt, (performance.now() - started) / 1000);
    // What was cut off by the end of the process is not known to have arrived: it is sent again.
    if (isStopping && attempt.outcome === 'unreachable') return;
    settle(delivery, attempt);
  };
  /** True if nothing may be sent now; then somebody looks again when it may. */
  const isHeldUp = (): boolean => {
    if (isStopping || isDisabled) return true;
    const until = Math.max(pausedUntil, breaker.nextTry() ?? 0);
    const wait = until - performance.now();
    if (wait > 0) lookIn(wait);
    return wait > 0;
  };
  /** True if an attempt may start: one alone where it is to find out how things stand. */
  const mayStart = (): boolean => {
    if (pausedUntil > 0) pausedUntil = performance.now() + pause;
    return breaker.mayTry(performance.now());
  };
  function pump(): void {
    load();
    while (sending.pending + sending.size < concurrency && !isHeldUp()) {
      const delivery = queue.take();
      if (delivery === undefined) break;
      if (delivery.due > now()) {
        putOff(delivery, delivery.due - now());
        continue;
      }
      if (!mayStart()) {
        queue.back(delivery);
        break;
      }
      void sending.add(() => send(delivery)).then(pump);
    }
    tell('');
  }

  return {
    name: options.name,
    wake() {
      isMore = true;
      pump();
    },
    again(row) {
      // One further on comes with the others.
      if (row.event > loaded) return;
      enqueue(row);
      pump();
    },
    resume() {
      if (isDisabled) change((outbox) => outbox.disable(endpoint, false));
      isDisabled = false;
      pausedUntil = 0;
      pause = FIRST_PAUSE;
      pump();
    },
    get state() {
      return state();
    },
    async stop(patience) {
      isStopping = true;
      for (const timer of timers) clearTimeout(timer);
      const slow = new Promise<void>((resolve) => setTimeout(resolve, patience).unref());
      await Promise.race([sending.onIdle(), slow]);
      await client.close();
      await sending.onIdle();
    },
  };
}

/** Order holds for each contact, and for each agent: AgentReady must not overtake the AgentRelease before it. */
function keysOf({ contact, agent }: PendingDelivery): readonly string[] {
  const keys: string[] = [];
  if (contact !== undefined) keys.push(`contact ${contact}`);
  if (agent !== undefined) keys.push(`agent ${agent}`);
  return keys;
}
