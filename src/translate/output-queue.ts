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
  /** False if a slot has to wait for one in the queue, even when nothing about it is open. */
  isFree(slot: Slot): boolean;
  add(slot: Slot): void;
  /** A slot of the queue may have been decided: without it the next flush has nothing to look for. */
  touch(): void;
  /** Emits everything that can be written. */
  flush(emit: (slot: Slot) => void): void;
  readonly size: number;
  /** The first slot in it. */
  first(): Slot | undefined;
  waiting(): readonly Slot[];
}

/** `time`: the whole output keeps the order of the slots. `arrival`: only slots of one call or one agent wait for each other. */
export function createOutputQueue(order: 'time' | 'arrival'): OutputQueue {
  return order === 'time' ? createTimeQueue() : createArrivalQueue();
}

function createTimeQueue(): OutputQueue {
  const slots = new Fifo<Slot>();
  return {
    isFree: () => slots.size === 0,
    add: (slot) => slots.push(slot),
    touch() {},
    flush(emit) {
      for (let slot = slots.first(); slot !== undefined && slot.open === 0; slot = slots.first()) {
        slots.take();
        finish(slot);
        emit(slot);
      }
    },
    get size() {
      return slots.size;
    },
    first: () => slots.first(),
    waiting: () => slots.all(),
  };
}

function createArrivalQueue(): OutputQueue {
  const slots = new Fifo<Slot>();
  /** How many slots of the queue have a contact or an agent. */
  const held = new Map<string, number>();
  let isTouched = false;
  const count = (key: string | undefined, by: 1 | -1): void => {
    if (key === undefined) return;
    const left = (held.get(key) ?? 0) + by;
    if (left === 0) held.delete(key);
    else held.set(key, left);
  };
  return {
    isFree: ({ contact, agent }) => !(contact !== undefined && held.has(contact)) && !(agent !== undefined && held.has(agent)),
    add(slot) {
      slots.push(slot);
      count(slot.contact, 1);
      count(slot.agent, 1);
    },
    touch() {
      isTouched = true;
    },
    flush(emit) {
      if (!isTouched) return;
      isTouched = false;
      const blocked = new Set<string>();
      slots.filter((slot) => {
        const keys = [slot.contact, slot.agent].filter((key) => key !== undefined);
        if (slot.open === 0 && !keys.some((key) => blocked.has(key))) {
          for (const key of keys) count(key, -1);
          finish(slot);
          emit(slot);
          return false;
        }
        for (const key of keys) blocked.add(key);
        return true;
      });
    },
    get size() {
      return slots.size;
    },
    first: () => slots.first(),
    waiting: () => slots.all(),
  };
}
