import { hash } from 'node:crypto';
import type { StreamEvent } from './event.ts';

/** Gives each event of a stream its id: that of its provenance, else one that follows from its content. */
export interface Identities {
  /** 64 hex digits. */
  of(event: StreamEvent): string;
  /** Events whose id follows from their content. */
  readonly made: number;
}

/** Events among which the same content is told apart. */
const REMEMBERED = 1 << 16;

/**
 * Ids of a stream, in its order. The same content again is another occurrence, with another id, as long as the one before is among the last
 * 65,536 to 131,072 such events; further apart it has the first one's id, and a receiver that knows ids takes it for the same event, which
 * by its contact and its time to the millisecond it is.
 */
export function createIdentities(): Identities {
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  let made = 0;
  return {
    of({ id, body }) {
      if (id !== undefined) return id;
      made += 1;
      const content = hash('sha256', body, 'hex');
      const before = recent.get(content) ?? older.get(content) ?? 0;
      if (recent.size >= REMEMBERED) {
        older = recent;
        recent = new Map();
      }
      recent.set(content, before + 1);
      return before === 0 ? content : derivedId(content, `occurrence ${before + 1}`);
    },
    get made() {
      return made;
    },
  };
}

/** The id of what was made of an event on purpose: another round, another time. */
export function derivedId(id: string, what: string): string {
  return hash('sha256', `${id} ${what}`, 'hex');
}
