import { UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { isUntouched, otherKind } from '../pipeline/saved-run.ts';
import type { Outbox } from '../store/outbox.ts';
import type { ShimStore } from '../store/store.ts';
import type { Core, CoreOptions, Refusal } from './core-api.ts';
import { Refused } from './core-api.ts';
import type { Engine, Verdict } from './engine.ts';
import { createEngine } from './engine.ts';
import { keepHouse } from './housekeeping.ts';

/** A change that waits, and who wants to know how it went. */
interface Change {
  readonly work: (outbox: Outbox) => void;
  readonly done?: () => void;
  /** It will not be done any more. */
  readonly lost?: (refused: Refused) => void;
}

interface Waiting {
  readonly records: readonly (RecordView | BadRecord)[];
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

const TICK = 50;
/** From one commit to the next at least, and how long a change may wait that nobody waits for; milliseconds. */
const SPACING = 3;
const LAZINESS = 20;
/** How often a disk that was full is looked at. */
const PROBE = 250;
const CHECKPOINT_AFTER = 10_000;
/** Records of one transaction, unless one request has more: deliveries and new connections wait for the end of each. */
const MOST_IN_GROUP = 200;

/** A conversion's state is not a shim's: its held events and how far it is would be written over. */
function openOwn({ open }: CoreOptions): ShimStore {
  const store = open();
  if (isUntouched(store)) return store;
  store.close();
  throw otherKind(store.path, 'a conversion', 'begin a shim with its calls: --warm-from, and another --state');
}

/** Opens the state and begins to keep time for the events that are held. */
export function createCore(options: CoreOptions): Core {
  const { now } = options.clock;
  let store = openOwn(options);
  let settings = options.engine;
  let takes = options.endpoints;
  let numbers: readonly number[] = [];
  const begin = (): Engine => {
    const endpoints = takes.map(({ name, types, profile }) => ({ number: store.outbox.endpoint(name), types, profile }));
    numbers = endpoints.map(({ number }) => number);
    for (const { number, types, profile } of endpoints) store.outbox.describe(number, { isDual: false, types, profile });
    const dual = options.dual === undefined ? undefined : store.outbox.endpoint(options.dual);
    if (dual !== undefined) store.outbox.describe(dual, { isDual: true });
    const engine = createEngine(store, { ...settings, endpoints, dual });
    // What was done again is as it was: nothing may be left over for a group that fails.
    store.commit();
    return engine;
  };
  let engine = begin();
  options.onClockBehind(options.clock.goOnFrom(engine.time));
  const waiting: Waiting[] = [];
  let changes: Change[] = [];
  const listeners: (() => void)[] = [];
  let isScheduled = false;
  let committed = 0;
  let isClosing = false;
  let isDead = false;
  let isFull = false;
  let refused: Refusal | undefined;
  let checkpointed = now();

  const refuse = (refusal: Refusal | undefined): void => {
    if (refusal?.code !== refused?.code) options.onRefusing(refusal);
    refused = refusal;
  };
  const look = (): void => {
    if (isClosing) refuse({ code: 'stopping', after: 1 });
    else if (isFull || (options.free() ?? Number.POSITIVE_INFINITY) < options.minFree) refuse({ code: 'disk-full', after: 2 });
    else if (numbers.some((endpoint) => store.outbox.waiting(endpoint) >= options.maxOutbox)) refuse({ code: 'outbox-full', after: 5 });
    else refuse(undefined);
  };

  /** After a commit that failed: what is in memory is ahead of what is on disk. */
  const reopen = (): void => {
    store.close();
    store = openOwn(options);
    engine = begin();
  };
  /** Nothing is done any more; whoever waits learns of it. */
  const end = (): void => {
    isDead = true;
    const stopping = new Refused({ code: 'stopping', after: 1 });
    for (const { reject } of waiting.splice(0)) reject(stopping);
    for (const { lost } of changes) lost?.(stopping);
    changes = [];
  };
  const die = (error: unknown): void => {
    end();
    clearInterval(ticking);
    housekeeping.stop();
    options.onFatal(error);
  };
  const failed = (error: unknown, group: readonly Waiting[], undone: readonly Change[]): void => {
    const isDiskFull = error instanceof UpcastError && error.code === 'disk-full';
    for (const { reject } of group) reject(new Refused({ code: 'disk-full', after: 2 }));
    // What was delivered stays delivered: told again with the next commit.
    changes = [...undone, ...changes];
    if (!isDiskFull) {
      die(error);
      return;
    }
    isFull = true;
    look();
    try {
      reopen();
    } catch (cause) {
      if (!(cause instanceof UpcastError) || cause.code !== 'disk-full') die(cause);
    }
  };
  const takeGroup = (): Waiting[] => {
    let records = 0;
    let count = 0;
    while (count < waiting.length && records < MOST_IN_GROUP) {
      records += waiting[count]?.records.length ?? 0;
      count += 1;
    }
    return waiting.splice(0, count);
  };
  const run = (): void => {
    isScheduled = false;
    if (isDead || (isFull && !isClosing)) return;
    const group = takeGroup();
    const work = changes;
    changes = [];
    let verdicts: readonly (readonly Verdict[])[];
    try {
      const at = now();
      engine.advance(at);
      verdicts = group.map(({ records }) => engine.accept(records, at));
      for (const each of work) each.work(store.outbox);
      if (engine.noted >= CHECKPOINT_AFTER) checkpoint(at);
      store.commit();
    } catch (error) {
      settings.capture?.drop();
      failed(error, group, work);
      return;
    }
    committed = performance.now();
    keepCapture();
    for (const { done } of work) done?.();
    for (const [index, { resolve }] of group.entries()) resolve(verdicts[index] ?? []);
    for (const listener of listeners) listener();
    if (waiting.length > 0) isScheduled = setImmediate(run) !== undefined;
    else if (changes.length > 0) scheduleLazily();
  };
  /** What is kept beside the state must not stop it. */
  const keepCapture = (): void => {
    try {
      settings.capture?.flush();
    } catch (error) {
      options.onCaptureLost(error);
    }
  };
  /** Soon for who waits for an answer, but not at once: the more share a flush, the less it costs each. */
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    const wait = committed + SPACING - performance.now();
    if (wait > 1) setTimeout(run, wait);
    else setImmediate(run);
  };
  /** What nobody waits for goes with the next commit, or with one of its own after a while. */
  let isLazy = false;
  const scheduleLazily = (): void => {
    if (isScheduled || isLazy) return;
    isLazy = true;
    setTimeout(() => {
      isLazy = false;
      schedule();
    }, LAZINESS);
  };
  const checkpoint = (at: number): void => {
    engine.checkpoint(at);
    checkpointed = at;
  };
  const housekeeping = keepHouse({
    isOpen: () => !isDead && !isFull,
    checkpoint() {
      if (engine.noted > 0) checkpoint(now());
      else engine.saveTime();
      store.commit();
    },
    wipe() {
      const isMore = store.outbox.wipe(now() - options.keep);
      store.commit();
      return isMore || store.giveBack();
    },
    failed: (error) => failed(error, [], []),
  });
  /** A full disk is tried again by a transaction of its own. */
  let probed = 0;
  const probe = (): void => {
    const at = performance.now();
    if (at - probed < PROBE) return;
    probed = at;
    try {
      store.setMeta('probe', String(now()));
      store.commit();
      isFull = false;
      schedule();
    } catch {
      try {
        reopen();
      } catch {
        // Still no room: the next probe tells.
      }
    }
  };
  const tick = (): void => {
    if (isFull) probe();
    look();
    schedule();
  };
  const ticking = setInterval(tick, TICK);
  look();

  return {
    submit(records) {
      if (refused !== undefined) return Promise.reject(new Refused(refused));
      return new Promise((resolve, reject) => {
        waiting.push({ records, resolve, reject });
        schedule();
      });
    },
    change(work) {
      changes.push({ work });
      scheduleLazily();
    },
    act: (work) =>
      new Promise((resolve, reject) => {
        let value: ReturnType<typeof work>;
        changes.push({
          work(outbox) {
            value = work(outbox);
          },
          done: () => resolve(value),
          lost: reject,
        });
        schedule();
        if (isDead) end();
      }),
    refusal: () => refused,
    onEvents: (listener) => {
      listeners.push(listener);
    },
    get outbox() {
      return store.outbox;
    },
    get translator() {
      return engine.translator;
    },
    rewrite: (letter) => engine.rewrite(letter),
    get shapes() {
      return engine.shapes;
    },
    endpoint: (name) => store.outbox.endpoint(name),
    reload(changed, endpoints) {
      settings = changed;
      takes = takes.map((each) => endpoints.find(({ name }) => name === each.name) ?? each);
      try {
        checkpoint(now());
        store.commit();
        engine = begin();
      } catch (error) {
        failed(error, [], []);
      }
    },
    checkpointAge: () => now() - checkpointed,
    async close() {
      isClosing = true;
      look();
      clearInterval(ticking);
      housekeeping.stop();
      while (!isDead && (waiting.length > 0 || changes.length > 0) && !isFull) run();
      if (!isDead && !isFull) {
        checkpoint(now());
        store.commit();
      }
      // What was to run later finds nothing to do it with.
      end();
      store.close();
      settings.capture?.close();
    },
  };
}
