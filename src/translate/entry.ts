import type { CallContext } from '../context/call.ts';
import type { Action } from '../event/action.ts';
import type { EventFacts, Evidence } from '../event/facts.ts';
import type { EventKind } from '../event/kind.ts';
import type { RecordView } from '../event/record.ts';
import type { InputCounts } from './account.ts';
import type { ArrivedEvent } from './event-ring.ts';
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
  readonly slot: Slot;
  /** It is not an event of the call itself but one of its agent elsewhere. */
  readonly elsewhere: boolean;
  /** Until when evidence is waited for. */
  readonly deadline: number;
  /** A call with a queue stays in memory. */
  readonly entry: CallEntry;
  decided: boolean;
}

/** Outputs in another call than the event's own, which go before its own. */
export interface Ahead {
  readonly contact: string;
  readonly outputs: readonly Output[];
}

const NO_OUTPUTS: readonly Output[] = [];

/**
 * One input event from its turn to its end: what is known of it, its place in the output order, and in the end its outcome. One object
 * for all, since there is one for every event.
 */
export class Slot implements EventFacts, Outcome {
  readonly record: RecordView;
  readonly kind: EventKind;
  readonly seq: number;
  /** Event time, Unix milliseconds; NaN where there is none. */
  readonly time: number;
  readonly current: boolean;
  readonly home: boolean;
  /** Late: it is written at once, whatever waits before it. */
  readonly late: boolean;
  /** Books of the event's type. */
  readonly row: InputCounts;
  failed: boolean = false;
  agent: string | undefined = undefined;
  leg: string | undefined = undefined;
  callType: string | undefined = undefined;
  destination: string | undefined = undefined;
  cited: Evidence | undefined = undefined;
  /** The call to which it belongs; known once its turn has come. */
  entry: CallEntry | undefined = undefined;
  account: Account = 'dropped';
  reason: Reason | undefined = undefined;
  message: string | undefined = undefined;
  outputs: readonly Output[] = NO_OUTPUTS;
  leftOut: readonly number[] | undefined = undefined;
  /** Decisions that are still open; the outcome is complete at 0. */
  open: number = 1;
  ahead: Ahead[] | undefined = undefined;

  constructor(event: ArrivedEvent, row: InputCounts, late: boolean) {
    this.record = event.record;
    this.kind = event.kind;
    this.seq = event.seq;
    this.time = event.time;
    this.current = event.current;
    this.home = event.home;
    this.late = late;
    this.row = row;
  }

  get type(): string {
    return this.kind.type;
  }

  get action(): Action {
    return this.kind.action;
  }

  get contact(): string | undefined {
    return this.entry?.key;
  }

  /** Ends it without an output. */
  end(account: Account, reason: Reason, message: string | undefined): void {
    this.account = account;
    this.reason = reason;
    this.message = message;
    this.open = 0;
  }
}

/** Completes the outputs of a slot whose decisions are all made: what happened in other calls goes first, by contact. */
export function finish(slot: Slot): void {
  if (slot.ahead === undefined) return;
  const ahead = slot.ahead.sort((a, b) => (a.contact < b.contact ? -1 : 1)).flatMap((each) => each.outputs);
  slot.outputs = [...ahead, ...slot.outputs];
  slot.ahead = undefined;
}

export const NO_EVENTS: readonly EventFacts[] = [];

/** The events of a call that wait behind its first undecided one: where its evidence may be. */
export function eventsBehind(entry: CallEntry): readonly EventFacts[] {
  return entry.queue.length === 1 ? NO_EVENTS : eventsFrom(entry, 1);
}

/** The events of a call that wait. */
export function eventsIn(entry: CallEntry): readonly EventFacts[] {
  return entry.queue.length === 0 ? NO_EVENTS : eventsFrom(entry, 0);
}

function eventsFrom({ queue }: CallEntry, first: number): readonly EventFacts[] {
  const events: EventFacts[] = [];
  for (let at = first; at < queue.length; at += 1) {
    const pending = queue[at] as Pending;
    if (!pending.elsewhere) events.push(pending.slot);
  }
  return events;
}
