import type { Pending, Slot } from './entry.ts';
import { finish } from './entry.ts';
import { Fifo } from './fifo.ts';

/** Undecided events in the order in which their waits end. */
export interface Waiting {
  add(pending: Pending): void;
  /** The first that is still undecided. */
  first(): Pending | undefined;
  /** All that are still undecided, in order. */
  undecided(): readonly Pending[];
}

/** Nothing waits yet. All waits are equally long, so they end in the order in which they began. */
export function createWaiting(): Waiting {
  const pendings = new Fifo<Pending>();
  return {
    add: (pending) => pendings.push(pending),
    first() {
      while (pendings.first()?.decided === true) pendings.take();
      return pendings.first();
    },
    undecided: () => pendings.all().filter((pending) => !pending.decided),
  };
}

/** The slots in output order. */
export interface OutputQueue {
  add(slot: Slot): void;
  /** Emits everything that can be written. */
  flush(emit: (slot: Slot) => void): void;
  readonly size: number;
  waiting(): readonly Slot[];
}

/** `time`: the whole output keeps the order of the slots. `arrival`: only slots of one call or one agent wait for each other. */
export function createOutputQueue(order: 'time' | 'arrival'): OutputQueue {
  const slots = new Fifo<Slot>();
  const complete = (slot: Slot, emit: (slot: Slot) => void): void => {
    finish(slot);
    emit(slot);
  };
  const flushInOrder = (emit: (slot: Slot) => void): void => {
    for (let slot = slots.first(); slot !== undefined && slot.open === 0; slot = slots.first()) {
      slots.take();
      complete(slot, emit);
    }
  };
  const flushUnblocked = (emit: (slot: Slot) => void): void => {
    const blocked = new Set<string>();
    slots.filter((slot) => {
      const keys = [slot.contact, slot.agent].filter((key) => key !== undefined);
      if (slot.open === 0 && !keys.some((key) => blocked.has(key))) {
        complete(slot, emit);
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
      return slots.size;
    },
    waiting: () => slots.all(),
  };
}
