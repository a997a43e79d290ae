/** One 2.0 event as it waits for its endpoints. */
export interface OutboxEvent {
  /** Its deterministic id (64 hex digits): `webhook-id` of every delivery. */
  readonly key: string;
  readonly type: string;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
  /** Event time, Unix milliseconds. */
  readonly time: number;
  /** How it came about, as provenance names it: kind, rule, and the journal's number of the event it came from. */
  readonly kind: string;
  readonly rule: string;
  readonly source: number;
  /** The record that it came from, where no journal has it: it was held when an earlier process ended. */
  readonly record?: Uint8Array | undefined;
  /** The event as JSON, without a line feed. */
  readonly body: Uint8Array;
}

/** An event as another mapping writes it. */
export interface EventForm {
  readonly type: string;
  readonly body: Uint8Array;
}

/** An event that an endpoint has not taken yet, in the form that was kept for it. */
export interface PendingDelivery {
  /** Place of the event in the order of the outbox. */
  readonly event: number;
  readonly key: string;
  readonly type: string;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
  /** Place among the events of its contact, from 1. */
  readonly place: number;
  readonly body: Uint8Array;
  /** Attempts that counted, and when the next one is due (Unix milliseconds). */
  readonly attempts: number;
  readonly due: number;
  /** It is not as it was saved: it must not be sent. */
  readonly isDamaged: boolean;
}

/** Why an event ended without being delivered, or a record without being translated. */
export interface DeadLetter {
  readonly stage: 'parse' | 'translate' | 'deliver';
  readonly code: string;
  readonly message: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** The record as it came, or the 2.0 event that was refused. */
  readonly body: Uint8Array;
  /** Of a delivery: which endpoint, and the event's place in the outbox, id, type, contact, agent and place among the contact's events (the gap). */
  readonly endpoint?: string | undefined;
  readonly event?: number | undefined;
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  readonly contact?: string | undefined;
  readonly agent?: string | undefined;
  readonly place?: number | undefined;
}

/** Reason of a dead letter whose event is not as it was saved: it was never sent, and cannot be sent again. */
export const DAMAGED = 'damaged';

/** A dead letter with its number. */
export interface StoredLetter extends DeadLetter {
  readonly id: number;
  /** Of a delivery: how the event came about, and the record that it came from, if it is known. */
  readonly kind?: string | undefined;
  readonly source?: Uint8Array | undefined;
}

/** An event that waits for its endpoint again. `isNew`: behind all others, else where it stood. */
export interface Restored {
  readonly endpoint: number;
  readonly delivery: PendingDelivery;
  readonly isNew: boolean;
}

/** One thing that a translator was told: a record that came, or (no body) that time has passed. */
export interface JournalEntry {
  readonly id: number;
  /** Unix milliseconds, never going back. */
  readonly at: number;
  readonly body: Uint8Array | undefined;
}

/** What an endpoint gets. */
export interface EndpointTakes {
  /** 1.0 events as they came, and no others. */
  readonly isDual: boolean;
  /** Types of 2.0 events; undefined: all. */
  readonly types?: readonly string[] | undefined;
  /** The mapping by which it gets them, if it is not that of the shim. */
  readonly profile?: string | undefined;
}

/** An endpoint as the outbox knows it. */
export interface EndpointRow {
  readonly id: number;
  readonly name: string;
  /** As the shim that ran last was told. */
  readonly takes: EndpointTakes;
  /** It answered 410: nothing is sent to it any more until somebody says so. */
  readonly disabled: boolean;
}

/**
 * What a live shim keeps: what came in since the last checkpoint, and what is to be delivered. As with the rest of a store, changes become
 * durable with the next `commit`, all of them or none.
 */
export interface Outbox {
  /** Notes what the translator is told; returns its number. */
  note(at: number, body: Uint8Array | undefined): number;
  /** All that was noted and not forgotten, in order. */
  noted(): Iterable<JournalEntry>;
  /**
   * A checkpoint holds what was noted: it is not told again, and forgotten, but for records of which events may wait still: an endpoint may
   * refuse them. `slack`: how long before an event waits for its endpoints its record may have come, milliseconds.
   */
  forgetNoted(now: number, slack: number): void;
  /** Known endpoints. */
  endpoints(): readonly EndpointRow[];
  /** The number of an endpoint, new or known. */
  endpoint(name: string): number;
  /** Keeps what an endpoint gets, for whoever works on the state while no shim runs. */
  describe(endpoint: number, takes: EndpointTakes): void;
  disable(endpoint: number, disabled: boolean): void;
  /**
   * Takes in an event for each of some endpoints; false if it is told again after a crash and is there already. `forms`: what each endpoint
   * gets, undefined: the event as it is; none: that goes for all.
   */
  add(event: OutboxEvent, endpoints: readonly number[], now: number, forms?: readonly (EventForm | undefined)[]): boolean;
  /** The first events behind `after` that an endpoint has not taken, in order. */
  pending(endpoint: number, after: number, limit: number): readonly PendingDelivery[];
  /** Events that wait for an endpoint. */
  waiting(endpoint: number): number;
  /** An endpoint has taken an event, or it was given up. */
  settled(endpoint: number, event: number): void;
  /** It is to be tried again. */
  failed(endpoint: number, event: number, attempts: number, due: number): void;
  /** Notes a dead letter; returns its number. */
  dead(letter: DeadLetter): number;
  letters(after: number, limit: number): readonly StoredLetter[];
  /** The last ones, the newest first. */
  latestLetters(limit: number): readonly StoredLetter[];
  letter(id: number): StoredLetter | undefined;
  removeLetter(id: number): void;
  /**
   * An event that was given up waits for its endpoint again, as the letter has it now, under its id and in its place; undefined if the letter
   * is of no delivery.
   */
  restore(letter: StoredLetter, now: number): Restored | undefined;
  letterCount(): number;
  /** Letters of events that were damaged in the state, see {@link DAMAGED}. */
  damagedCount(): number;
  /** Frees room of events that nobody waits for and that came before `before`, a part at a time; true if there may be more. */
  wipe(before: number): boolean;
}
