import type { Target } from '../deliver/client.ts';
import type { ConvertJob } from '../pipeline/job.ts';

/** Where a replay sends events. `maxRequests`: requests a second at most. */
export type ReplayTarget =
  | { readonly kind: 'http'; readonly client: Target; readonly batch: number; readonly maxRequests: number | undefined }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' };

/** Which events are meant; what is left out does not matter. Times in Unix milliseconds. */
export interface Selection {
  readonly since: number | undefined;
  /** Up to, but not at. */
  readonly until: number | undefined;
  readonly types: readonly string[] | undefined;
  readonly contacts: readonly string[] | undefined;
  readonly agents: readonly string[] | undefined;
  /** Share of the contacts, 0 to 1. */
  readonly sample: number | undefined;
  /** So many events at most. */
  readonly limit: number | undefined;
}

/** When events are sent. Times in milliseconds. */
export interface Tempo {
  /** Seconds of event time a second; Infinity: as fast as it goes. */
  readonly speed: number;
  /** Events a second at most. */
  readonly rate: number | undefined;
  /** Silences are no longer than this, in event time. */
  readonly maxGap: number | undefined;
  /** Unix time of the first event. */
  readonly startAt: number | undefined;
}

/** How 1.0 logs are translated on the way. */
export type Translation = Pick<ConvertJob, 'mapping' | 'ids' | 'timeZone' | 'lateness' | 'hold' | 'idle' | 'retention' | 'maxJump'>;

/** A replay as the user asked for it, everything decided. Times in milliseconds, `-` = stdin. */
export interface ReplayJob extends Translation, Pick<ConvertJob, 'maxLine' | 'dupKeys' | 'allowTruncated' | 'rs' | 'eventAt'> {
  readonly inputs: readonly string[];
  /** What the inputs are. */
  readonly from: '1.0' | '2.0';
  /** A provenance file beside the one input, for the ids. */
  readonly provenance: string | undefined;
  readonly selection: Selection;
  /** The selection as the user wrote it: the same words are the same selection, whenever they are said. */
  readonly selectionText: string;
  readonly tempo: Tempo;
  /** How often the inputs are sent, one after the other. */
  readonly rounds: number;
  /** Times are moved so that the first event happens when the replay begins. */
  readonly restamp: boolean;
  readonly target: ReplayTarget;
  /** Without any success for so long, the target is given up. */
  readonly giveUp: number;
  /** State file; undefined: the replay cannot be gone on with. */
  readonly state: string | undefined;
  /** For so long the receiver knows what it has got already. */
  readonly receiverWindow: number;
  readonly restart: boolean;
  readonly force: boolean;
  readonly receipts: string | undefined;
  readonly deadLetters: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Where a replay sends events, for a person: a query may hold a secret. */
export function targetName({ target }: Pick<ReplayJob, 'target'>): string {
  if (target.kind === 'http') return `${target.client.url.origin}${target.client.url.pathname}`;
  return target.kind === 'file' ? target.path : 'stdout';
}
