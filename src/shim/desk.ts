import { toldName } from '../event/told-name.ts';
import type { Outbox, StoredLetter } from '../store/outbox.ts';
import type { LetterFilter, LetterOffice, Redriven } from './letters.ts';
import { lettersOf, purge, redrive } from './letters.ts';

/** A dead letter as it is shown: text where its bytes are text, else base64. */
export interface ShownLetter extends Omit<StoredLetter, 'body' | 'source'> {
  readonly body?: string;
  readonly bodyBase64?: string;
}

/** What can be asked about dead letters, of whoever holds the state. */
export interface LetterDesk {
  /** The first `limit` letters, without their bodies, and how many there are in all. */
  list(filter: LetterFilter, limit: number): Promise<{ readonly letters: readonly ShownLetter[]; readonly count: number }>;
  show(id: number): Promise<ShownLetter | undefined>;
  /** `isRewritten`: refused events are written anew by the mapping of now. */
  redrive(filter: LetterFilter, isRewritten: boolean): Promise<Redriven>;
  purge(filter: LetterFilter): Promise<{ readonly purged: number }>;
  close(): Promise<void>;
}

/** A desk in the process that holds the state. */
export function createDesk(office: LetterOffice, now: () => number): LetterDesk {
  return {
    list: async (filter, limit) => list(office.outbox(), filter, limit),
    async show(id) {
      const letter = office.outbox().letter(id);
      return letter === undefined ? undefined : withBody(letter);
    },
    redrive: (filter, isRewritten) => redrive(office, filter, isRewritten, now),
    purge: async (filter) => ({ purged: await purge(office, filter) }),
    close: async () => {},
  };
}

function list(outbox: Outbox, filter: LetterFilter, limit: number): { readonly letters: readonly ShownLetter[]; readonly count: number } {
  const letters: ShownLetter[] = [];
  let count = 0;
  for (const { body: _, source: __, type, ...letter } of lettersOf(outbox, filter)) {
    count += 1;
    if (letters.length < limit) letters.push({ ...letter, type: type === undefined ? undefined : toldName(type) });
  }
  return { letters, count };
}

function withBody({ body, source: _, ...letter }: StoredLetter): ShownLetter {
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const bytes = Buffer.from(body);
  // Only what comes back as it was is shown as text.
  const shown = text.decode(bytes);
  return Buffer.from(shown, 'utf8').equals(bytes) ? { ...letter, body: shown } : { ...letter, bodyBase64: bytes.toString('base64') };
}
