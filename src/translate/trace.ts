import type { CallContext } from '../context/call.ts';
import type { Evidence } from '../event/facts.ts';
import type { RecordView } from '../event/record.ts';
import type { Why } from '../rules/why.ts';
import type { OutputKind } from './label.ts';
import type { Account, Reason } from './outcome.ts';

/** What became of one call, event by event, in output order: all that a person needs to follow each decision. */
export interface CallTrace {
  /** 1.0 contactId. */
  readonly contact: string;
  readonly steps: readonly TracedStep[];
}

/** One input event and what came of it. */
export interface TracedStep {
  readonly event: TracedEvent;
  readonly account: Account;
  readonly reason: Reason | undefined;
  readonly message: string | undefined;
  readonly late: boolean;
  /** It belongs to another call, or to none, and shows where an agent of this call is. */
  readonly elsewhere: boolean;
  /** Undefined where it was decided at once. */
  readonly held: Held | undefined;
  /** Those in this call. */
  readonly outputs: readonly TracedOutput[];
  /** Names of the fields that were left out. */
  readonly leftOut: readonly string[];
  /** The call before this event was decided, with what events showed that came while it was held; undefined where no call was looked at. */
  readonly known: CallState | undefined;
  /** The call after it. */
  readonly after: CallState | undefined;
}

/** An input event as it came. */
export interface TracedEvent {
  readonly type: string;
  /** Unix milliseconds; NaN where it has none. */
  readonly time: number;
  readonly source: number;
  readonly line: number;
  readonly offset: number;
  /** The agent whom it names, under the 2.0 id where the table has one. */
  readonly agent: string | undefined;
  /** A 2.0 event already. */
  readonly current: boolean;
  readonly text: string;
}

/** How long an event waited for its evidence. */
export interface Held {
  /** Event time, milliseconds. */
  readonly millis: number;
  /** The event that ended the wait; undefined: the wait ran out. */
  readonly until: Evidence | undefined;
}

/** A 2.0 event of the call. */
export interface TracedOutput {
  readonly id: string;
  readonly type: string;
  readonly kind: OutputKind;
  readonly rule: string;
  readonly why: Why | undefined;
  readonly agent: string | undefined;
  /** Unix milliseconds. */
  readonly time: number;
  readonly text: string;
  readonly evidence: readonly Evidence[];
  /** The wait ran out: the best-supported reading was taken. */
  readonly waited: boolean;
}

/** What is known of a call at one moment. */
export interface CallState {
  readonly callType: string | undefined;
  readonly caller: string | undefined;
  readonly callee: string | undefined;
  readonly agents: readonly {
    readonly agent: string;
    readonly state: CallContext['parts'][number]['state'];
    readonly via: string | undefined;
    readonly group: string | undefined;
    readonly leg: string | undefined;
  }[];
  readonly legs: readonly string[];
  readonly customerLeg: string | undefined;
  readonly consultation: { readonly by: string; readonly with: string | undefined; readonly started: boolean } | undefined;
  readonly transfer: { readonly by: string | undefined; readonly to: string | undefined } | undefined;
  readonly ended: boolean;
}

/** A copy of what is known of a call, to be kept. */
export function stateOf(call: CallContext): CallState {
  const { callType, caller, callee, parts, legs, outsideLeg, consultation, transfer, ended } = call;
  return {
    callType,
    caller,
    callee,
    agents: parts.map(({ agent, state, via, group, leg }) => ({ agent, state, via, group, leg })),
    legs: legs.map(({ id }) => id),
    customerLeg: outsideLeg,
    consultation: consultation && { by: consultation.by, with: consultation.with, started: consultation.started },
    transfer: transfer && { by: transfer.by, to: transfer.to },
    ended,
  };
}

/** The text of a record as it came. */
export function recordText({ block, start, end }: RecordView): string {
  return new TextDecoder().decode(block.bytes.subarray(start, end));
}
