import type { Action } from './action.ts';
import { actionOf } from './action.ts';
import { CURRENT_EVENTS, LEGACY_EVENTS } from './names.ts';

const LEGACY_NAMES: ReadonlySet<string> = new Set(LEGACY_EVENTS);
const CURRENT_NAMES: ReadonlySet<string> = new Set(CURRENT_EVENTS);
const KINDS_KEPT = 1000;

/** What follows from an event's type alone: worked out once per type, not once per event. */
export interface EventKind {
  readonly type: string;
  readonly action: Action;
  /** 1.0 has an event of this name. */
  readonly isLegacy: boolean;
  /** 2.0 has an event of this name. */
  readonly isCurrent: boolean;
  /** Small number that stands for the type, or -1 once there are more types than any honest log holds. */
  readonly index: number;
}

/** That of a record without a type. */
export const NO_KIND: EventKind = { type: '', action: 'Other', isLegacy: false, isCurrent: false, index: -1 };

/** The kinds of events met so far. */
export function createKinds(): (type: string) => EventKind {
  const kinds = new Map<string, EventKind>();
  return (type) => {
    const found = kinds.get(type);
    if (found !== undefined) return found;
    const isKept = kinds.size < KINDS_KEPT;
    const kind: EventKind = {
      type,
      action: actionOf(type),
      isLegacy: LEGACY_NAMES.has(type),
      isCurrent: CURRENT_NAMES.has(type),
      index: isKept ? kinds.size : -1,
    };
    if (isKept) kinds.set(type, kind);
    return kind;
  };
}
