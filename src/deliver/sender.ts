import PQueue from 'p-queue';
import { batchOf } from './batch.ts';
import type { Attempt } from './client.ts';
import { createGate } from './gate.ts';
import type { Keyed } from './keyed-queue.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import { waitAfter } from './schedule.ts';
import type { Sendable, Sender, SenderOptions } from './sender-api.ts';

interface Delivery<T> extends Keyed {
  readonly item: T;
  attempts: number;
  due: number;
  /** Attempts that were refused, and those that met nobody: the process counts them for itself. */
  refusals: number;
  misses: number;
  /** It was refused together with others: only alone it shows which of them is refused. */
  isSuspect: boolean;
}

/** What goes with one request, and what is to be called when it goes. */
interface Request<T> {
  readonly unit: readonly Delivery<T>[];
  readonly begun: (() => void) | undefined;
}

/** "Other 4xx": so often, then it is given up. */
const REFUSALS = 3;
const REFUSAL_WAIT = 1_000;
/** Between two attempts, whatever the endpoint says. */
const LEAST_WAIT = 100;
const LONGEST_MISS = 30_000;
/** A longer timer would run out at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A sender; it begins when it is pumped. */
export function createSender<T extends Sendable>(options: SenderOptions<T>): Sender<T> {
  const { client, concurrency, schedule, now, random, hooks, rate } = options;
  // What does not fit at once would wait for ever.
  const batch = rate?.of === 'events' ? Math.min(options.batch, rate.limit.most) : options.batch;
  const gate = createGate(random, options.disabled);
  const queue = createKeyedQueue<Delivery<T>>();
  const sending = new PQueue({ concurrency });
  const timers = new Set<NodeJS.Timeout>();
  let isStopping = false;
  let isHeld = false;
  let told = gate.state;

  const tell = (detail: string): void => {
    const current = gate.state;
    if (current === told) return;
    told = current;
    hooks.state(current, detail);
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
  const putOff = (delivery: Delivery<T>, wait: number): void => {
    later(wait, () => giveBack(delivery));
  };
  const giveBack = (delivery: Delivery<T>): void => {
    queue.back(delivery);
    pump();
  };
  const giveUp = (delivery: Delivery<T>, code: string, detail: string): void => {
    hooks.dead(delivery.item, code, detail);
    queue.done(delivery);
  };
  const tryAgain = (delivery: Delivery<T>, { wait, detail }: Attempt): void => {
    // An outage is not the event's fault: only where others get through does an attempt count.
    if (gate.state === 'closed') delivery.attempts += 1;
    const next = waitAfter(Math.max(delivery.attempts, 1), schedule, random());
    if (next === undefined) {
      giveUp(delivery, 'gave-up', detail);
      return;
    }
    // The endpoint knows better than our schedule.
    delivery.due = now() + (wait === undefined ? next : Math.max(wait, LEAST_WAIT));
    hooks.again(delivery.item, delivery.attempts, delivery.due);
    putOff(delivery, delivery.due - now());
  };
  const miss = (delivery: Delivery<T>): void => {
    delivery.misses += 1;
    // While the circuit is open its probes decide; an event that alone meets nobody must not be sent in a loop.
    const wait = Math.min(250 * 2 ** Math.min(delivery.misses, 10), LONGEST_MISS);
    putOff(delivery, gate.state === 'closed' ? (wait / 2) * (1 + random()) : 1);
  };
  /** What the answer says of an event, which was sent with so many others. */
  const judgeEvent = (delivery: Delivery<T>, attempt: Attempt, others: number): void => {
    switch (attempt.outcome) {
      case 'delivered':
        hooks.delivered(delivery.item);
        queue.done(delivery);
        break;
      case 'again':
        tryAgain(delivery, attempt);
        break;
      case 'unreachable':
        miss(delivery);
        break;
      case 'unauthorized':
      case 'gone':
        queue.back(delivery);
        break;
      case 'refused':
        delivery.isSuspect = true;
        if (others > 0) queue.back(delivery);
        else refuse(delivery, attempt);
        break;
    }
  };
  const refuse = (delivery: Delivery<T>, { detail }: Attempt): void => {
    delivery.refusals += 1;
    if (delivery.refusals >= REFUSALS) giveUp(delivery, 'refused', detail);
    else putOff(delivery, REFUSAL_WAIT * delivery.refusals ** 2);
  };
  const send = async ({ unit, begun }: Request<T>): Promise<void> => {
    const started = performance.now();
    hooks.sending?.(unit.map(({ item }) => item));
    const { id, body } = options.batch > 1 ? batchOf(unit.map(({ item }) => item)) : singleOf(unit);
    const attempt = await client.send(id, body, Date.now(), begun);
    hooks.attempt(attempt, (performance.now() - started) / 1000, unit.length);
    // What was cut off by the end of the process is not known to have arrived: it is sent again.
    if (isStopping && attempt.outcome === 'unreachable') return;
    gate.judge(attempt, started, performance.now());
    if (attempt.outcome === 'gone') hooks.disabled(true);
    for (const delivery of unit) judgeEvent(delivery, attempt, unit.length - 1);
    tell(attempt.detail);
    await hooks.kept?.();
  };
  /** True if nothing may be sent now; then somebody looks again when it may. */
  const isHeldUp = (): boolean => {
    if (isStopping || isHeld) return true;
    const wait = gate.closedFor(performance.now());
    if (wait > 0 && wait < Number.POSITIVE_INFINITY) lookIn(wait);
    return wait > 0;
  };
  /** The next event that may be sent now. */
  const next = (): Delivery<T> | undefined => {
    for (;;) {
      const delivery = queue.take();
      if (delivery === undefined || delivery.due <= now()) return delivery;
      putOff(delivery, delivery.due - now());
    }
  };
  /** What goes with a first event: others that are free, but for those that are to be sent alone. */
  const unitOf = (first: Delivery<T>): readonly Delivery<T>[] => {
    const unit = [first];
    const most = first.isSuspect || gate.state !== 'closed' ? 1 : batch;
    while (unit.length < most) {
      const delivery = next();
      if (delivery === undefined) break;
      if (delivery.isSuspect) {
        queue.unget(delivery);
        break;
      }
      unit.push(delivery);
    }
    return unit;
  };
  /** What counts of a request of so many events. */
  const costOf = (events: number): number => (rate?.of === 'events' ? events : 1);
  /** The next request that may be sent now. */
  const nextRequest = (): Request<T> | undefined => {
    if (isHeldUp()) return undefined;
    const first = next();
    if (first === undefined) return undefined;
    const unit = unitOf(first);
    const at = performance.now();
    const cost = costOf(unit.length);
    const wait = rate?.limit.waitFor(cost, at) ?? 0;
    if (wait > 0) lookIn(wait);
    // Last: who asks the gate has to send, since it may be the one attempt that finds out how things stand.
    else if (gate.mayStart(at)) {
      if (rate === undefined) return { unit, begun: undefined };
      const place = rate.limit.take(cost, at);
      return { unit, begun: () => rate.limit.went(place, cost, performance.now()) };
    }
    // In their old places: what is due first goes first.
    for (const delivery of unit.toReversed()) queue.unget(delivery);
    return undefined;
  };
  function pump(): void {
    hooks.more();
    while (sending.pending + sending.size < concurrency) {
      const request = nextRequest();
      if (request === undefined) break;
      void sending.add(() => send(request)).then(pump);
    }
    tell('');
  }

  return {
    add(item) {
      const { attempts, due } = item;
      queue.add({ item, keys: keysOf(item), attempts, due, refusals: 0, misses: 0, isSuspect: false });
    },
    pump,
    hold(held) {
      isHeld = held;
      pump();
    },
    resume() {
      if (gate.state === 'disabled') hooks.disabled(false);
      gate.resume();
      pump();
    },
    get size() {
      return queue.size;
    },
    get state() {
      return gate.state;
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

function singleOf([first]: readonly Delivery<Sendable>[]): { readonly id: string; readonly body: Uint8Array } {
  if (first === undefined) throw new Error('nothing to send');
  return { id: first.item.key, body: first.item.body };
}

/** Order holds for each contact, and for each agent: AgentReady must not overtake the AgentRelease before it. */
function keysOf({ contact, agent }: Sendable): readonly string[] {
  const keys: string[] = [];
  if (contact !== undefined) keys.push(`contact ${contact}`);
  if (agent !== undefined) keys.push(`agent ${agent}`);
  return keys;
}
