import type { KV } from '@nats-io/kv';

/** How long a worker that shows no sign of life keeps what it has, and how often it shows one; milliseconds. */
export const LEASE = 8_000;
export const SIGN_EVERY = 2_000;
/** A worker that could not show a sign for so long stops by itself, before anybody else may begin. */
const HELD = 6_000;
/** A worker without a sign of life for so long is not spoken of any more. */
const FORGOTTEN = 10 * LEASE;

/** The right to do something that only one worker may do at a time. */
export interface Lease {
  readonly name: string;
  /** False from the moment on when another worker may have it. */
  isHeld(): boolean;
  /** Gives it back, so that another worker need not wait. */
  release(): Promise<void>;
}

/** Who does what among workers. Nobody's clock is compared with another one's: who does not change its entry for long enough is gone. */
export interface Leases {
  /** The lease of a name, if it is free or its holder is gone. */
  take(name: string): Promise<Lease | undefined>;
  /** Shows a sign of life for this worker and all that it holds. */
  sign(): Promise<void>;
  /** Workers that live, this one included. */
  workers(): number;
  /** Looks around once. */
  look(): Promise<void>;
  /** This worker is gone. */
  leave(): Promise<void>;
}

interface Entry {
  readonly worker: string;
}

interface Seen {
  revision: number;
  /** When this worker saw that it had changed. */
  since: number;
  worker: string;
}

interface Held {
  revision: number;
  signed: number;
  isOver: boolean;
}

const WORKER = 'worker.';

/** Leases in a key-value bucket. `keys` tells which there are, and removes one; `now`: milliseconds of a clock that never goes back. */
export function createLeases(
  bucket: KV,
  worker: string,
  keys: { readonly list: () => Promise<readonly string[]>; readonly drop: (key: string) => Promise<void> },
  now: () => number = () => performance.now(),
): Leases {
  const seen = new Map<string, Seen>();
  const held = new Map<string, Held>();
  const body = JSON.stringify({ worker } satisfies Entry);
  let ownRevision = 0;

  const note = (key: string, revision: number, name: string): void => {
    const known = seen.get(key);
    if (known?.revision === revision) return;
    seen.set(key, { revision, since: now(), worker: name });
  };

  const isGone = ({ since }: Seen): boolean => now() - since > LEASE;

  const write = async (key: string, revision: number | undefined): Promise<number | undefined> => {
    try {
      return revision === undefined ? await bucket.create(key, body) : await bucket.update(key, body, revision);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  };

  const leaseOf = (name: string, entry: Held): Lease => ({
    name,
    isHeld: () => !entry.isOver && now() - entry.signed < HELD,
    async release() {
      if (entry.isOver) return;
      entry.isOver = true;
      held.delete(name);
      // Marked as free, not removed: a revision goes on where it was.
      await bucket.update(name, JSON.stringify({ worker: '' } satisfies Entry), entry.revision).catch(() => {});
    },
  });

  return {
    async take(name) {
      const known = seen.get(name);
      if (known !== undefined && known.worker !== '' && known.worker !== worker && !isGone(known)) return undefined;
      const signed = now();
      const revision = await write(name, known?.revision);
      if (revision === undefined) {
        // Somebody was quicker.
        seen.delete(name);
        return undefined;
      }
      note(name, revision, worker);
      const entry: Held = { revision, signed, isOver: false };
      held.set(name, entry);
      return leaseOf(name, entry);
    },
    async sign() {
      const signed = now();
      ownRevision = await bucket.put(`${WORKER}${worker}`, body);
      note(`${WORKER}${worker}`, ownRevision, worker);
      for (const [name, entry] of held) {
        const revision = await write(name, entry.revision);
        if (revision === undefined) {
          entry.isOver = true;
          held.delete(name);
          continue;
        }
        entry.revision = revision;
        entry.signed = signed;
        note(name, revision, worker);
      }
    },
    workers() {
      let count = 1;
      for (const [key, entry] of seen) if (key.startsWith(WORKER) && entry.worker !== worker && !isGone(entry)) count += 1;
      return count;
    },
    async look() {
      const there = await keys.list();
      for (const key of there) {
        const entry = await bucket.get(key);
        if (entry === null) continue;
        if (entry.operation !== 'PUT') seen.delete(key);
        else note(key, entry.revision, entry.json<Entry>().worker);
      }
      for (const [key, { since }] of seen) {
        if (!key.startsWith(WORKER)) continue;
        if (!there.includes(key)) seen.delete(key);
        // One that was killed could not take its entry away.
        else if (now() - since > FORGOTTEN) await keys.drop(key).catch(() => {});
      }
    },
    async leave() {
      await keys.drop(`${WORKER}${worker}`).catch(() => {});
    },
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && /wrong last sequence|key exists/i.test(error.message);
}
