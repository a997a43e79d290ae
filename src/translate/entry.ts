import type { CallContext } from '../context/call.ts';
import type { EventFacts } from '../event/facts.ts';
import type { InputCounts } from './account.ts';
import type { Account, Outcome, Output, Reason } from './outcome.ts';

/** A call in memory, with the events that wait for a decision. */
export interface CallEntry {
  readonly key: string;
  call: CallContext;
  /** Undecided events of the call, in order. */
  queue: Pending[];
  /** Looked up since the last round of eviction. */
  used: boolean;
  dirty: boolean;
  /** Identities in `call.seen` as a set, once they are many. */
  seen: Set<number> | undefined;
  /** Being worked on: not to be written out now. */
  pins: number;
  /** It was written out or has expired: who still holds the entry must look the call up again. */
  gone: boolean;
}

/** An undecided event in its call's queue. */
export interface Pending {
  readonly facts: EventFacts;
  /** It is not an event of the call itself but one of its agent elsewhere. */
  readonly elsewhere: boolean;
  /** Until when evidence is waited for. */
  readonly deadline: number;
  readonly slot: Slot;
  /** A call with a queue stays in memory. */
  readonly entry: CallEntry;
  decided: boolean;
}

/** Outputs in another call than the event's own, which go before its own. */
export interface Ahead {
  readonly contact: string;
  readonly outputs: readonly Output[];
}

/**
 * One input event from its arrival to its end: its place in the output order, and in the end its outcome. One object for all, since
 * there is one for every event.
 */
export interface Slot extends Outcome {
  account: Account;
  reason: Reason | undefined;
  message: string | undefined;
  outputs: readonly Output[];
  leftOut: readonly number[] | undefined;
  /** Books of the event's type. */
  readonly row: InputCounts;
  /** Event time, Unix milliseconds; NaN where there is none. */
  readonly time: number;
  /** Undefined: the record is no event, or was refused. */
  readonly facts: EventFacts | undefined;
  /** The call to which it belongs. */
  readonly entry: CallEntry | undefined;
  /** Decisions that are still open; the outcome is complete at 0. */
  open: number;
  ahead: Ahead[] | undefined;
}

const NO_OUTPUTS: readonly Output[] = [];

/** The slot of an event that is on its way. */
export function slotOf(facts: EventFacts, row: InputCounts, entry: CallEntry | undefined): Slot {
  return {
    account: 'dropped',
    type: facts.type,
    reason: undefined,
    message: undefined,
    record: facts.record,
    outputs: NO_OUTPUTS,
    leftOut: undefined,
    row,
    time: facts.time,
    facts,
    entry,
    open: 1,
    ahead: undefined,
  };
}

/** The slot of a record that ended on arrival. */
export function endedSlot(
  account: Account,
  type: string,
  record: Outcome['record'],
  row: InputCounts,
  reason: Reason,
  message: string | undefined,
): Slot {
  return {
    account,
    type,
    reason,
    message,
    record,
    outputs: NO_OUTPUTS,
    leftOut: undefined,
    row,
    time: Number.NaN,
    facts: undefined,
    entry: undefined,
    open: 0,
    ahead: undefined,
  };
}

/** Completes the outputs of a slot whose decisions are all made: what happened in other calls goes first, by contact. */
export function finish(slot: Slot): void {
  if (slot.ahead === undefined) return;
  const ahead = slot.ahead.sort((a, b) => (a.contact < b.contact ? -1 : 1)).flatMap((each) => each.outputs);
  slot.outputs = [...ahead, ...slot.outputs];
  slot.ahead = undefined;
}
