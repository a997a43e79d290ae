import type { EventFacts } from '../event/facts.ts';
import type { Outcome, Output } from './outcome.ts';

/** An undecided event in its call's queue. */
export interface Pending {
  readonly facts: EventFacts;
  /** It is not an event of the call itself but one of its agent elsewhere. */
  readonly elsewhere: boolean;
  /** Until when evidence is waited for. */
  readonly deadline: number;
  readonly slot: Slot;
  readonly contact: string;
  decided: boolean;
}

/** The place of one input event in the output order; it is written once nothing that stands in it is undecided. */
export interface Slot {
  readonly facts: EventFacts;
  /** Decisions that are still open. */
  open: number;
  /** Outputs in other contacts that go before the event's own. */
  readonly ahead: { readonly contact: string; readonly outputs: readonly Output[] }[];
  outcome: Outcome | undefined;
}

/** Undecided events in the order in which their waits end. */
export interface Waiting {
  add(pending: Pending): void;
  /** The first that is still undecided. */
  first(): Pending | undefined;
}

/** Nothing waits yet. All waits are equally long, so they end in the order in which they began. */
export function createWaiting(): Waiting {
  let pendings: Pending[] = [];
  let head = 0;
  return {
    add: (pending) => pendings.push(pending),
    first() {
      while (head < pendings.length && (pendings[head] as Pending).decided) head += 1;
      if (head > 1024 && head * 2 > pendings.length) {
        pendings = pendings.slice(head);
        head = 0;
      }
      return pendings[head];
    },
  };
}

/** The slots in output order. */
export interface OutputQueue {
  add(slot: Slot): void;
  /** Emits everything that can be written. */
  flush(emit: (outcome: Outcome) => void): void;
  readonly size: number;
  waiting(): readonly Slot[];
}

/** `time`: the whole output keeps the order of the slots. `arrival`: only slots of one call or one agent wait for each other. */
export function createOutputQueue(order: 'time' | 'arrival'): OutputQueue {
  let slots: Slot[] = [];
  let head = 0;
  const flushInOrder = (emit: (outcome: Outcome) => void): void => {
    while (head < slots.length && (slots[head] as Slot).open === 0) {
      emit(finish(slots[head] as Slot));
      head += 1;
    }
    if (head > 1024 && head * 2 > slots.length) {
      slots = slots.slice(head);
      head = 0;
    }
  };
  const flushUnblocked = (emit: (outcome: Outcome) => void): void => {
    const blocked = new Set<string>();
    slots = slots.filter((slot) => {
      const keys = [slot.facts.contact, slot.facts.agent].filter((key) => key !== undefined);
      if (slot.open === 0 && !keys.some((key) => blocked.has(key))) {
        emit(finish(slot));
        return false;
      }
      for (const key of keys) blocked.add(key);
      return true;
    });
  };
  return {
    add: (slot) => slots.push(slot),
    flush: order === 'time' ? flushInOrder : flushUnblocked,
    get size() {
      return slots.length - head;
    },
    waiting: () => slots.slice(head),
  };
}

/** The outcome of a slot whose decisions are all made: what happened in other calls goes first, by contact. */
export function finish(slot: Slot): Outcome {
  const outcome = slot.outcome as Outcome;
  if (slot.ahead.length === 0) return outcome;
  const ahead = [...slot.ahead].sort((a, b) => (a.contact < b.contact ? -1 : 1)).flatMap((each) => each.outputs);
  return ahead.length === 0 ? outcome : { ...outcome, outputs: [...ahead, ...outcome.outputs] };
}
