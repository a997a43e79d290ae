import type { ContextStore } from '../translate/contexts.ts';

/** Contexts that a translator has put down since the last checkpoint, over those of the checkpoint. */
export interface Overlay extends ContextStore {
  /** Hands everything on to what lies below. */
  settle(): void;
}

/**
 * Between two checkpoints the store must stay as the last one left it: a shim that was stopped begins there and is told again what came
 * since. What a translator saves meanwhile stays in memory; a checkpoint comes after some thousand events, so that is little.
 */
export function createOverlay(below: ContextStore): Overlay {
  const saved = new Map<string, { readonly body: Uint8Array; readonly expires: number; readonly ended: boolean }>();
  return {
    load: (key) => saved.get(key)?.body ?? below.load(key),
    save(key, body, expires, ended) {
      // A copy: the bytes are the caller's.
      saved.set(key, { body: body.slice(), expires, ended });
    },
    expire: below.expire,
    settle() {
      for (const [key, { body, expires, ended }] of saved) below.save(key, body, expires, ended);
      saved.clear();
    },
  };
}
