import type { StateStore } from './store.ts';

/** A state that lives as long as the process: for tests, and where nothing is to be left on disk. */
export function createMemoryStore(): StateStore {
  const contexts = new Map<string, { readonly body: Uint8Array; readonly expires: number; readonly ended: boolean }>();
  const meta = new Map<string, string>();
  let held: readonly string[] = [];
  let seen: { readonly body: Uint8Array; readonly expires: number }[] = [];
  return {
    path: ':memory:',
    load: (key) => contexts.get(key)?.body,
    save(key, body, expires, ended) {
      // A copy: the bytes are the caller's.
      contexts.set(key, { body: body.slice(), expires, ended });
    },
    expire(now) {
      for (const [key, { expires }] of contexts) if (expires < now) contexts.delete(key);
      seen = seen.filter(({ expires }) => expires >= now);
    },
    meta: (key) => meta.get(key),
    setMeta(key, value) {
      meta.set(key, value);
    },
    setHeld(texts) {
      held = [...texts];
    },
    held: () => held,
    addSeen(body, expires) {
      seen.push({ body, expires });
    },
    seen: () => seen.map(({ body }) => body),
    // Nobody else sees what a memory holds.
    packs: () => [],
    forgottenTo: () => Number.NEGATIVE_INFINITY,
    memories: () => seen,
    absorb() {},
    commit() {},
    verify() {},
    unfinished: (limit) =>
      [...contexts]
        .filter(([, { ended }]) => !ended)
        .map(([key]) => key)
        .sort()
        .slice(0, limit),
    close() {
      contexts.clear();
    },
  };
}
