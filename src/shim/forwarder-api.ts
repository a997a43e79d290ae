import type { Attempt, Client } from '../deliver/client.ts';
import type { GateState } from '../deliver/gate.ts';
import type { Outbox, PendingDelivery } from '../store/outbox.ts';

/** What a forwarder works with. Times in milliseconds. */
export interface ForwarderOptions {
  readonly name: string;
  /** Number of the endpoint in the outbox. */
  readonly endpoint: number;
  readonly client: Client;
  readonly concurrency: number;
  /** Events of one request at most; 1: each alone. */
  readonly batch: number;
  /** Requests a second at most; undefined: as many as the endpoint takes. */
  readonly rate: number | undefined;
  readonly schedule: readonly number[];
  readonly outbox: () => Outbox;
  /** Does something to the outbox with the next commit. */
  readonly change: (work: (outbox: Outbox) => void) => void;
  /** Unix time that never goes back. */
  readonly now: () => number;
  readonly random: () => number;
  readonly disabled: boolean;
  readonly watch: ForwarderWatch;
}

/** Who wants to know what a forwarder does: logs and metrics. */
export interface ForwarderWatch {
  /** An attempt to deliver so many events. */
  attempt(attempt: Attempt, seconds: number, events: number): void;
  state(state: GateState, detail: string): void;
  dead(delivery: PendingDelivery, code: string, detail: string): void;
}

/** Sends the events that wait for one endpoint, in order for each contact and each agent. */
export interface Forwarder {
  readonly name: string;
  /** There may be more to send. */
  wake(): void;
  /** An event that was given up is to be sent after all, behind those of its contact and its agent that are on their way. */
  again(row: PendingDelivery): void;
  /** Sends again to an endpoint that was paused or disabled. */
  resume(): void;
  readonly state: GateState;
  /** Starts nothing more and waits for what is under way, so long at most. */
  stop(patience: number): Promise<void>;
}
