import type { CallContext } from '../context/call.ts';
import type { EventFacts } from '../event/facts.ts';
import type { Decision } from '../rules/decision.ts';
import type { ArrivedEvent } from './event-ring.ts';

/** Somebody who looks on while a translator decides. It reads; it changes nothing. */
export interface Watcher {
  /**
   * A decision is made and not carried out yet: `call` is what is known of the call at this moment. `cause`: the event whose turn it is;
   * undefined where time alone brought the decision about.
   */
  deciding(call: CallContext | undefined, facts: EventFacts, decision: Decision, cause: ArrivedEvent | undefined): void;
  /** The decision that was told last has been carried out. */
  decided(call: CallContext | undefined): void;
}
