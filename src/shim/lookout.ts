import { createHash } from 'node:crypto';
import type { IdTable } from '../event/ids.ts';
import type { Outcome } from '../translate/outcome.ts';
import type { CallTrace } from '../translate/trace.ts';
import type { Tracer } from '../translate/tracer.ts';
import { createTracer } from '../translate/tracer.ts';
import type { Watcher } from '../translate/watch.ts';

/** One of the latest calls, as a list shows it. */
export interface SeenCall {
  /** Stands for the contact where others may see it: in addresses. */
  readonly mark: string;
  readonly contact: string;
  readonly events: number;
  readonly outputs: number;
  /** Of its latest event. */
  readonly type: string;
  /** Event time of that, Unix milliseconds. */
  readonly time: number;
}

/** Follows the latest calls of a shim, for as long as somebody looks. When nobody does, it costs nothing and knows nothing. */
export interface Lookout {
  readonly watcher: Watcher;
  take(outcome: Outcome): void;
  /** With another id table: what was seen so far stays. */
  rename(ids: IdTable): void;
  /** Somebody looks, until the function that is returned is called. `onCall` is told of each event of a call. */
  watch(onCall: (mark: string) => void): () => void;
  calls(): readonly SeenCall[];
  call(mark: string): CallTrace | undefined;
}

/** Calls kept, and events of each. */
const MOST_CALLS = 100;
const MOST_STEPS = 300;
/** Nobody has looked for so long: what was seen is forgotten; milliseconds. */
const PATIENCE = 60_000;

/** How a contact is named where others may see it. */
export function markOf(contact: string): string {
  return createHash('sha256').update(contact).digest('hex').slice(0, 16);
}

/** A lookout that nobody stands on. */
export function createLookout(options: { readonly ids: IdTable; readonly hold: number }): Lookout {
  let tracer: Tracer | undefined;
  let { ids } = options;
  /** By mark, the latest one last. */
  const seen = new Map<string, SeenCall>();
  const listeners = new Set<(mark: string) => void>();
  let forgetting: NodeJS.Timeout | undefined;

  const begin = (): Tracer => createTracer({ contacts: { has: () => true }, ids, hold: options.hold });
  const forget = (): void => {
    tracer = undefined;
    seen.clear();
  };
  const note = (contact: string, outcome: Outcome): void => {
    const mark = markOf(contact);
    const before = seen.get(mark);
    seen.delete(mark);
    const outputs = (before?.outputs ?? 0) + outcome.outputs.length;
    seen.set(mark, { mark, contact, events: (before?.events ?? 0) + 1, outputs, type: outcome.type, time: outcome.time });
    if (seen.size > MOST_CALLS) {
      const [oldest] = seen.values();
      if (oldest !== undefined) {
        seen.delete(oldest.mark);
        tracer?.forget(oldest.contact);
      }
    }
    for (const listener of listeners) listener(mark);
  };

  return {
    watcher: {
      deciding(call, facts, decision, cause) {
        tracer?.watcher.deciding(call, facts, decision, cause);
      },
      decided(call) {
        tracer?.watcher.decided(call);
      },
    },
    take(outcome) {
      if (tracer === undefined) return;
      for (const contact of tracer.take(outcome)) {
        // A call without an end is shown from here on.
        if ((tracer.trace(contact)?.steps.length ?? 0) > MOST_STEPS) tracer.forget(contact);
        note(contact, outcome);
      }
    },
    rename(table) {
      ids = table;
    },
    watch(onCall) {
      clearTimeout(forgetting);
      tracer ??= begin();
      listeners.add(onCall);
      return () => {
        if (!listeners.delete(onCall) || listeners.size > 0) return;
        forgetting = setTimeout(forget, PATIENCE);
        forgetting.unref();
      };
    },
    calls: () => [...seen.values()].reverse(),
    call(mark) {
      const found = seen.get(mark);
      return found === undefined ? undefined : tracer?.trace(found.contact);
    },
  };
}
