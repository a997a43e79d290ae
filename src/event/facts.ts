import type { Action } from './action.ts';
import type { EventKind } from './kind.ts';
import type { RecordView } from './record.ts';
import { textOf, valueEnd, valueStart } from './record.ts';
import { SLOT } from './slots.ts';

/** What the engine knows of one event before it asks for more: read once, when its turn has come. */
export interface EventFacts {
  readonly record: RecordView;
  /** Place in the input order of the whole run, from 0. */
  readonly seq: number;
  /** Event time, Unix milliseconds. */
  readonly time: number;
  readonly kind: EventKind;
  /** Those of its kind. */
  readonly type: string;
  readonly action: Action;
  /** True if the event is already a 2.0 event. */
  readonly current: boolean;
  /** True if the operation failed (1.0 `result` other than 0): nothing happened. */
  readonly failed: boolean;
  readonly contact: string | undefined;
  /** The agent whom the event names, under the 2.0 id where the id table has one. */
  readonly agent: string | undefined;
  /** 1.0 `connectId`, 2.0 `channelId`. */
  readonly leg: string | undefined;
  /** Call type as it came. */
  readonly callType: string | undefined;
  /** Where a Ringing or a transfer goes: an agent (under the 2.0 id where the table has one), a number, an extension. */
  readonly destination: string | undefined;
  /** The event's place as evidence, once it was cited. */
  cited: Evidence | undefined;
}

/** An event that speaks for something, as provenance names it. */
export interface Evidence {
  readonly type: string;
  readonly source: number;
  readonly offset: number;
  readonly line: number;
}

/** The place of an event, to be cited as evidence. */
export function evidenceOf(facts: EventFacts): Evidence {
  if (facts.cited === undefined) {
    const { source, offset, line } = facts.record;
    facts.cited = { type: facts.type, source, offset, line };
  }
  return facts.cited;
}

/** True for a leg that carries a consultation (vendor: 1.0 `Consult`, 2.0 `CONSULTANT`). */
export function isConsult(callType: string | undefined): boolean {
  return callType === 'Consult' || callType === 'CONSULTANT';
}

/** Where the parties of a call sit, by its call type in either spelling. */
export type Direction = 'inbound' | 'outbound' | 'internal' | 'double' | 'other';

/** Direction of a call type. */
export function directionOf(callType: string | undefined): Direction {
  switch (callType) {
    case 'Inbound':
    case 'INBOUND':
      return 'inbound';
    case 'Outbound':
    case 'OUTBOUND':
      return 'outbound';
    case 'Internal':
    case 'INTERNAL':
      return 'internal';
    case 'Back2Back':
    case 'BACK2BACK':
      return 'double';
    default:
      return 'other';
  }
}

/** `result` 0, "0", absent, null or empty means that the operation succeeded (semantics, section 2). */
export function hasFailed(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.result] as number;
  if (field < 0) return false;
  const { bytes } = record.block;
  const start = valueStart(record, field);
  // `"0"`, as nearly every event says.
  if (valueEnd(record, field) - start === 3 && bytes[start] === QUOTE && bytes[start + 1] === ZERO) return false;
  const result = textOf(record, field);
  return result !== undefined && result !== '0';
}

const QUOTE = 0x22;
const ZERO = 0x30;
