import type { Target } from '../deliver/client.ts';
import type { Address } from '../observe/listen.ts';
import type { IntakeAuth } from './auth.ts';
import type { EngineOptions } from './engine.ts';
import type { IntakeLimits } from './intake.ts';
import type { IntakeTls } from './tls.ts';

/** An endpoint of the shim. */
export interface EndpointOptions extends Target {
  /** Under which it is known in the state, the logs and the metrics. */
  readonly name: string;
  /** Events of one request at most. */
  readonly batch: number;
  /** Requests a second at most. */
  readonly rate: number | undefined;
  /** The mapping by which it gets events, if it is not that of the shim; a name among the engine's profiles. */
  readonly profile: string | undefined;
  /** Types of 2.0 events that it gets; undefined: all. */
  readonly types: readonly string[] | undefined;
}

/** A live shim as the user asked for it, everything decided. Times in milliseconds, sizes in bytes. */
export interface ShimOptions {
  readonly state: string;
  readonly listen: Address;
  readonly admin: Address;
  readonly engine: Omit<EngineOptions, 'endpoints' | 'maxLine' | 'dupKeys' | 'capture' | 'dual' | 'lookout'>;
  readonly limits: IntakeLimits;
  readonly auth: IntakeAuth;
  /** The intake speaks TLS. */
  readonly tls: IntakeTls | undefined;
  readonly endpoints: readonly EndpointOptions[];
  /** Gets the 1.0 events as they came, for a parallel run. */
  readonly dual: EndpointOptions | undefined;
  readonly maxOutbox: number;
  readonly minFree: number;
  readonly keep: number;
  /** Folder in which what comes in is kept as well. */
  readonly capture: string | undefined;
  /** State of a conversion with whose calls a new shim begins. */
  readonly warmFrom: string | undefined;
  readonly version: string;
  /** Who has it may redrive dead letters in the console; without one the console only shows. */
  readonly adminToken?: string | undefined;
}
