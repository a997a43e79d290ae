import type { BadRecord, RecordView } from '../event/record.ts';
import type { ShapeTree } from '../event/shape.ts';
import type { Outbox } from '../store/outbox.ts';
import type { ShimStore } from '../store/store.ts';
import type { Translator } from '../translate/api.ts';
import type { Clock } from './clock.ts';
import type { Engine, EngineOptions, Verdict } from './engine.ts';
import type { Taker } from './takers.ts';

/** Why nothing is taken in at the moment, and after how many seconds it is worth to ask again. */
export interface Refusal {
  readonly code: 'outbox-full' | 'disk-full' | 'stopping';
  readonly after: number;
}

/** Thrown to a sender whose records were not taken: they are to be sent again. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** What a core works with. */
export interface CoreOptions {
  /** Opens the state; again after a commit that failed. */
  readonly open: () => ShimStore;
  /** Settings of the engine; endpoints by their names. */
  readonly engine: Omit<EngineOptions, 'endpoints' | 'dual'>;
  readonly endpoints: readonly (Omit<Taker, 'number'> & { readonly name: string })[];
  /** The endpoint that gets the 1.0 events as they came. */
  readonly dual: string | undefined;
  /** Events that may wait for an endpoint before nothing more is taken in. */
  readonly maxOutbox: number;
  /** Bytes that must be free where the state is; told by `free` (undefined where the system does not say). */
  readonly minFree: number;
  readonly free: () => number | undefined;
  /** Delivered events are kept for so long, so that the same event sent again is known; milliseconds. */
  readonly keep: number;
  readonly clock: Clock;
  /** The state cannot be written any more, for another reason than a full disk: the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** Told at the start by how many milliseconds the system's clock is behind what an earlier process knew; mostly 0. */
  readonly onClockBehind: (behind: number) => void;
  readonly onRefusing: (refusal: Refusal | undefined) => void;
  /** Something that came in could not be captured. */
  readonly onCaptureLost: (error: unknown) => void;
}

/**
 * The one place where a shim changes its state: what came in, what was delivered and what failed since the last time goes into one
 * transaction, which is flushed to disk before anybody is told. Requests that wait share it.
 */
export interface Core {
  /** Takes records in; resolves when what became of them is on disk. Rejects with {@link Refused}. */
  submit(records: readonly (RecordView | BadRecord)[]): Promise<readonly Verdict[]>;
  /** Does something to the outbox with the next commit. */
  change(work: (outbox: Outbox) => void): void;
  /** The same; resolves with what it gives when that is on disk. */
  act<T>(work: (outbox: Outbox) => T): Promise<T>;
  /** Why nothing is taken in at the moment. */
  refusal(): Refusal | undefined;
  /** Calls back after each commit that put events into the outbox. */
  onEvents(listener: () => void): void;
  readonly outbox: Outbox;
  readonly translator: Translator;
  /** See `Engine.rewrite`. */
  readonly rewrite: Engine['rewrite'];
  /** Shapes of the records that are submitted. */
  readonly shapes: ShapeTree;
  /** The number of an endpoint. */
  endpoint(name: string): number;
  /** Goes on with other settings of the engine, and of endpoints that it has: what was taken in before is as it was. */
  reload(engine: CoreOptions['engine'], endpoints: CoreOptions['endpoints']): void;
  /** Time since the last checkpoint, milliseconds. */
  checkpointAge(): number;
  /** Takes nothing more in, makes everything durable and gives the state free. */
  close(): Promise<void>;
}
